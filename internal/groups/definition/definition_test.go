package definition

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	classicQuery = `{"queryType":"FilterQuery","filters":[{"field":"department","operator":"eq","value":"Engines"},{"field":"company","operator":"eq","value":"Acme"}]}`
	otherOrder   = `{"filters":[{"field":"company","operator":"eq","value":"Acme"},{"value":"Engines","field":"department","operator":"eq"}],"queryType":"FilterQuery"}`
	newerQuery   = `{"filters":[{"field":"user.username","operation":"equals","value":"ada"}]}`
)

var declaredQuery = &v1alpha1.MemberQuery{Filters: []v1alpha1.QueryFilter{
	{Field: "department", Operator: "eq", Value: "Engines"}, {Field: "company", Operator: "eq", Value: "Acme"},
}}

// everything is a group in which nothing has JumpCloud's default.
func everything() jumpcloud.UserGroupInput {
	return jumpcloud.UserGroupInput{
		Name: "engineers", Description: "Build engines.", Email: "e@example.org", MembershipMethod: jumpcloud.MembershipDynamicAutomated,
		MemberQuery: json.RawMessage(classicQuery), MemberQueryExemptions: []jumpcloud.GraphObject{{ID: "1", Type: "USER"}, {ID: "2", Type: "USER"}},
		MemberSuggestionsNotify: true,
		Attributes: map[string]json.RawMessage{
			"sudo": json.RawMessage(`{"enabled":true,"withoutPassword":true,"more":1}`), "ldapGroups": json.RawMessage(`[{"name":"b"},{"name":"a"}]`),
			"posixGroups": json.RawMessage(`[{"id":2,"name":"y"},{"id":1,"name":"x"}]`), "sambaEnabled": json.RawMessage(`true`),
			"radius": json.RawMessage(`{"reply":[{"name":"a","value":"1"},{"name":"b","value":"2"}],"more":2}`), "unheardOf": json.RawMessage(`3`),
		},
	}
}

