package workdayinstance

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestCheckReport(t *testing.T) {
	hosts := []string{"*.workday.com", "wd.Example.com"}
	for address, admitted := range map[string]bool{
		"https://wd5.workday.com/ccx?format=json":      true,
		"https://WD5.Workday.COM/ccx":                  true,
		"https://a.b.workday.com":                      true,
		"https://wd5.workday.com:443/ccx":              true,
		"https://wd.example.com/ccx":                   true,
		"https://wd5.workday.com?x=y":                  true,
		"https://wd5.workday.com#x":                    true,
		"http://wd5.workday.com/ccx":                   false,
		"HTTPS://wd5.workday.com/ccx":                  false,
		"https://workday.com/ccx":                      false,
		"https://.workday.com/ccx":                     false,
		"https://evilworkday.com/ccx":                  false,
		"https://wd5.workday.com.evil.example/ccx":     false,
		"https://evil.example/wd5.workday.com":         false,
		"https://evil.example?.workday.com":            false,
		"https://evil.example#.workday.com":            false,
		"https://sub.wd.example.com/ccx":               false,
		"https://wd5.workday.com:8443/ccx":             false,
		"https://wd5.workday.com@evil.example/ccx":     false,
		"https://user:pw@wd5.workday.com/ccx":          false,
		`https://evil.example\@wd5.workday.com/ccx`:    false,
		`https://evil.example\.workday.com/ccx`:        false,
		"https://evil.example%2f.workday.com/ccx":      false,
		"https://evil.example%00.workday.com":          false,
		"https://evil.example。workday.com/ccx":         false,
		"https://[::1].workday.com/ccx":                false,
		"https://wd5.workday.com./ccx":                 false,
		"https://evil.example\t.workday.com":           false,
		"https://evil.example;@x.workday.com/ccx":      false,
		"https:///wd5.workday.com/ccx":                 false,
		"https:/wd5.workday.com/ccx":                   false,
		"//wd5.workday.com/ccx":                        false,
		"":                                             false,
		"file://wd5.workday.com/etc/passwd":            false,
		"\thttps://wd5.workday.com/ccx":                false,
		"https://evil.example/\nhttps://a.workday.com": false,
	} {
		t.Run(address, func(t *testing.T) {
			g := NewWithT(t)
			problem := checkReport(address, hosts, false)
			if admitted {
				g.Expect(problem).To(BeEmpty())
			} else {
				g.Expect(problem).NotTo(BeEmpty())
			}
			g.Expect(len(problem)).To(BeNumerically("<", 1024))
			g.Expect(checkReport(address, nil, false)).NotTo(BeEmpty(), "no host is admitted by itself")
		})
	}
	g := NewWithT(t)
	g.Expect(checkReport("http://127.0.0.1:8080/x", nil, true)).To(BeEmpty())
	g.Expect(checkReport("http:///x", nil, true)).NotTo(BeEmpty())
	g.Expect(checkReport("https://a.com/x", []string{"*"}, false)).NotTo(BeEmpty(), "a * alone is no pattern")
}

func TestHostOf(t *testing.T) {
	for address, host := range map[string]string{
		"https://WD.example.com/x": "wd.example.com", "https://wd.example.com:443": "wd.example.com",
		"https://wd.example.com:8443/x": "wd.example.com:8443", "http://wd.example.com/x": "http://wd.example.com",
		"http://127.0.0.1:80/": "http://127.0.0.1:80", "https://user@wd.example.com/": "wd.example.com",
		"": "", "wd.example.com": "", "ftp://wd.example.com": "", "https://%zz": "",
	} {
		NewWithT(t).Expect(hostOf(address)).To(Equal(host), address)
	}
}
