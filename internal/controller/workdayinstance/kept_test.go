package workdayinstance_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// keeping declares no credentials.
func keeping(o *v1alpha1.WorkdayInstance) { o.Spec.CredentialsSecretRef = nil }

// An instance that is as declared is adopted without any change to it.
func TestAnAdoptedInstanceKeepsItsCredentials(t *testing.T) {
	story(t, func(w *world) {
		w.Org.AddWorkday("Workday Import", reportURL, isu, password)

		w.Rest()

		w.ExpectReady("True/Adopted")
		w.expectAuthenticated("True/Succeeded")
		w.Expect(*w.Get().Status.Workers).To(BeEquivalentTo(3))
		w.Expect(w.Get().Status.Auth.SecretUID).To(BeEmpty())
		w.Restart()
		w.Resync()
		w.Expect(w.changed()).To(BeEmpty())

		w.Org.MoveWorkday(oldReport)
		w.Resync()
		w.ExpectReady("True/Adopted")
		w.Expect(w.changed()).To(Equal([]string{"PUT /api/v2/workdays/*"}), "at the same host, the report may change")
		user, _ := w.Org.WorkdayCredentials()
		w.Expect(user).To(Equal(isu))
	}, keeping)
}

func TestKeptCredentialsThatDoNotWork(t *testing.T) {
	story(t, func(w *world) {
		w.Org.AddWorkday("Workday Import", reportURL, isu, "mistyped")

		w.Rest()

		w.ExpectReady("False/AuthenticationFailed")
		w.expectAuthenticated("False/AuthenticationFailed")
		w.Expect(w.Message()).To(And(ContainSubstring("spec.credentialsSecretRef"), Not(ContainSubstring("Secret  "))))
		w.Expect(w.changed()).To(BeEmpty())
	}, keeping)
}

func TestNoInstanceIsCreatedWithoutCredentials(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()

		w.ExpectReady("False/InvalidSpec")
		w.Expect(w.Message()).To(HavePrefix("spec.credentialsSecretRef is missing: the organization has no Workday instance"))
		w.Expect(w.changed()).To(BeEmpty())
	}, keeping)
}

// Credentials never follow a URL, not even those that the operator did not send.
func TestKeptCredentialsDoNotFollowAURL(t *testing.T) {
	story(t, func(w *world) {
		w.Org.AddWorkday("Workday Import", farReport, isu, password)

		w.Rest()

		w.ExpectReady("False/InvalidSpec")
		w.expectAuthenticated("False/InvalidSpec")
		w.Expect(w.Message()).To(And(ContainSubstring("far.example.com"), ContainSubstring("they are not sent to another host")))
		w.Resync()
		w.Expect(w.changed()).To(BeEmpty())
	}, keeping)
}

// A Secret that is named again is not sent again, and another one is.
func TestASecretThatIsNamedLater(t *testing.T) {
	story(t, func(w *world) {
		w.Org.AddWorkday("Workday Import", reportURL, isu, password)
		w.Rest()
		w.ExpectReady("True/Adopted")
		reference := &v1alpha1.SecretReference{Name: "workday-isu"}

		w.Edit(func(o *v1alpha1.WorkdayInstance) { o.Spec.CredentialsSecretRef = reference })
		w.Rest()
		w.ExpectReady("True/Adopted")
		sent := []string{"POST /api/v2/workdays/*/auth"}
		w.Expect(w.changed()).To(Equal(sent))

		w.Edit(keeping)
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Edit(func(o *v1alpha1.WorkdayInstance) { o.Spec.CredentialsSecretRef = reference })
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Expect(w.changed()).To(Equal(sent))
	}, keeping)
}

// The policy Deauthorize removes the credentials, whoever gave them.
func TestKeptCredentialsAreTakenAwayIfToldTo(t *testing.T) {
	story(t, func(w *world) {
		w.Org.AddWorkday("Workday Import", reportURL, isu, password)
		w.Rest()
		w.ExpectReady("True/Adopted")

		w.Delete()
		w.Rest()

		w.Expect(w.changed()).To(Equal([]string{"DELETE /api/v2/workdays/*/auth"}))
	}, keeping, deauthorizes)
}
