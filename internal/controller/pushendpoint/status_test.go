package pushendpoint

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestDiff(t *testing.T) {
	active := &jumpcloud.PushEndpoint{ID: "1", Name: "Phone", State: "active"}
	inactive := &jumpcloud.PushEndpoint{ID: "1", Name: "Phone", State: "inactive"}
	strange := &jumpcloud.PushEndpoint{ID: "1", Name: "Phone", State: "pending"}
	for name, c := range map[string]struct {
		spec v1alpha1.PushEndpointSpec
		live *jumpcloud.PushEndpoint
		want fielddiff.Fields
		harm int
	}{
		"nothing is stated":      {live: active},
		"all is as stated":       {spec: v1alpha1.PushEndpointSpec{Name: "Phone", State: v1alpha1.PushEndpointActive}, live: active},
		"the first name is none": {spec: v1alpha1.PushEndpointSpec{Endpoint: v1alpha1.PushEndpointReference{Name: "Old"}}, live: active},
		"another name":           {spec: v1alpha1.PushEndpointSpec{Name: "Ada's"}, live: active, want: fielddiff.Fields{{Name: "name", Old: "Phone", New: "Ada's"}}},
		"deactivated":            {spec: v1alpha1.PushEndpointSpec{State: v1alpha1.PushEndpointInactive}, live: active, want: fielddiff.Fields{{Name: "state", Old: "Active", New: "Inactive"}}, harm: 1},
		"activated":              {spec: v1alpha1.PushEndpointSpec{State: v1alpha1.PushEndpointActive}, live: inactive, want: fielddiff.Fields{{Name: "state", Old: "Inactive", New: "Active"}}},
		"a state of another kind": {
			spec: v1alpha1.PushEndpointSpec{State: v1alpha1.PushEndpointActive}, live: strange,
			want: fielddiff.Fields{{Name: "state", Old: "Pending", New: "Active"}},
		},
		"both": {
			spec: v1alpha1.PushEndpointSpec{Name: "Ada's", State: v1alpha1.PushEndpointInactive}, live: active, harm: 1,
			want: fielddiff.Fields{{Name: "name", Old: "Phone", New: "Ada's"}, {Name: "state", Old: "Active", New: "Inactive"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			fields := diff(&c.spec, c.live)
			g.Expect(fields).To(Equal(c.want))
			g.Expect(update("user", c.live, fields).Harm).To(Equal(c.harm))
		})
	}
	NewWithT(t).Expect(remove("user", active).Harm).To(Equal(1))
}

func TestTaken(t *testing.T) {
	fields := fielddiff.Fields{{Name: "name", Old: "Phone", New: "Ada's "}, {Name: "state", Old: "Active", New: "Inactive"}}
	g := NewWithT(t)
	g.Expect(taken(fields, &jumpcloud.PushEndpoint{Name: "Ada's ", State: "inactive"})).To(Succeed())
	g.Expect(taken(fields, &jumpcloud.PushEndpoint{ID: "1"})).To(Succeed(), "an answer that does not say is no refusal")
	g.Expect(taken(fields, &jumpcloud.PushEndpoint{Name: "Ada's", State: "inactive"})).NotTo(Succeed())
	g.Expect(taken(fields, &jumpcloud.PushEndpoint{Name: "Ada's ", State: "active"})).NotTo(Succeed())
}

func TestNote(t *testing.T) {
	g := NewWithT(t)
	enrolled := time.Date(2026, 2, 1, 10, 0, 0, 123e6, time.UTC)
	used := enrolled.AddDate(0, 3, 0)
	live := &jumpcloud.PushEndpoint{
		ID: "1", Name: "Phone", State: "active", EnrollmentDate: &enrolled, LastUsedDate: &used,
		Device: jumpcloud.PushDevice{Make: "Acme", Model: "One", OS: "iOS", OSVersion: "18.1", AppVersion: strings.Repeat("é", 1000)},
	}
	var status v1alpha1.PushEndpointStatus
	note(&status, "user", live)
	g.Expect(status.ID).To(Equal("1"))
	g.Expect(status.UserID).To(Equal("user"))
	g.Expect(status.State).To(Equal("Active"))
	g.Expect(status.Device.AppVersion).To(Equal(strings.Repeat("é", 128)), "what does not fit is cut between characters")

	again := func(change func(*jumpcloud.PushEndpoint)) (equal bool) {
		stored := restore(t, &status)
		changed := *live
		change(&changed)
		now := stored.DeepCopy()
		note(now, "user", &changed)
		return equality.Semantic.DeepEqual(stored, now)
	}
	g.Expect(again(func(*jumpcloud.PushEndpoint) {})).To(BeTrue(), "what is stored equals what is noted again")
	g.Expect(again(func(e *jumpcloud.PushEndpoint) { e.LastUsedDate = new(used.Add(23 * time.Hour)) })).To(BeTrue(), "a use is no reason to write")
	g.Expect(again(func(e *jumpcloud.PushEndpoint) { e.LastUsedDate = new(used.Add(25 * time.Hour)) })).To(BeFalse())
	g.Expect(again(func(e *jumpcloud.PushEndpoint) { e.LastUsedDate = nil })).To(BeFalse())
	g.Expect(again(func(e *jumpcloud.PushEndpoint) { e.State = "inactive" })).To(BeFalse())
	g.Expect(again(func(e *jumpcloud.PushEndpoint) { e.ID, e.LastUsedDate = "2", new(used.Add(time.Hour)) })).To(BeFalse())

	note(&status, "user", &jumpcloud.PushEndpoint{ID: "2", LastUsedDate: new(used.Add(time.Hour))})
	g.Expect(status.LastUsedDate.Time).To(BeTemporally("==", used.Add(time.Hour).Truncate(time.Second)), "the date is another endpoint's no more")
	g.Expect(status.State).To(BeEmpty())
	g.Expect(status.EnrollmentDate).To(BeNil())
}

// restore returns a status as the API server returns it.
func restore(t *testing.T, status *v1alpha1.PushEndpointStatus) *v1alpha1.PushEndpointStatus {
	t.Helper()
	data, err := yaml.Marshal(status)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	restored := &v1alpha1.PushEndpointStatus{}
	NewWithT(t).Expect(yaml.Unmarshal(data, restored)).To(Succeed())
	return restored
}
