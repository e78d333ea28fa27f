package definition

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func liveGroup(t *testing.T, record string) *jumpcloud.UserGroup {
	t.Helper()
	var g jumpcloud.UserGroup
	NewWithT(t).Expect(json.Unmarshal([]byte(record), &g)).To(Succeed())
	return &g
}

func ada(id string) (v1alpha1.UserReference, bool) {
	return v1alpha1.UserReference{Username: "ada"}, id == "a"
}

// Declaring what is live changes nothing.
func TestALiveGroupIsDeclaredAsItIs(t *testing.T) {
	for name, record := range map[string]string{
		"plain":   `{"id":"1","name":"R & D","membershipMethod":"NOTSET"}`,
		"texts":   `{"id":"1","name":"x","description":"d","email":"x@example.org","memberSuggestionsNotify":true}`,
		"dynamic": `{"id":"1","name":"x","membershipMethod":"DYNAMIC_AUTOMATED","memberQuery":{"queryType":"FilterQuery","filters":[{"field":"department","operator":"eq","value":"R"}]},"memberQueryExemptions":[{"id":"a","type":"USER"}]}`,
		"review":  `{"id":"1","name":"x","membershipMethod":"DYNAMIC_REVIEW_REQUIRED","memberQuery":{"queryType":"FilterQuery","filters":["department:$eq:R"]}}`,
		"left":    `{"id":"1","name":"x","membershipMethod":"STATIC","memberQuery":{"queryType":"FilterQuery","filters":[]}}`,
		"attributes": `{"id":"1","name":"x","attributes":{"sudo":{"enabled":true,"withoutPassword":true},"ldapGroups":[{"name":"b"},{"name":"a"}],
			"posixGroups":[{"id":7,"name":"p"}],"radius":{"reply":[{"name":"n","value":"v"}]},"sambaEnabled":true,"other":{"x":1}}}`,
		"off": `{"id":"1","name":"x","attributes":{"sudo":{"enabled":false,"withoutPassword":false},"ldapGroups":[],"radius":{"reply":[]},"sambaEnabled":false}}`,
		"odd": `{"id":"1","name":"x","attributes":{"sudo":{"enabled":false,"withoutPassword":true},"posixGroups":[{"id":0,"name":"root"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			live := liveGroup(t, record)
			spec, omitted, err := SpecOf(live, ada)
			g.Expect(err).NotTo(HaveOccurred())
			d := Definition{Spec: &spec, Name: spec.Name, Exempt: []string{"a"}}
			g.Expect(d.Over(live.Input()).Fields).To(BeEmpty())
			if name == "odd" {
				g.Expect(omitted).To(HaveLen(2))
				g.Expect(spec.Attributes).To(BeNil())
			} else {
				g.Expect(omitted).To(BeEmpty())
			}
			if name == "attributes" {
				g.Expect(statements(spec.Attributes)).To(HaveLen(5))
			}
		})
	}
}

func TestAGroupThatNoSpecCanStateIsRefused(t *testing.T) {
	for name, record := range map[string]string{
		"another query language": `{"id":"1","name":"x","membershipMethod":"DYNAMIC_AUTOMATED","memberQuery":{"and":[]}}`,
		"an unknown operator":    `{"id":"1","name":"x","membershipMethod":"DYNAMIC_AUTOMATED","memberQuery":{"queryType":"FilterQuery","filters":[{"field":"a","operator":"like","value":"b"}]}}`,
		"no query":               `{"id":"1","name":"x","membershipMethod":"DYNAMIC_AUTOMATED"}`,
		"an unknown method":      `{"id":"1","name":"x","membershipMethod":"BY_LOT","memberQuery":{"queryType":"FilterQuery","filters":["department:$eq:R"]}}`,
		"unreadable":             `{"id":"1","name":["x"]}`,
	} {
		_, _, err := SpecOf(liveGroup(t, record), ada)
		NewWithT(t).Expect(err).To(HaveOccurred(), name)
	}
	exempt := liveGroup(t, `{"id":"1","name":"x","membershipMethod":"DYNAMIC_AUTOMATED","memberQuery":{"queryType":"FilterQuery","filters":["a:$eq:b"]},"memberQueryExemptions":[{"id":"a","type":"USER"},{"id":"gone","type":"USER"}]}`)
	spec, omitted, err := SpecOf(exempt, ada)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(omitted).To(HaveLen(1))
	NewWithT(t).Expect(spec.MemberQueryExemptions).To(BeNil(), "a list without one would take the exemption away")
}

// The API server counts characters, not bytes: a long text in any script can be stated.
func TestLengthsAreCountedInCharacters(t *testing.T) {
	field, text := strings.Repeat("é", maxField), strings.Repeat("é", maxText)
	for name, c := range map[string]struct{ record, omitted, err string }{
		"texts":               {record: fmt.Sprintf(`"description":%q,"email":%q`, text, text)},
		"a description":       {record: fmt.Sprintf(`"description":%q`, text+"é"), omitted: "description"},
		"an email":            {record: fmt.Sprintf(`"email":%q`, text+"é"), omitted: "email"},
		"attributes":          {record: fmt.Sprintf(`"attributes":{"ldapGroups":[{"name":%q}],"posixGroups":[{"id":7,"name":%q}],"radius":{"reply":[{"name":%q,"value":%q}]}}`, text, text, text, text)},
		"an LDAP group":       {record: fmt.Sprintf(`"attributes":{"ldapGroups":[{"name":%q}]}`, text+"é"), omitted: "attributes.ldapGroups"},
		"a POSIX group":       {record: fmt.Sprintf(`"attributes":{"posixGroups":[{"id":7,"name":%q}]}`, text+"é"), omitted: "attributes.posixGroups"},
		"a name of RADIUS":    {record: fmt.Sprintf(`"attributes":{"radius":{"reply":[{"name":%q,"value":""}]}}`, text+"é"), omitted: "attributes.radius"},
		"a value of RADIUS":   {record: fmt.Sprintf(`"attributes":{"radius":{"reply":[{"name":"n","value":%q}]}}`, text+"é"), omitted: "attributes.radius"},
		"a filter":            {record: filterOf(field, text)},
		"a field of a filter": {record: filterOf(field+"é", text), err: "filter"},
		"a value of a filter": {record: filterOf(field, text+"é"), err: "filter"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, omitted, err := SpecOf(liveGroup(t, `{"id":"1","name":"`+strings.Repeat("é", maxGroupName)+`",`+c.record+`}`), ada)
			if c.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(c.err)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			if c.omitted == "" {
				g.Expect(omitted).To(BeEmpty())
			} else {
				g.Expect(omitted).To(ConsistOf(HavePrefix(c.omitted + ": ")))
			}
		})
	}
}

// filterOf returns the members of a record of a dynamic group with one filter.
func filterOf(field, value string) string {
	return fmt.Sprintf(`"membershipMethod":"DYNAMIC_AUTOMATED","memberQuery":{"queryType":"FilterQuery","filters":[{"field":%q,"operator":"eq","value":%q}]}`, field, value)
}
