package e2e

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// badOrganizations are connections that cannot be established, or break.
var badOrganizations = map[string]func(*badWorld){
	"An API key that is wrong": func(w *badWorld) {
		w.setKey("not-the-key")
		w.toldByOrganization()
		w.setKey(apiKey)
		w.organizationIs(v1alpha1.SucceededReason)
	},
	"An API key that expires while it is used": func(w *badWorld) {
		w.organizationIs(v1alpha1.SucceededReason)
		w.sim.RevokeCredential(apiKey)
		w.hires(v1alpha1.BulkUserImportSpec{}, people(1)...)
		w.refused()
		w.organizationIs(v1alpha1.AuthenticationFailedReason)
		w.setKey(w.key(jumpcloudtest.Credential{APIKey: "renewed", Organizations: []string{w.org.ID()}}))
		w.await("hires", v1alpha1.SucceededReason)
	},
	"An API key of another organization": func(w *badWorld) {
		w.organizationIs(v1alpha1.SucceededReason)
		w.setKey(w.key(jumpcloudtest.Credential{APIKey: "other", Organizations: []string{w.other("5f00d5f00d5f00d5f00d5f00")}}))
		w.toldByOrganization()
		w.hires(v1alpha1.BulkUserImportSpec{}, people(1)...)
		w.await("hires", v1alpha1.OrganizationNotReadyReason)
		w.Expect(w.mutations()).To(BeZero())
	},
	"An API key of several organizations": func(w *badWorld) {
		key := w.key(jumpcloudtest.Credential{APIKey: "several", Organizations: []string{
			w.other("5f00d5f00d5f00d5f00d5f00"), w.other("6a11e6a11e6a11e6a11e6a11"),
		}})
		w.create(&corev1.Secret{ObjectMeta: w.meta("several"), StringData: map[string]string{"api-key": key}})
		w.create(&v1alpha1.Organization{ObjectMeta: w.meta("both"), Spec: v1alpha1.OrganizationSpec{
			Endpoint:    &v1alpha1.Endpoint{URL: w.url},
			Credentials: &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "several"}},
		}})
		w.says(w.organization("both"))
	},
	"An API key that may only read": func(w *badWorld) {
		key := w.key(jumpcloudtest.Credential{APIKey: "auditor", Organizations: []string{w.org.ID()}, ReadOnly: true})
		w.create(&corev1.Secret{ObjectMeta: w.meta("auditor"), StringData: map[string]string{"api-key": key}})
		w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Credentials.APIKeySecretRef.Name = "auditor" })
		w.hires(v1alpha1.BulkUserImportSpec{}, people(1)...)
		w.told()
		w.Expect(w.org.Jobs()).To(BeEmpty())
	},
	"An API key that is no key": func(w *badWorld) {
		w.setKey("first line\nsecond line")
		w.toldByOrganization()
	},
	"A service account with a wrong secret": func(w *badWorld) {
		w.sim.AddCredential(jumpcloudtest.Credential{ClientID: "robot", ClientSecret: "right", Organizations: []string{w.org.ID()}})
		w.create(&corev1.Secret{ObjectMeta: w.meta("robot"), StringData: map[string]string{"client-id": "robot", "client-secret": "mistyped"}})
		w.create(&v1alpha1.Organization{ObjectMeta: w.meta("robot"), Spec: v1alpha1.OrganizationSpec{
			Endpoint:    &v1alpha1.Endpoint{URL: w.url, TokenURL: w.url + "/oauth2/token"},
			Credentials: &v1alpha1.Credentials{ServiceAccountSecretRef: &v1alpha1.SecretReference{Name: "robot"}},
		}})
		w.says(w.organization("robot"))
	},
	"An address where nobody answers": func(w *badWorld) {
		w.create(&v1alpha1.Organization{ObjectMeta: w.meta("nobody"), Spec: v1alpha1.OrganizationSpec{
			Endpoint:    &v1alpha1.Endpoint{URL: "http://127.0.0.1:1"},
			Credentials: &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud"}},
		}})
		w.says(w.organization("nobody"))
	},
	"An address that JumpCloud blocks": func(w *badWorld) {
		w.sim.Configure(func(b *jumpcloudtest.Behavior) { b.Blocked = true })
		w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.Burst = 100 }) // triggers another check
		w.toldByOrganization()
	},
	"An API key for changes that is wrong": func(w *badWorld) {
		w.observer()
		w.setKey("mistyped")
		w.organizationIs(v1alpha1.AuthenticationFailedReason)
		w.hires(v1alpha1.BulkUserImportSpec{}, people(1)...)
		w.refused()
		w.setKey(apiKey)
		w.await("hires", v1alpha1.SucceededReason)
	},
	"Credentials for changes that are wrong": func(w *badWorld) {
		w.observer()
		w.setKey("mistyped")
		w.toldByOrganization()
	},
	"Credentials for reads that are wrong": func(w *badWorld) {
		w.observer()
		w.sim.RevokeCredential("reader")
		w.hires(v1alpha1.BulkUserImportSpec{}, people(1)...)
		w.toldByOrganization()
		w.Expect(w.mutations()).To(BeZero())
	},
	"Credentials for changes that are missing": func(w *badWorld) {
		w.observer()
		w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Credentials.APIKeySecretRef.Name = "writer" })
		w.toldByOrganization()
	},
	"Credentials for reads and for changes of two organizations": func(w *badWorld) {
		w.readerOf(w.other("5f00d5f00d5f00d5f00d5f00"))
		w.create(&v1alpha1.Organization{ObjectMeta: w.meta("both"), Spec: v1alpha1.OrganizationSpec{
			Endpoint:        &v1alpha1.Endpoint{URL: w.url},
			Credentials:     &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud"}},
			ReadCredentials: reader(),
		}})
		w.says(w.organization("both"))
	},
	"No Secret with the credentials": func(w *badWorld) {
		w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Credentials.APIKeySecretRef.Name = "jumpcloud-key" })
		w.toldByOrganization()
	},
	"A Secret without the key": func(w *badWorld) {
		w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Credentials.APIKeySecretRef.Key = "token" })
		w.toldByOrganization()
	},
	"An Organization that does not exist": func(w *badWorld) {
		w.create(&v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "emca"}, UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(1)...)},
		}})
		w.refused()
	},
	"An Organization of another namespace": func(w *badWorld) {
		home := w.namespace
		w.namespace = plane.Namespace(w.TB)
		w.create(&v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme", Namespace: home}, UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(1)...)},
		}})
		w.names = []string{home, "identity", w.namespace, "people"}
		w.refused()
	},
}

