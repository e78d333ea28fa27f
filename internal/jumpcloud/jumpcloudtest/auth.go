package jumpcloudtest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	v1Path            = "/api"
	v2Path            = "/api/v2"
	organizationsPath = v1Path + "/organizations"
	searchPath        = v1Path + "/search/systemusers"
	tokenPath         = "/oauth2/token"
	loginPath         = "/login"
)

// caller is the credential and the organization of a request, or the reason to refuse it.
type caller struct {
	credential   *Credential
	organization *Organization // nil where the route concerns none
	problem      *refusal
	redirect     string
}

// identify runs before routing: a bad key on an unknown path gets 401 (observed).
func (s *Server) identify(r *http.Request, now time.Time) caller {
	path := cleanPath(r.URL.Path)
	if path == v1Path || path == v2Path || !strings.HasPrefix(path, v1Path+"/") {
		return caller{}
	}
	credential, problem := s.authenticate(r.Header, now)
	switch {
	case problem != nil:
		return caller{problem: problem}
	case credential == nil:
		return caller{redirect: loginPath}
	}
	organization, problem := s.chooseOrganization(credential, path, r.Header)
	if problem == nil && credential.ReadOnly && (Request{Method: r.Method, Path: path}).Mutating() {
		problem = refuse(403, "Forbidden")
	}
	return caller{credential: credential, organization: organization, problem: problem}
}

// authenticate returns neither a credential nor a refusal if the request carries no
// credential. The answer to a wrong key is observed; that an expired token gets the same one
// is assumed.
func (s *Server) authenticate(header http.Header, now time.Time) (*Credential, *refusal) {
	var found *Credential
	key := header.Get("X-Api-Key")
	scheme, bearer, _ := strings.Cut(header.Get("Authorization"), " ")
	switch {
	case key != "":
		found = s.credentials.byKey(key, now)
	case strings.EqualFold(scheme, "Bearer"):
		found = s.credentials.byToken(bearer, now)
	default:
		return nil, nil
	}
	if found == nil {
		return nil, &refusal{status: 401, code: "Unauthorized", message: "Unauthorized: api key user not found"}
	}
	return found, nil
}

// chooseOrganization applies the rules for x-org-id (documented). It is assumed that an
// organization of another customer counts as not found.
func (s *Server) chooseOrganization(c *Credential, path string, header http.Header) (*Organization, *refusal) {
	id := header.Get("X-Org-Id")
	_, sent := header["X-Org-Id"]
	first := s.organization(c.Organizations[0])
	if path == organizationsPath {
		if sent {
			return nil, refuse(403, "x-org-id is not supported by this route")
		}
		if c.multiTenant() {
			return nil, nil
		}
		return first, nil
	}
	if sent && !idPattern.MatchString(id) {
		return nil, refuse(400, "x-org-id is malformed")
	}
	if named, ok := strings.CutPrefix(path, organizationsPath+"/"); ok {
		switch {
		case sent && id != named:
			return nil, refuse(400, "x-org-id differs from the organization in the path")
		case !slices.Contains(c.Organizations, named) || s.organization(named) == nil:
			return nil, refuse(403, "Forbidden")
		}
		return s.organization(named), nil
	}
	if path == nextEventsPath && s.behavior.NextEventsIgnoreOrgHeader && first != nil {
		return first, nil
	}
	switch {
	case sent && (!slices.Contains(c.Organizations, id) || s.organization(id) == nil):
		return nil, refuse(404, "Organization not found")
	case sent:
		return s.organization(id), nil
	case c.multiTenant() && !s.behavior.MultiTenantDefault:
		return nil, refuse(401, "x-org-id is required")
	case first == nil:
		return nil, refuse(404, "Organization not found")
	}
	return first, nil
}

// cleanPath removes a trailing slash, which collections tolerate.
func cleanPath(path string) string {
	if len(path) > 1 {
		return strings.TrimSuffix(path, "/")
	}
	return path
}
