package cli

import (
	"encoding/json"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// aUser creates a User of the team engines.
func (w *world) aUser(name string, status v1alpha1.UserStatus) {
	w.t.Helper()
	object := &v1alpha1.User{ObjectMeta: w.meta(name), Spec: v1alpha1.UserSpec{OrganizationRef: w.ref()}, Status: status}
	object.Labels = map[string]string{"team": "engines"}
	object.Spec.Username = new(name)
	object.Status.Conditions = ready(v1alpha1.UpToDateReason, "The user is as declared.")
	w.create(object)
}

func TestWhy(t *testing.T) {
	w := newWorld(t, "why")
	w.anOrganization()
	w.anImportThatWaits()
	w.Expect(plane.Client.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: w.meta("people"), Data: map[string]string{"engines": "mary\nCHARLES@example.org\n"}})).To(Succeed())
	group := &v1alpha1.UserGroup{ObjectMeta: w.meta("engineers"), Spec: v1alpha1.UserGroupSpec{
		OrganizationRef: w.ref(), MembersFrom: []v1alpha1.MembersSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "people", Key: "engines"}}},
	}}
	group.Status.Conditions = ready(v1alpha1.UpToDateReason, "2 members.")
	w.create(group)
	w.create(&v1alpha1.UserGroup{ObjectMeta: w.meta("lost"), Spec: v1alpha1.UserGroupSpec{
		OrganizationRef: w.ref(), MembersFrom: []v1alpha1.MembersSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "none", Key: "none"}}},
	}})
	w.aUser("charles", v1alpha1.UserStatus{
		ID: "65f1c0ffee65f1c0ffee0002", Username: "charles.babbage", State: v1alpha1.UserStateActivated,
		LastChange: &v1alpha1.UserChangeStatus{At: metav1.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC), Fields: []string{"jobTitle", "department"}, JobID: "65f1c0ffee65f1c0ffee0c0b"},
	})
	w.create(&v1alpha1.UserGroup{ObjectMeta: w.meta("inventors"), Spec: v1alpha1.UserGroupSpec{
		OrganizationRef: w.ref(), MembersFrom: []v1alpha1.MembersSource{{UserSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "engines"}}}},
	}})
	w.create(&v1alpha1.PushEndpoint{ObjectMeta: w.meta("phone"), Spec: v1alpha1.PushEndpointSpec{
		OrganizationRef: w.ref(), User: v1alpha1.UserReference{Email: "Charles@example.org"}, Endpoint: v1alpha1.PushEndpointReference{Name: "phone"}, State: v1alpha1.PushEndpointInactive,
	}, Status: v1alpha1.PushEndpointStatus{State: "active"}})
	w.create(&v1alpha1.ScheduledUserState{ObjectMeta: w.meta("leaver"), Spec: v1alpha1.ScheduledUserStateSpec{
		OrganizationRef: w.ref(), State: v1alpha1.SchedulableSuspended, StartDate: "2026-12-31T18:00:00", TimeZone: "Europe/Berlin",
		Users: []v1alpha1.UserReference{{ID: "65f1c0ffee65f1c0ffee0002"}},
	}})
	code, out, errs := w.run("", "why", "charles.babbage")
	w.Expect(errs).To(BeEmpty())
	w.Expect(code).To(Equal(exitFine))
	w.golden("why", out)
	_, byEmail, _ := w.run("", "why", "charles@example.org")
	w.Expect(byEmail).To(Equal(out))
	_, out, _ = w.run("", "why", "root.admin")
	w.Expect(out).To(ContainSubstring("spec.protectedUsers"))
	_, out, _ = w.run("", "why", "Charles.Babbage")
	w.Expect(out).To(ContainSubstring("No object in namespace why names Charles.Babbage"))
}

// Programs get the same information.
func TestStatusAndWhyForPrograms(t *testing.T) {
	w := newWorld(t, "programs")
	w.anOrganization()
	w.aUser("ada", v1alpha1.UserStatus{ID: "65f1c0ffee65f1c0ffee0001", Username: "ada", State: v1alpha1.UserStateActivated})
	for format, decode := range map[string]func([]byte, any) error{"json": json.Unmarshal, "yaml": func(content []byte, into any) error { return yaml.Unmarshal(content, into) }} {
		_, out, errs := w.run("", "why", "ada", "-o", format)
		var found []struct {
			Kind, Namespace, Name, State, Reason string
			What                                 []string
		}
		w.Expect(decode([]byte(out), &found)).To(Succeed(), errs)
		w.Expect(found).To(HaveLen(1))
		w.Expect(found[0].Kind + " " + found[0].Name + " " + found[0].State + " " + found[0].Reason).To(Equal("User ada Ready UpToDate"))
		w.Expect(found[0].What).To(ConsistOf("declares this user; state Activated"))

		_, out, errs = w.run("", "status", "-o", format)
		var views []struct {
			Organization struct{ Name, State string }
			Objects      []struct{ Kind, Name, State string }
		}
		w.Expect(decode([]byte(out), &views)).To(Succeed(), errs)
		w.Expect(views).To(HaveLen(1))
		w.Expect(views[0].Organization.Name + " " + views[0].Organization.State).To(Equal("acme Ready"))
		w.Expect(views[0].Objects).To(HaveLen(1))
		w.Expect(views[0].Objects[0].Name).To(Equal("ada"))
	}
}

// A User alone identifies a person: no other object has to name them.
func TestWhyAUserAtRestIsFound(t *testing.T) {
	w := newWorld(t, "why-user")
	w.anOrganization()
	w.aUser("ada", v1alpha1.UserStatus{ID: "65f1c0ffee65f1c0ffee0001", Username: "ada", State: v1alpha1.UserStateActivated})
	w.aUser("grace", v1alpha1.UserStatus{})
	_, out, _ := w.run("", "why", "ada")
	w.Expect(out).To(And(HavePrefix("User why-user/ada: Ready (UpToDate)\n  declares this user; state Activated\n"), Not(ContainSubstring("last change"))))
	_, out, _ = w.run("", "why", "grace")
	w.Expect(out).To(ContainSubstring("declares this user; state not known"))
}