// observer gives the Organization a separate key for reads, and waits until it is used.
func (w *badWorld) observer() {
	w.Helper()
	w.readerOf(w.org.ID())
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ReadCredentials = reader() })
	w.Eventually(w.sim.History).Should(ContainElement(HaveField("Administrator", "reader")))
}

// readerOf creates a read-only key, in the Secret reader.
func (w *badWorld) readerOf(organization string) {
	w.Helper()
	key := w.key(jumpcloudtest.Credential{APIKey: "reader", Organizations: []string{organization}, ReadOnly: true, Email: "reader"})
	w.create(&corev1.Secret{ObjectMeta: w.meta("reader"), StringData: map[string]string{"api-key": key}})
}

func reader() *v1alpha1.Credentials {
	return &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "reader"}}
}

// setKey replaces the Organization's API key.
func (w *badWorld) setKey(key string) {
	w.Helper()
	secret := get(w.world, &corev1.Secret{}, "jumpcloud")
	secret.StringData = map[string]string{"api-key": key}
	w.Expect(plane.Client.Update(w.Context(), secret)).To(Succeed())
}

// key adds a credential at JumpCloud and returns its key.
func (w *badWorld) key(c jumpcloudtest.Credential) string {
	w.sim.AddCredential(c)
	return c.APIKey
}

// other adds another organization at JumpCloud and returns its id.
func (w *badWorld) other(id string) string {
	return w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{ID: id}).ID()
}

// organization returns a function that reads the conditions of an Organization.
func (w *badWorld) organization(name string) func() []metav1.Condition {
	return func() []metav1.Condition { return get(w.world, &v1alpha1.Organization{}, name).Status.Conditions }
}

// organizationIs waits until the Ready condition of the Organization has that reason.
func (w *badWorld) organizationIs(reason string) {
	w.Helper()
	w.Eventually(w.organization("acme")).Should(ContainElement(And(
		HaveField("Type", v1alpha1.ReadyCondition), HaveField("Reason", reason))))
}
