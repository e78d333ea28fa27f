package organization_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const readerKey = "key-of-the-reader-0123456789"

// newObserver is a world with two Secrets: reader, with a key that may only read, and
// jumpcloud.
func newObserver(t testing.TB) *world {
	t.Helper()
	w := newWorld(t, 1)
	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: readerKey, Organizations: []string{w.org.ID()}, ReadOnly: true, Email: "reader"})
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.secretNamed("reader", map[string]string{"key": "\n " + readerKey + "\t\n"})
	return w
}

func withReader(o *v1alpha1.Organization) {
	o.Spec.ReadCredentials = &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "reader", Key: "key"}}
}

func observing(o *v1alpha1.Organization) {
	withReader(o)
	o.Spec.Credentials = nil
}

// asked returns which administrators requested which paths since the last call, without
// repeats.
func (w *world) asked() map[string]bool {
	asked := map[string]bool{}
	for _, request := range w.sim.History() {
		asked[request.Administrator+" "+request.Path] = true
	}
	w.sim.ForgetHistory()
	return asked
}

// Each of the credentials is checked once per resync, and only those for reads are used to
// read.
func TestAnOrganizationWithTwoCredentials(t *testing.T) {
	w := newObserver(t)
	w.organization(withReader)
	object := w.await(v1alpha1.SucceededReason)
	w.Expect(condition(object, v1alpha1.AuthenticatedCondition)).To(Equal("True/Succeeded"))
	w.Consistently(w.checks).Should(Equal(2))
	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.UpToDateReason)
	w.Expect(w.member.lastMode()).To(Equal(v1alpha1.ModeApply))
	w.Expect(w.asked()).To(Equal(map[string]bool{
		"reader /api/organizations": true, "admin@example.org /api/organizations": true, "reader /api/systemusers": true,
	}))

	for _, rotated := range []struct{ secret, key string }{{"reader", "key"}, {"jumpcloud", "api-key"}} {
		fresh := "fresh-" + rotated.secret
		w.sim.AddCredential(jumpcloudtest.Credential{APIKey: fresh, Organizations: []string{w.org.ID()}, Email: fresh})
		w.secretNamed(rotated.secret, map[string]string{rotated.key: fresh})
		w.Eventually(w.sim.History).Should(ContainElement(HaveField("Administrator", fresh)), "Secret %s is watched", rotated.secret)
	}
}

func TestAnOrganizationThatObserves(t *testing.T) {
	w := newObserver(t)
	w.organization(observing)
	object := w.await(v1alpha1.SucceededReason)
	w.Expect(message(object)).To(ContainSubstring("only observed"))
	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.UpToDateReason)
	w.Expect(w.member.lastMode()).To(Equal(v1alpha1.ModePlan))
	w.Expect(w.asked()).To(Equal(map[string]bool{"reader /api/organizations": true, "reader /api/systemusers": true}))

	w.changeOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Credentials = &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud"}}
	})
	w.Eventually(w.member.lastMode).Should(Equal(v1alpha1.ModeApply))
}

