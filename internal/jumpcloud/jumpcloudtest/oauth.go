package jumpcloudtest

import (
	"net/http"
	"net/url"
)

// loginPage is where a request without credentials ends up if it follows the redirect: HTML,
// with status 200.
const loginPage = "<!DOCTYPE html><html><head><title>JumpCloud</title></head><body><h1>Log in</h1></body></html>\n"

func (x *exchange) login() {
	x.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = x.WriteString(loginPage)
}

// issueToken is the token endpoint: client credentials, where the client authenticates by HTTP
// Basic only (observed).
func (x *exchange) issueToken() {
	form, err := url.ParseQuery(string(x.body))
	if err != nil || mediaType(x.request) != "application/x-www-form-urlencoded" {
		x.refuseToken(http.StatusBadRequest, "invalid_request", "the body must be a form")
		return
	}
	account := x.basicAccount()
	switch {
	case account == nil || !account.validAt(x.now):
		x.Header().Set("WWW-Authenticate", "Basic")
		x.refuseToken(http.StatusUnauthorized, "invalid_client", "client authentication failed")
	case form.Get("grant_type") != "client_credentials":
		x.refuseToken(http.StatusBadRequest, "unsupported_grant_type", "the grant type is not supported")
	case form.Get("scope") != "api":
		x.refuseToken(http.StatusBadRequest, "invalid_scope", "the scope must be api")
	default:
		text, lifetime := x.server.credentials.issue(account, x.now)
		x.Header().Set("Cache-Control", "no-store")
		x.json(http.StatusOK, map[string]any{
			"access_token": text, "token_type": "bearer", "expires_in": int(lifetime.Seconds()),
		})
	}
}

// basicAccount returns the service account that the request authenticates, or nil. RFC 6749
// requires id and secret to be form-encoded before they are joined.
func (x *exchange) basicAccount() *Credential {
	username, password, ok := x.request.BasicAuth()
	if !ok {
		return nil
	}
	id, errID := url.QueryUnescape(username)
	secret, errSecret := url.QueryUnescape(password)
	account := x.server.credentials.accounts[id]
	if errID != nil || errSecret != nil || account == nil || account.ClientSecret != secret {
		return nil
	}
	return account
}

func (x *exchange) refuseToken(status int, code, description string) {
	x.json(status, map[string]any{"error": code, "error_description": description})
}