func TestADeclarationChangesWhatItStatesAndNothingElse(t *testing.T) {
	automated := v1alpha1.UserGroupSpec{MembershipMethod: v1alpha1.MembershipDynamicAutomated, MemberQuery: declaredQuery}
	attributes := func(a v1alpha1.GroupAttributes) Definition {
		spec := automated
		spec.Attributes = &a
		return Definition{Spec: &spec}
	}
	with := func(change func(*v1alpha1.UserGroupSpec)) Definition {
		spec := automated
		change(&spec)
		return Definition{Spec: &spec}
	}
	for name, c := range map[string]struct {
		definition Definition
		live       func(*jumpcloud.UserGroupInput)
		fields     fielddiff.Fields
		want       func(*jumpcloud.UserGroupInput)
	}{
		"nothing is stated": {definition: with(func(*v1alpha1.UserGroupSpec) {})},
		"everything is as stated": {definition: with(func(s *v1alpha1.UserGroupSpec) {
			s.Description, s.Email, s.MemberSuggestionsNotify = new("Build engines."), new("e@example.org"), new(true)
			s.Attributes = &v1alpha1.GroupAttributes{
				Sudo:         &v1alpha1.GroupSudo{Enabled: true, WithoutPassword: true},
				LDAPGroups:   &[]v1alpha1.LDAPGroup{{Name: "a"}, {Name: "b"}},
				POSIXGroups:  []v1alpha1.POSIXGroup{{ID: 1, Name: "x"}, {ID: 2, Name: "y"}},
				RADIUS:       &v1alpha1.GroupRADIUS{Reply: []v1alpha1.RADIUSReply{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}}},
				SambaEnabled: new(true),
			}
		})},
		"texts are cleared": {
			definition: with(func(s *v1alpha1.UserGroupSpec) { s.Description, s.Email = new(""), new("") }),
			fields:     fielddiff.Fields{{Name: "description", Old: "Build engines."}, {Name: "email", Old: "e@example.org"}},
			want:       func(in *jumpcloud.UserGroupInput) { in.Description, in.Email = "", "" },
		},
		"a new name": {
			definition: Definition{Spec: &automated, Name: "builders"},
			fields:     fielddiff.Fields{{Name: "name", Old: "engineers", New: "builders"}},
			want:       func(in *jumpcloud.UserGroupInput) { in.Name = "builders" },
		},
		"no mails about suggestions": {
			definition: with(func(s *v1alpha1.UserGroupSpec) { s.MemberSuggestionsNotify = new(false) }),
			fields:     fielddiff.Fields{{Name: "memberSuggestionsNotify", Old: "true", New: "false"}},
			want:       func(in *jumpcloud.UserGroupInput) { in.MemberSuggestionsNotify = false },
		},
		"sudo keeps what nobody knows of": {
			definition: attributes(v1alpha1.GroupAttributes{Sudo: &v1alpha1.GroupSudo{Enabled: false}}),
			fields: fielddiff.Fields{{
				Name: "attributes.sudo", Old: `{"enabled":true,"withoutPassword":true,"more":1}`, New: `{"enabled":false,"more":1,"withoutPassword":false}`,
			}},
			want: func(in *jumpcloud.UserGroupInput) {
				in.Attributes["sudo"] = json.RawMessage(`{"enabled":false,"more":1,"withoutPassword":false}`)
			},
		},
		"no LDAP groups": {
			definition: attributes(v1alpha1.GroupAttributes{LDAPGroups: &[]v1alpha1.LDAPGroup{}}),
			fields:     fielddiff.Fields{{Name: "attributes.ldapGroups", Old: `[{"name":"b"},{"name":"a"}]`, New: `[]`}},
			want:       func(in *jumpcloud.UserGroupInput) { in.Attributes["ldapGroups"] = json.RawMessage(`[]`) },
		},
		"no RADIUS replies": {
			definition: attributes(v1alpha1.GroupAttributes{RADIUS: &v1alpha1.GroupRADIUS{}}),
			fields: fielddiff.Fields{{
				Name: "attributes.radius", Old: `{"reply":[{"name":"a","value":"1"},{"name":"b","value":"2"}],"more":2}`, New: `{"more":2,"reply":[]}`,
			}},
			want: func(in *jumpcloud.UserGroupInput) { in.Attributes["radius"] = json.RawMessage(`{"more":2,"reply":[]}`) },
		},
		"RADIUS replies in another order": {
			definition: attributes(v1alpha1.GroupAttributes{RADIUS: &v1alpha1.GroupRADIUS{
				Reply: []v1alpha1.RADIUSReply{{Name: "b", Value: "2"}, {Name: "a", Value: "1"}},
			}}),
			fields: fielddiff.Fields{{
				Name: "attributes.radius", Old: `{"reply":[{"name":"a","value":"1"},{"name":"b","value":"2"}],"more":2}`,
				New: `{"more":2,"reply":[{"name":"b","value":"2"},{"name":"a","value":"1"}]}`,
			}},
			want: func(in *jumpcloud.UserGroupInput) {
				in.Attributes["radius"] = json.RawMessage(`{"more":2,"reply":[{"name":"b","value":"2"},{"name":"a","value":"1"}]}`)
			},
		},
		"what is absent is as the zero value": {
			definition: attributes(v1alpha1.GroupAttributes{
				Sudo: &v1alpha1.GroupSudo{}, LDAPGroups: &[]v1alpha1.LDAPGroup{}, RADIUS: &v1alpha1.GroupRADIUS{}, SambaEnabled: new(false),
			}),
			live: func(in *jumpcloud.UserGroupInput) { in.Attributes = nil },
			want: func(in *jumpcloud.UserGroupInput) { in.Attributes = nil },
		},
		"what cannot be read is replaced": {
			definition: attributes(v1alpha1.GroupAttributes{Sudo: &v1alpha1.GroupSudo{Enabled: true}, SambaEnabled: new(true)}),
			live: func(in *jumpcloud.UserGroupInput) {
				in.Attributes = map[string]json.RawMessage{"sudo": json.RawMessage(`"yes"`), "sambaEnabled": json.RawMessage(`"no"`)}
			},
			fields: fielddiff.Fields{
				{Name: "attributes.sudo", Old: `"yes"`, New: `{"enabled":true,"withoutPassword":false}`}, {Name: "attributes.sambaEnabled", Old: `"no"`, New: `true`},
			},
			want: func(in *jumpcloud.UserGroupInput) {
				in.Attributes = map[string]json.RawMessage{
					"sudo": json.RawMessage(`{"enabled":true,"withoutPassword":false}`), "sambaEnabled": json.RawMessage(`true`),
				}
			},
		},
		"the query in another order": {
			definition: with(func(*v1alpha1.UserGroupSpec) {}),
			live:       func(in *jumpcloud.UserGroupInput) { in.MemberQuery = json.RawMessage(otherOrder) },
			want:       func(in *jumpcloud.UserGroupInput) { in.MemberQuery = json.RawMessage(otherOrder) },
		},
		"a query of another kind": {
			definition: with(func(*v1alpha1.UserGroupSpec) {}),
			live:       func(in *jumpcloud.UserGroupInput) { in.MemberQuery = json.RawMessage(newerQuery) },
			fields:     fielddiff.Fields{{Name: "memberQuery", Old: newerQuery, New: classicQuery}},
		},
		"the query is gone": {
			definition: with(func(*v1alpha1.UserGroupSpec) {}),
			live:       func(in *jumpcloud.UserGroupInput) { in.MemberQuery = nil },
			fields:     fielddiff.Fields{{Name: "memberQuery", New: classicQuery}},
		},
		"another method": {
			definition: with(func(s *v1alpha1.UserGroupSpec) { s.MembershipMethod = v1alpha1.MembershipDynamicReviewRequired }),
			fields:     fielddiff.Fields{{Name: "membershipMethod", Old: "DYNAMIC_AUTOMATED", New: "DYNAMIC_REVIEW_REQUIRED"}},
			want:       func(in *jumpcloud.UserGroupInput) { in.MembershipMethod = jumpcloud.MembershipDynamicReviewRequired },
		},
		"becomes static, without query and exemptions": {
			definition: Definition{Spec: &v1alpha1.UserGroupSpec{}},
			fields: fielddiff.Fields{
				{Name: "membershipMethod", Old: "DYNAMIC_AUTOMATED", New: "STATIC"}, {Name: "memberQuery", Old: classicQuery},
				{Name: "memberQueryExemptions", Old: "1 2"},
			},
			want: func(in *jumpcloud.UserGroupInput) {
				in.MembershipMethod, in.MemberQuery, in.MemberQueryExemptions = jumpcloud.MembershipStatic, jumpcloud.NoMemberQuery, []jumpcloud.GraphObject{}
			},
		},
		"was static, and keeps a query from before": {
			definition: Definition{Spec: &v1alpha1.UserGroupSpec{}},
			live: func(in *jumpcloud.UserGroupInput) {
				in.MembershipMethod, in.MemberQuery = jumpcloud.MembershipNotSet, json.RawMessage(newerQuery)
			},
			want: func(in *jumpcloud.UserGroupInput) {
				in.MembershipMethod, in.MemberQuery = jumpcloud.MembershipNotSet, json.RawMessage(newerQuery)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			live, want := everything(), everything()
			if c.live != nil {
				c.live(&live)
			}
			if c.want != nil {
				c.want(&want)
			}
			if c.definition.Name == "" {
				c.definition.Name = "engineers"
			}
			before := encode(live)
			change := c.definition.Over(live)
			g.Expect(change.Fields).To(HaveExactElements(c.fields))
			g.Expect(change.Input).To(Equal(want))
			g.Expect(encode(live)).To(Equal(before), "what was read is not changed")
			g.Expect(c.definition.Over(change.Input).Fields).To(BeEmpty(), "and then it is as declared")
		})
	}
}