// A problem with one of the credentials is reported for that one. Without those for changes,
// reads continue.
func TestEitherOfTheCredentialsMayBeWrong(t *testing.T) {
	cases := map[string]struct {
		secret, key, value string
		reason, want       string
		reads              bool
	}{
		"those for changes are rejected": {"jumpcloud", "api-key", "wrong", v1alpha1.AuthenticationFailedReason, "Secret jumpcloud (spec.credentials)", true},
		"those for reads are rejected":   {"reader", "key", "wrong", v1alpha1.AuthenticationFailedReason, "Secret reader (spec.readCredentials)", false},
		"those for changes are missing":  {"jumpcloud", "api-key", " ", v1alpha1.CredentialsNotFoundReason, "Secret jumpcloud has no key api-key", true},
		"those for reads are missing":    {"reader", "key", "\n", v1alpha1.CredentialsNotFoundReason, "Secret reader has no key " + "key", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newObserver(t)
			w.secretNamed(tc.secret, map[string]string{tc.key: tc.value})
			w.organization(withReader, func(o *v1alpha1.Organization) { o.Spec.ResyncInterval = metav1.Duration{Duration: time.Second} })
			object := w.await(tc.reason)
			w.Expect(condition(object, v1alpha1.StalledCondition)).To(Equal("True/" + tc.reason))
			w.Expect(condition(object, v1alpha1.AuthenticatedCondition)).To(Equal("False/" + tc.reason))
			w.Expect(message(object)).To(ContainSubstring(tc.want))
			w.memberOf("hires")
			if tc.reads {
				w.awaitMember("hires", v1alpha1.UpToDateReason)
				w.Expect(message(object)).To(ContainSubstring("reads continue"))
			} else {
				w.awaitMember("hires", v1alpha1.OrganizationNotReadyReason)
			}
			if tc.reads { // otherwise there may be nothing to check with
				version, checks := w.get().ResourceVersion, w.checks()
				w.Eventually(w.checks).Should(BeNumerically(">", checks+4))
				w.Expect(w.get().ResourceVersion).To(Equal(version), "resyncs find nothing new")
			}

			good := map[string]string{"jumpcloud": apiKey, "reader": readerKey}[tc.secret]
			w.secretNamed(tc.secret, map[string]string{tc.key: good})
			w.await(v1alpha1.SucceededReason)
			w.awaitMember("hires", v1alpha1.UpToDateReason)
		})
	}
}

func TestBothCredentialsMustLeadToOneOrganization(t *testing.T) {
	w := newObserver(t)
	other := w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "other", Name: "Other"})
	w.secret(map[string]string{"api-key": "other"})
	w.organization(withReader)
	object := w.await(v1alpha1.OrganizationMismatchReason)
	for _, part := range []string{"Secret jumpcloud (spec.credentials)", "Secret reader (spec.readCredentials)", w.org.ID(), other.ID()} {
		w.Expect(message(object)).To(ContainSubstring(part))
	}
	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.OrganizationNotReadyReason)
	w.Expect(w.sim.History()).To(HaveEach(HaveField("Path", "/api/organizations")))
}

// The credentials for changes are rejected in use: changes wait without further requests, and
// reads continue.
func TestOnlyChangesWaitForTheirCredentials(t *testing.T) {
	w := newObserver(t)
	w.member.set(func(ctx context.Context, pass *lifecycle.Pass[*v1alpha1.BulkUserImport]) error {
		if pass.Object.Name != "writes" {
			return nil
		}
		_, err := pass.Session.Client.CreateUserGroup(ctx, jumpcloud.Submission{Deadline: time.Now().Add(time.Minute)}, jumpcloud.UserGroupInput{Name: "engines"})
		if jumpcloud.IsAlreadyExists(err) {
			return nil // an earlier pass created it
		}
		return err
	})
	w.organization(withReader)
	w.await(v1alpha1.SucceededReason)
	w.sim.RevokeCredential(apiKey)
	w.sim.ForgetHistory()
	w.memberOf("writes")
	w.awaitMember("writes", v1alpha1.OrganizationNotReadyReason)
	object := w.await(v1alpha1.AuthenticationFailedReason)
	w.Expect(message(object)).To(ContainSubstring("Secret jumpcloud (spec.credentials)"))
	w.Expect(w.memberMessage("writes")).To(And(ContainSubstring("cannot make changes"), ContainSubstring("reads continue")))
	w.memberOf("reads")
	w.awaitMember("reads", v1alpha1.UpToDateReason)
	rejected := func() int {
		n := 0
		for _, request := range w.sim.History() {
			if request.Administrator == "" && request.Path == "/api/organizations" {
				n++
			}
		}
		return n
	}
	w.Expect(rejected()).To(Equal(1))
	w.Consistently(rejected).Should(Equal(1))

	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: "second", Organizations: []string{w.org.ID()}})
	w.secret(map[string]string{"api-key": "second"})
	w.await(v1alpha1.SucceededReason)
	w.awaitMember("writes", v1alpha1.UpToDateReason)
}
