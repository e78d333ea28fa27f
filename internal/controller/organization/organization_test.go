package organization_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestAnOrganizationConnects(t *testing.T) {
	w := newWorld(t, 3)
	w.operate()
	w.secret(map[string]string{"api-key": " \n" + apiKey + "\n"})
	w.organization()
	object := w.await(v1alpha1.SucceededReason)
	w.Expect(condition(object, v1alpha1.ReadyCondition)).To(Equal("True/Succeeded"))
	w.Expect(condition(object, v1alpha1.AuthenticatedCondition)).To(Equal("True/Succeeded"))
	w.Expect(condition(object, v1alpha1.ReconcilingCondition)).To(BeEmpty())
	w.Expect(object.Status.ObservedGeneration).To(Equal(object.Generation))
	w.Expect(object.Status.OrganizationID).To(Equal(w.org.ID()))
	w.Expect(object.Status.DisplayName).To(Equal("Acme"))
	w.Consistently(w.checks).Should(Equal(1))
	w.Expect(w.sim.History()[0].Header).NotTo(HaveKey("X-Org-Id"))

	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.UpToDateReason)
	requests := w.sim.History()
	w.Expect(requests[len(requests)-1].Header.Get("x-org-id")).To(Equal(w.org.ID()))
}

func TestAServiceAccountConnects(t *testing.T) {
	w := newWorld(t, 0)
	w.sim.AddCredential(jumpcloudtest.Credential{ClientID: "robot", ClientSecret: "hush", Organizations: []string{w.org.ID()}})
	w.operate()
	w.secret(map[string]string{"client-id": "robot\n", "client-secret": "hush\n"})
	w.organization(func(o *v1alpha1.Organization) {
		o.Spec.Credentials = &v1alpha1.Credentials{ServiceAccountSecretRef: &v1alpha1.SecretReference{Name: "jumpcloud"}}
		o.Spec.Endpoint.TokenURL = w.url + "/oauth2/token"
	})
	w.await(v1alpha1.SucceededReason)

	w.secret(map[string]string{"client-secret": "wrong"})
	object := w.await(v1alpha1.AuthenticationFailedReason)
	w.Expect(condition(object, v1alpha1.AuthenticatedCondition)).To(Equal("False/AuthenticationFailed"))
}

// At rest, a resync and a restart of an organization cost one request each, and no write.
func TestARestartLeavesNoTrace(t *testing.T) {
	w := newWorld(t, 0)
	stop := w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization()
	w.memberOf("hires")
	w.await(v1alpha1.SucceededReason)
	w.awaitMember("hires", v1alpha1.UpToDateReason)
	stop()

	organization, member := w.get().ResourceVersion, w.getMember("hires").ResourceVersion
	w.sim.ForgetHistory()
	w.operate()
	w.Eventually(w.member.count).Should(BeNumerically(">=", 1))
	w.Consistently(func(g Gomega) {
		g.Expect(w.get().ResourceVersion).To(Equal(organization))
		g.Expect(w.getMember("hires").ResourceVersion).To(Equal(member))
		g.Expect(w.checks()).To(Equal(1))
	}).Should(Succeed())
}

func TestAResyncIsOneRequest(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval = metav1.Duration{Duration: time.Second} })
	version := w.await(v1alpha1.SucceededReason).ResourceVersion
	w.Eventually(w.checks).Should(BeNumerically(">=", 3))
	w.Expect(w.get().ResourceVersion).To(Equal(version))
	for _, request := range w.sim.History() {
		w.Expect(request.Path).To(Equal("/api/organizations"))
	}
}

func TestMissingCredentialsAreFoundWhenTheyCome(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.organization()
	w.memberOf("hires")
	object := w.await(v1alpha1.CredentialsNotFoundReason)
	w.Expect(condition(object, v1alpha1.StalledCondition)).To(Equal("True/CredentialsNotFound"))
	w.Expect(condition(object, v1alpha1.AuthenticatedCondition)).To(Equal("False/CredentialsNotFound"))
	w.Expect(message(object)).To(ContainSubstring("Secret jumpcloud does not exist"))
	w.awaitMember("hires", v1alpha1.OrganizationNotReadyReason)

	w.secret(map[string]string{"wrong-key": apiKey})
	w.Eventually(func() string { return message(w.get()) }).Should(ContainSubstring("no key api-key"))
	w.Expect(w.sim.History()).To(BeEmpty())

	w.secret(map[string]string{"api-key": apiKey})
	w.await(v1alpha1.SucceededReason)
	w.awaitMember("hires", v1alpha1.UpToDateReason)
}

func TestARotatedKeyIsUsedAtOnce(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization()
	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.UpToDateReason)

	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: "second", Organizations: []string{w.org.ID()}})
	w.secret(map[string]string{"api-key": "second"})
	w.Eventually(w.checks).Should(Equal(2))
	w.sim.RevokeCredential(apiKey)
	passes := w.member.count()
	w.memberOf("more")
	w.awaitMember("more", v1alpha1.UpToDateReason)
	w.Expect(w.member.count()).To(BeNumerically(">", passes))
	w.Expect(condition(w.get(), v1alpha1.ReadyCondition)).To(Equal("True/Succeeded"))
}