func TestExemptions(t *testing.T) {
	stated := []v1alpha1.UserReference{{Username: "ada"}}
	for name, c := range map[string]struct {
		exempt  []string
		unknown []v1alpha1.UserReference
		stated  []v1alpha1.UserReference
		want    []string
	}{
		"are kept where none are stated":            {want: []string{"1", "2"}},
		"are cleared by an empty list":              {stated: []v1alpha1.UserReference{}, want: []string{}},
		"are those that are stated":                 {stated: stated, exempt: []string{"2", "3"}, want: []string{"2", "3"}},
		"stay while one of the stated is not found": {stated: stated, exempt: []string{"3"}, unknown: stated, want: []string{"1", "2", "3"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			live := everything()
			d := Definition{Name: live.Name, Exempt: c.exempt, Unknown: c.unknown, Spec: &v1alpha1.UserGroupSpec{
				MembershipMethod: v1alpha1.MembershipDynamicAutomated, MemberQuery: declaredQuery, MemberQueryExemptions: c.stated,
			}}
			got := d.Over(live).Input
			g.Expect(sortedIDs(got.MemberQueryExemptions)).To(HaveExactElements(c.want))
			for _, object := range got.MemberQueryExemptions {
				g.Expect(object.Type).To(Equal("USER"))
			}
		})
	}
}

