package workdayinstance

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// plain is an address that everybody reads in the same way: JumpCloud must not
// find another host in it than the one that was looked at.
var plain = regexp.MustCompile(`^https://([A-Za-z0-9.-]+)(:443)?([/?#]|$)`)

// Validate says what is wrong with where a spec has the report, beyond what the API
// server checks; "" if nothing is. Without an Organization, every host is admitted.
func Validate(spec *v1alpha1.WorkdayInstanceSpec, organization *v1alpha1.Organization) string {
	if organization == nil {
		return checkReport(spec.ReportURL, []string{hostOf(spec.ReportURL)}, false)
	}
	return checkReport(spec.ReportURL, organization.Spec.WorkdayHosts, false)
}

// checkReport says what is wrong with where a report is, if anything is: the
// credentials go there. hosts are those of the Organization.
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

// matches reports whether a host is the one of a pattern, or a subdomain of one
// that begins with "*.".
func matches(host, pattern string) bool {
	if parent, ok := strings.CutPrefix(pattern, "*"); ok && strings.HasPrefix(parent, ".") {
		return strings.HasSuffix(host, parent) && len(host) > len(parent)
	}
	return host == pattern
}

// hostOf names the host that a report is read from, such as wd.example.com; with
// scheme and port, where they are not those of https. "": there is none.
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
