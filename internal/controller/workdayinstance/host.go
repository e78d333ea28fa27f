package workdayinstance

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// plain matches a URL that everybody reads in the same way: JumpCloud must not find another
// host in it than the operator checked.
var plain = regexp.MustCompile(`^https://([A-Za-z0-9.-]+)(:443)?([/?#]|$)`)

// Validate returns what is wrong with the report URL of a spec, beyond what the API server
// checks; "" if nothing is. Without an Organization, every host is admitted.
func Validate(spec *v1alpha1.WorkdayInstanceSpec, organization *v1alpha1.Organization) string {
	if organization == nil {
		return checkReport(spec.ReportURL, []string{hostOf(spec.ReportURL)}, false)
	}
	return checkReport(spec.ReportURL, organization.Spec.WorkdayHosts, false)
}

// checkReport returns what is wrong with a report URL; "" if nothing is. The credentials go to
// its host, which must be one of hosts, those of the Organization. override admits any host.
func checkReport(reportURL string, hosts []string, override bool) string {
	if override {
		if hostOf(reportURL) == "" {
			return "spec.reportURL is no URL with a host. Correct it."
		}
		return ""
	}
	match := plain.FindStringSubmatch(reportURL)
	if match == nil {
		return "spec.reportURL must begin with https:// and a host name, without a user and with no port but 443: Workday's credentials go there. Correct it."
	}
	for _, pattern := range hosts {
		if matches(strings.ToLower(match[1]), strings.ToLower(pattern)) {
			return ""
		}
	}
	return fmt.Sprintf("spec.reportURL names the host %s, and the Organization's spec.workdayHosts has no such host: Workday's credentials go nowhere else. "+
		"Correct spec.reportURL, or let the Organization's owner add the host.", text.Clip(match[1], maxText))
}

// matches reports whether a host is that of a pattern, or a subdomain if the pattern begins
// with "*.".
func matches(host, pattern string) bool {
	if parent, ok := strings.CutPrefix(pattern, "*"); ok && strings.HasPrefix(parent, ".") {
		return strings.HasSuffix(host, parent) && len(host) > len(parent)
	}
	return host == pattern
}

// hostOf returns the host that a report is read from, such as wd.example.com, with scheme and
// port if they are not those of https; "": there is none.
func hostOf(reportURL string) string {
	u, err := url.Parse(reportURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + host
}

// moved reports whether credentials were given for another host than the
// declared one.
func moved(object *v1alpha1.WorkdayInstance) bool {
	auth := object.Status.Auth
	return auth != nil && auth.Host != "" && auth.Host != hostOf(object.Spec.ReportURL)
}