// Rejected credentials are tried once at each resync, and not in between.
func TestRejectedCredentials(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": "wrong"})
	w.organization()
	object := w.await(v1alpha1.AuthenticationFailedReason)
	w.Expect(condition(object, v1alpha1.StalledCondition)).To(Equal("True/AuthenticationFailed"))
	w.Expect(condition(object, v1alpha1.AuthenticatedCondition)).To(Equal("False/AuthenticationFailed"))
	w.Expect(message(object)).NotTo(ContainSubstring("wrong"))
	w.Consistently(w.checks).Should(Equal(1))

	w.secret(map[string]string{"api-key": apiKey})
	w.await(v1alpha1.SucceededReason)
}

// Credentials that are rejected in use stop all work: members make no more requests, nor does
// the Organization before its resync.
func TestCredentialsThatAreRejectedInUse(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization()
	w.await(v1alpha1.SucceededReason)
	w.sim.RevokeCredential(apiKey)
	w.sim.ForgetHistory()
	for _, name := range []string{"one", "two", "three"} {
		w.memberOf(name)
	}
	w.await(v1alpha1.AuthenticationFailedReason)
	for _, name := range []string{"one", "two", "three"} {
		w.awaitMember(name, v1alpha1.OrganizationNotReadyReason)
	}
	w.Expect(w.checks()).To(Equal(1))
	requests := len(w.sim.History())
	w.Consistently(func() int { return len(w.sim.History()) }).Should(Equal(requests))

	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: "second", Organizations: []string{w.org.ID()}})
	w.secret(map[string]string{"api-key": "second"})
	w.await(v1alpha1.SucceededReason)
	for _, name := range []string{"one", "two", "three"} {
		w.awaitMember(name, v1alpha1.UpToDateReason)
	}
}

func TestAResyncFindsThatCredentialsWorkAgain(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": "late"})
	w.organization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval = metav1.Duration{Duration: time.Second} })
	w.await(v1alpha1.AuthenticationFailedReason)
	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: "late", Organizations: []string{w.org.ID()}})
	w.await(v1alpha1.SucceededReason)
}

// A suspicious answer from something in between is not a rejection.
func TestASuspicionIsNotBelieved(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization()
	w.await(v1alpha1.SucceededReason)
	w.sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Path: "/api/systemusers"}, Status: http.StatusFound, Header: http.Header{"Location": {"https://proxy.test/"}},
	})
	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.UpToDateReason)
	w.Expect(condition(w.get(), v1alpha1.ReadyCondition)).To(Equal("True/Succeeded"))
	w.Expect(w.checks()).To(Equal(2))
}

func TestAnUnavailableJumpCloudIsAwaited(t *testing.T) {
	w := newWorld(t, 0)
	outage := w.sim.Script(jumpcloudtest.Fault{Status: http.StatusServiceUnavailable, Match: jumpcloudtest.Match{Times: -1}})
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization()
	object := w.await(v1alpha1.RemoteUnavailableReason)
	w.Expect(condition(object, v1alpha1.ReconcilingCondition)).To(Equal("True/RemoteUnavailable"))
	w.Expect(condition(object, v1alpha1.AuthenticatedCondition)).To(BeEmpty(), "nobody knows")
	outage.Remove()
	w.await(v1alpha1.SucceededReason)
}

// An outage does not remove a verified session.
func TestAnOutageAtAResyncStopsNobody(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval = metav1.Duration{Duration: time.Second} })
	w.await(v1alpha1.SucceededReason)
	w.sim.Script(jumpcloudtest.Fault{
		Status: http.StatusServiceUnavailable, Match: jumpcloudtest.Match{Path: "/api/organizations", Times: -1},
	})
	w.await(v1alpha1.RemoteUnavailableReason)
	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.UpToDateReason)
}

// What a pipeline failed to decrypt is not a credential, and is not tried.
func TestCipherTextIsNotSent(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": "ENC[AES256_GCM,data:p673w==,type:str]"})
	w.organization()
	w.memberOf("hires")
	object := w.await(v1alpha1.InvalidSpecReason)
	w.Expect(condition(object, v1alpha1.StalledCondition)).To(Equal("True/InvalidSpec"))
	w.Expect(condition(object, v1alpha1.AuthenticatedCondition)).To(Equal("False/InvalidSpec"))
	w.Expect(message(object)).To(And(ContainSubstring("Secret jumpcloud, key api-key, holds cipher text"), Not(ContainSubstring("AES256"))))
	w.awaitMember("hires", v1alpha1.OrganizationNotReadyReason)
	w.Expect(w.sim.History()).To(BeEmpty())

	w.secret(map[string]string{"api-key": apiKey})
	w.await(v1alpha1.SucceededReason)
}

