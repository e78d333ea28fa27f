package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// These secrets are planted where secrets belong, and must not appear anywhere else.
const (
	plantedKey      = "planted-api-key-41c7"
	plantedSecret   = "planted-client-secret-9d02"
	plantedPassword = "Planted-Password-77aa"
	plantedInFile   = "Planted-Password-in-a-file-13ff"
	revokedKey      = "planted-revoked-key-b8e5"
)

// JumpCloud quotes what it was sent wherever it can, and the operator logs at the highest
// level: no secret appears in anything that people or machines can read.
var _ = It("No secret gets out", Label("bad-input"), func() {
	w := newWorld(spec(), 20, func(o *v1alpha1.Organization) { o.Spec.Credentials.APIKeySecretRef.Name = "planted" })
	operator := plane.StartOperator(spec(), plane.OperatorConfig, "--watch-namespaces="+w.namespace,
		"--request-timeout=3s", "--submission-settle-window=5s", "--zap-log-level=9")
	operator.WaitReady(spec())
	everybody := []string{w.org.ID()}
	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: plantedKey, Organizations: everybody})
	w.sim.AddCredential(jumpcloudtest.Credential{ClientID: "robot", ClientSecret: plantedSecret, Organizations: everybody})
	w.create(&corev1.Secret{ObjectMeta: w.meta("planted"), StringData: map[string]string{
		"api-key": plantedKey, "client-id": "robot", "client-secret": plantedSecret, "revoked": revokedKey,
		"ada": plantedPassword, "hires.csv": "username,email,password\nbob,bob@example.org," + plantedInFile + "\n",
	}})
	for name, credentials := range map[string]*v1alpha1.Credentials{
		"robot":   {ServiceAccountSecretRef: &v1alpha1.SecretReference{Name: "planted"}},
		"revoked": {APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "planted", Key: "revoked"}},
	} {
		w.create(&v1alpha1.Organization{ObjectMeta: w.meta(name), Spec: v1alpha1.OrganizationSpec{
			Endpoint: &v1alpha1.Endpoint{URL: w.url, TokenURL: w.url + "/oauth2/token"}, Credentials: credentials,
		}})
	}

	w.quotesSecrets()
	for _, name := range []string{"acme", "robot", "revoked"} {
		w.create(&v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires-" + name), Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: name},
			Users: []v1alpha1.UserRow{{
				Username: new(name), Email: new(name + "@example.org"), PasswordSecretRef: &v1alpha1.KeyReference{Name: "planted", Key: "ada"},
			}},
			UsersFrom: []v1alpha1.RowsSource{{SecretKeyRef: &v1alpha1.KeyReference{Name: "planted", Key: "hires.csv"}}},
		}})
	}
	w.await("hires-acme", v1alpha1.SubmissionRejectedReason)
	w.await("hires-robot", v1alpha1.RowsFailedReason)
	w.await("hires-revoked", v1alpha1.OrganizationNotReadyReason)
	w.annotate("hires-acme", v1alpha1.ReconcileRequestedAtAnnotation, "again")
	w.await("hires-acme", v1alpha1.RowsFailedReason)

	for place, text := range map[string]string{
		"log":     operator.Log(),
		"metrics": w.fetch(operator.MetricsURL),
		"objects": w.dump(&v1alpha1.OrganizationList{}, &v1alpha1.BulkUserImportList{}, &corev1.ConfigMapList{}, &eventsv1.EventList{}),
	} {
		w.Expect(len(text)).To(BeNumerically(">", 1000), place)
		for _, secret := range []string{plantedKey, plantedSecret, plantedPassword, plantedInFile, revokedKey} {
			w.Expect(strings.Contains(text, secret)).To(BeFalse(), "%s in %s", secret, place)
		}
	}
})

// quotesSecrets makes JumpCloud refuse the first job, answer the first reads with an error and
// with text, and fail rows, each time with the secrets in the message.
func (w *world) quotesSecrets() {
	secrets := strings.Join([]string{plantedKey, plantedSecret, plantedPassword, plantedInFile}, " ")
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "POST", Path: bulkUsers, Body: `"acme"`}, Status: 400, Body: `{"message":"` + secrets + `"}`})
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "GET", Path: userList}, Status: 500, Body: secrets})
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "GET", Path: userList, Skip: 1}, Status: 200, Body: secrets})
	passwords := plantedPassword + " " + plantedInFile
	w.org.ScriptRows(jumpcloudtest.RowFault{Username: "acme", StatusMsg: plantedKey + passwords})
	w.org.ScriptRows(jumpcloudtest.RowFault{Username: "robot", StatusMsg: plantedSecret + passwords})
	w.org.ScriptRows(jumpcloudtest.RowFault{StatusMsg: passwords})
}

// dump returns the JSON of all objects in the world's namespace.
func (w *world) dump(lists ...client.ObjectList) string {
	w.Helper()
	var all strings.Builder
	for _, list := range lists {
		w.Expect(plane.Client.List(w.Context(), list, client.InNamespace(w.namespace))).To(Succeed())
		w.Expect(json.NewEncoder(&all).Encode(list)).To(Succeed())
	}
	return all.String()
}

// fetch returns what an address serves.
func (w *world) fetch(url string) string {
	w.Helper()
	request, err := http.NewRequestWithContext(w.Context(), http.MethodGet, url, http.NoBody)
	w.Expect(err).NotTo(HaveOccurred())
	response, err := http.DefaultClient.Do(request)
	w.Expect(err).NotTo(HaveOccurred())
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	w.Expect(err).NotTo(HaveOccurred())
	return string(body)
}
