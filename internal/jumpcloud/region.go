package jumpcloud

// BaseURL returns the URLs of a JumpCloud region, US, EU or IN (API hosts observed): the base
// URL of the API and the URL of the OAuth token endpoint. IN's token endpoint is unknown and
// returned as "". No endpoint says which region a credential belongs to: other regions answer
// it with 401.
func BaseURL(region string) (api, token string, ok bool) {
	switch region {
	case "US":
		return "https://console.jumpcloud.com", "https://admin-oauth.id.jumpcloud.com/oauth2/token", true
	case "EU":
		return "https://console.eu.jumpcloud.com", "https://admin-oauth.id.eu.jumpcloud.com/oauth2/token", true
	case "IN":
		return "https://console.in.jumpcloud.com", "", true
	default:
		return "", "", false
	}
}