func TestTheOrganizationIsPinned(t *testing.T) {
	w := newWorld(t, 0)
	other := w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "other", Name: "Other"})
	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: "both", Organizations: []string{w.org.ID(), other.ID()}})
	w.operate()

	w.secret(map[string]string{"api-key": "both"})
	w.organization()
	object := w.await(v1alpha1.InvalidSpecReason)
	w.Expect(message(object)).To(And(ContainSubstring(w.org.ID()), ContainSubstring(other.ID())))

	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.OrganizationID = w.org.ID() })
	w.Expect(w.await(v1alpha1.SucceededReason).Status.OrganizationID).To(Equal(w.org.ID()))

	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.UpToDateReason)
	w.secret(map[string]string{"api-key": "other"})
	object = w.await(v1alpha1.OrganizationMismatchReason)
	w.Expect(condition(object, v1alpha1.AuthenticatedCondition)).To(Equal("True/Succeeded"))
	w.Expect(message(object)).To(And(ContainSubstring(w.org.ID()), ContainSubstring(other.ID())))
	w.awaitMember("hires", v1alpha1.OrganizationNotReadyReason)

	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.OrganizationID = other.ID() })
	w.await(v1alpha1.OrganizationMismatchReason)
	w.Expect(w.get().Status.OrganizationID).To(Equal(w.org.ID()), "the object stays with its organization")
}

func TestInvalidOrganizations(t *testing.T) {
	cases := map[string]struct {
		arguments []string
		change    func(*v1alpha1.Organization)
		want      string
	}{
		"endpoint": {[]string{"--allow-endpoint-override=false"}, func(*v1alpha1.Organization) {}, "--allow-endpoint-override"},
		"region": {nil, func(o *v1alpha1.Organization) {
			o.Spec.Region, o.Spec.Endpoint = v1alpha1.RegionIN, nil
			o.Spec.Credentials = &v1alpha1.Credentials{ServiceAccountSecretRef: &v1alpha1.SecretReference{Name: "jumpcloud"}}
		}, "use an API key"},
		"token URL": {nil, func(o *v1alpha1.Organization) {
			o.Spec.Credentials = &v1alpha1.Credentials{ServiceAccountSecretRef: &v1alpha1.SecretReference{Name: "jumpcloud"}}
		}, "spec.endpoint.tokenURL"},
		"selector": {[]string{"--watch-namespaces=NAMESPACE"}, func(o *v1alpha1.Organization) {
			o.Spec.AllowedNamespaces = v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{}}
		}, "--watch-namespaces"},
		"malformed selector": {nil, func(o *v1alpha1.Organization) {
			o.Spec.AllowedNamespaces = v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{
				MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: "Resembles"}},
			}}
		}, "allowedNamespaces.selector"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 0)
			var arguments []string
			for _, argument := range tc.arguments {
				arguments = append(arguments, strings.ReplaceAll(argument, "NAMESPACE", w.namespace))
			}
			w.operate(arguments...)
			w.secret(map[string]string{"api-key": apiKey})
			w.organization(tc.change)
			object := w.await(v1alpha1.InvalidSpecReason)
			w.Expect(message(object)).To(ContainSubstring(tc.want))
			w.Expect(condition(object, v1alpha1.StalledCondition)).To(Equal("True/InvalidSpec"))
			w.Expect(w.sim.History()).To(BeEmpty(), "no credentials are sent anywhere")
		})
	}
}

func TestAChangedSpecReachesTheMembers(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization()
	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.UpToDateReason)
	w.Expect(w.member.lastMode()).To(Equal(v1alpha1.ModeApply))
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan })
	w.Eventually(w.member.lastMode).Should(Equal(v1alpha1.ModePlan))
}

func TestADeletedOrganizationStopsItsMembers(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization()
	w.memberOf("hires")
	w.awaitMember("hires", v1alpha1.UpToDateReason)
	w.Expect(plane.Client.Delete(w.Context(), w.get())).To(Succeed())
	w.awaitMember("hires", v1alpha1.OrganizationNotReadyReason)
	_, ok := w.pool.Get(client.ObjectKey{Namespace: w.namespace, Name: "acme"})
	w.Expect(ok).To(BeFalse())

	w.organization()
	w.awaitMember("hires", v1alpha1.UpToDateReason)
}

// A namespace is admitted by its labels, and a change of them takes effect at once.
func TestANamespaceIsAdmittedByItsLabels(t *testing.T) {
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization(func(o *v1alpha1.Organization) {
		o.Spec.AllowedNamespaces = v1alpha1.AllowedNamespaces{
			From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "hr"}},
		}
	})
	w.await(v1alpha1.SucceededReason)

	home := w.namespace
	w.namespace = plane.Namespace(t)
	w.create(&v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: v1alpha1.OrganizationReference{Namespace: home, Name: "acme"},
	}})
	w.awaitMember("hires", v1alpha1.NamespaceNotAllowedReason)
	w.Expect(w.member.count()).To(BeZero())
	w.label(w.namespace, "team", "hr")
	w.awaitMember("hires", v1alpha1.UpToDateReason)
}
