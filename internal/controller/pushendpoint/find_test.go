package pushendpoint

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestWantedBy(t *testing.T) {
	byID, byName := v1alpha1.PushEndpointReference{ID: "1"}, v1alpha1.PushEndpointReference{Name: "Phone"}
	for name, c := range map[string]struct {
		spec     v1alpha1.PushEndpointSpec
		recorded string
		want     wanted
	}{
		"an id":                              {spec: v1alpha1.PushEndpointSpec{Endpoint: byID}, want: wanted{id: "1"}},
		"an id, whatever the status says":    {spec: v1alpha1.PushEndpointSpec{Endpoint: byID}, recorded: "2", want: wanted{id: "1"}},
		"an id is never found by a new name": {spec: v1alpha1.PushEndpointSpec{Endpoint: byID, Name: "Ada's"}, want: wanted{id: "1"}},
		"a name":                             {spec: v1alpha1.PushEndpointSpec{Endpoint: byName}, want: wanted{names: []string{"Phone"}}},
		"a name that is to be another one":   {spec: v1alpha1.PushEndpointSpec{Endpoint: byName, Name: "Ada's"}, want: wanted{names: []string{"Phone", "Ada's"}}},
		"a name whose id is known":           {spec: v1alpha1.PushEndpointSpec{Endpoint: byName}, recorded: "2", want: wanted{id: "2", names: []string{"Phone"}}},
	} {
		t.Run(name, func(t *testing.T) {
			object := &v1alpha1.PushEndpoint{Spec: c.spec}
			object.Status.ID = c.recorded
			NewWithT(t).Expect(wantedBy(object)).To(Equal(c.want))
		})
	}
}

func TestChoose(t *testing.T) {
	phone, other, tablet := named("1", "Phone"), named("2", "Phone"), named("3", "Tablet")
	for name, c := range map[string]struct {
		all     []jumpcloud.PushEndpoint
		names   []string
		want    string
		missing string
	}{
		"the only one of the name":      {all: []jumpcloud.PushEndpoint{tablet, phone}, names: []string{"Phone"}, want: "1"},
		"the first name comes first":    {all: []jumpcloud.PushEndpoint{tablet, phone}, names: []string{"Phone", "Tablet"}, want: "1"},
		"the next name":                 {all: []jumpcloud.PushEndpoint{tablet}, names: []string{"Phone", "Tablet"}, want: "3"},
		"case counts":                   {all: []jumpcloud.PushEndpoint{phone}, names: []string{"phone"}, missing: `no push endpoint is named "phone"; there are: "Phone" (id 1, Model 1)`},
		"none of the names":             {all: []jumpcloud.PushEndpoint{tablet}, names: []string{"Phone", "Ada's"}, missing: `no push endpoint is named "Phone" or "Ada's"; there are: "Tablet" (id 3, Model 3)`},
		"none at all":                   {names: []string{"Phone"}, missing: `no push endpoint is named "Phone"; there are: none`},
		"two of the next name are moot": {all: []jumpcloud.PushEndpoint{phone, other, tablet}, names: []string{"Tablet", "Phone"}, want: "3"},
		"an endpoint of an unknown model": {
			all: []jumpcloud.PushEndpoint{{ID: "4", Name: "Watch"}}, names: []string{"Phone"},
			missing: `no push endpoint is named "Phone"; there are: "Watch" (id 4, unknown model)`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			live, err := choose(c.all, c.names)
			if c.missing != "" {
				g.Expect(isMissing(err)).To(BeTrue())
				g.Expect(err).To(MatchError(c.missing))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(live.ID).To(Equal(c.want))
		})
	}
	t.Run("two of the name", func(t *testing.T) {
		g := NewWithT(t)
		_, err := choose([]jumpcloud.PushEndpoint{phone, tablet, other}, []string{"Phone"})
		g.Expect(err).To(HaveOccurred())
		g.Expect(isMissing(err)).To(BeFalse(), "a deletion would take it for gone")
	})
	t.Run("more than a message holds", func(t *testing.T) {
		many := make([]jumpcloud.PushEndpoint, 12)
		NewWithT(t).Expect(list(many)).To(HaveSuffix(", 2 more"))
	})
}

func TestClaims(t *testing.T) {
	g := NewWithT(t)
	keys := func(user v1alpha1.UserReference, endpoint v1alpha1.PushEndpointReference, recorded string) []string {
		object := &v1alpha1.PushEndpoint{Spec: v1alpha1.PushEndpointSpec{User: user, Endpoint: endpoint, Name: "New"}}
		object.Status.ID = recorded
		return Kind{}.Identity(object).Keys
	}
	username, email := v1alpha1.UserReference{Username: "Ada@example.org"}, v1alpha1.UserReference{Email: "Ada@example.org"}
	phone := v1alpha1.PushEndpointReference{Name: "Phone"}

	g.Expect(keys(username, phone, "")).To(HaveLen(1))
	g.Expect(keys(email, phone, "")).To(Equal(keys(v1alpha1.UserReference{Email: "ada@EXAMPLE.org"}, phone, "")), "case does not count in emails")
	g.Expect(keys(username, phone, "")).NotTo(Equal(keys(v1alpha1.UserReference{Username: "ada@example.org"}, phone, "")), "it does in usernames")
	g.Expect(keys(username, phone, "")).NotTo(Equal(keys(email, phone, "")), "they are different people perhaps")
	g.Expect(keys(username, phone, "1")).To(ContainElements(keys(username, phone, "")[0], "id 1"), "the name stays a key: a lost status finds by it")
	g.Expect(keys(username, v1alpha1.PushEndpointReference{ID: "1"}, "")).To(Equal([]string{"id 1"}))
}

func named(id, name string) jumpcloud.PushEndpoint {
	return jumpcloud.PushEndpoint{ID: id, Name: name, State: jumpcloud.PushEndpointActive, Device: jumpcloud.PushDevice{Model: "Model " + id}}
}