func TestWhatCreatesAGroup(t *testing.T) {
	g := NewWithT(t)
	d := Definition{Spec: &v1alpha1.UserGroupSpec{Description: new("x")}, Name: "engineers"}
	created := d.Create()
	g.Expect(created.Input).To(Equal(jumpcloud.UserGroupInput{Name: "engineers", Description: "x", MembershipMethod: jumpcloud.MembershipStatic}),
		"JumpCloud makes LDAP groups only where nothing is said about them")
	g.Expect(created.Fields.Names()).To(Equal([]string{"name", "description"}))

	d.Spec = &v1alpha1.UserGroupSpec{MembershipMethod: v1alpha1.MembershipDynamicAutomated, MemberQuery: declaredQuery}
	created = d.Create()
	g.Expect(created.Input.MembershipMethod).To(Equal(jumpcloud.MembershipDynamicAutomated))
	g.Expect(string(created.Input.MemberQuery)).To(Equal(classicQuery))
	g.Expect(created.Fields.Names()).To(Equal([]string{"name", "membershipMethod", "memberQuery"}))
}

func TestPOSIXGroupsThatAreSetCannotChange(t *testing.T) {
	stated := &v1alpha1.GroupAttributes{POSIXGroups: []v1alpha1.POSIXGroup{{ID: 1, Name: "x"}, {ID: 2, Name: "y"}}}
	for live, conflict := range map[string]string{
		``:   "",
		`[]`: "",
		`[{"id":2,"name":"y"},{"id":1,"name":"x"}]`: "",
		`[{"id":1,"name":"x"}]`:                     `[{"id":1,"name":"x"}]`,
		`[{"id":1,"name":"x"},{"id":2,"name":"z"}]`: `[{"id":1,"name":"x"},{"id":2,"name":"z"}]`,
	} {
		attributes := map[string]json.RawMessage{}
		if live != "" {
			attributes["posixGroups"] = json.RawMessage(live)
		}
		g := NewWithT(t)
		d := Definition{Spec: &v1alpha1.UserGroupSpec{Attributes: stated}}
		g.Expect(d.POSIXConflict(attributes)).To(Equal(conflict), live)
		d.Spec.Attributes = &v1alpha1.GroupAttributes{}
		g.Expect(d.POSIXConflict(attributes)).To(BeEmpty(), "who states none is content with any")
	}
}

func TestWhatTheRowOfAListShows(t *testing.T) {
	row := &jumpcloud.UserGroupSummary{Name: "engineers", Description: "x"}
	for name, c := range map[string]struct {
		spec   v1alpha1.UserGroupSpec
		name   string
		shown  bool
		beyond bool
	}{
		"a name":               {name: "engineers", shown: true},
		"another name":         {name: "builders"},
		"the description":      {name: "engineers", spec: v1alpha1.UserGroupSpec{Description: new("x")}, shown: true},
		"another description":  {name: "engineers", spec: v1alpha1.UserGroupSpec{Description: new("y")}},
		"no email":             {name: "engineers", spec: v1alpha1.UserGroupSpec{Email: new("")}, shown: true},
		"an email":             {name: "engineers", spec: v1alpha1.UserGroupSpec{Email: new("e")}},
		"attributes":           {name: "engineers", spec: v1alpha1.UserGroupSpec{Attributes: &v1alpha1.GroupAttributes{}}, shown: true, beyond: true},
		"mails about members":  {name: "engineers", spec: v1alpha1.UserGroupSpec{MemberSuggestionsNotify: new(false)}, shown: true, beyond: true},
		"a query":              {name: "engineers", spec: v1alpha1.UserGroupSpec{MembershipMethod: v1alpha1.MembershipDynamicAutomated}, shown: true, beyond: true},
		"that it has no query": {name: "engineers", spec: v1alpha1.UserGroupSpec{MembershipMethod: v1alpha1.MembershipStatic}, shown: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			d := Definition{Spec: &c.spec, Name: c.name}
			g.Expect(d.ShownBy(row)).To(Equal(c.shown))
			g.Expect(d.BeyondSummary()).To(Equal(c.beyond))
		})
	}
}
