package cli

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

var (
	plane  *testenv.ControlPlane
	update = flag.Bool("update", false, "write the golden files")
)

func TestMain(m *testing.M) { testenv.Main(m, &plane) }

// world is one namespace of a real control plane without an operator: the test writes what the
// operator would write.
type world struct {
	*WithT

	t          *testing.T
	namespace  string
	kubeconfig string
}

func newWorld(t *testing.T, namespace string) *world {
	t.Helper()
	w := &world{WithT: NewWithT(t), t: t, namespace: namespace}
	w.Expect(plane.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
	plane.CleanUp(t, namespace)
	w.as(plane.Config)
	return w
}

// as makes the commands connect with that configuration.
func (w *world) as(config *rest.Config) {
	w.kubeconfig = filepath.Join(w.t.TempDir(), "kubeconfig")
	w.Expect(testenv.WriteKubeconfig(w.kubeconfig, config)).To(Succeed())
}

// run runs a command in the namespace.
func (w *world) run(stdin string, args ...string) (code int, out, errs string) {
	w.t.Helper()
	var outBuffer bytes.Buffer
	code, errs = w.runWith(strings.NewReader(stdin), &outBuffer, args...)
	return code, outBuffer.String(), errs
}

func (w *world) runWith(in io.Reader, out io.Writer, args ...string) (code int, errs string) {
	w.t.Helper()
	var errBuffer bytes.Buffer
	line := append([]string{pluginName}, args...)
	line = append(line, "--kubeconfig="+w.kubeconfig, "--cache-dir="+w.t.TempDir(), "--namespace="+w.namespace)
	code = Main(w.t.Context(), line, genericiooptions.IOStreams{In: in, Out: out, ErrOut: &errBuffer})
	return code, errBuffer.String()
}

// golden compares a text with a file, and its lines with the maximum width.
func (w *world) golden(name, text string) {
	w.t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		w.Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
	}
	want, err := os.ReadFile(file)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(text).To(Equal(string(want)))
	w.fits(text)
}

func (w *world) fits(text string) {
	w.t.Helper()
	for line := range strings.Lines(text) {
		w.Expect(utf8.RuneCountInString(strings.TrimRight(line, "\n"))).To(BeNumerically("<=", maxWidth), line)
		w.Expect(line).NotTo(ContainSubstring("\x1b"))
	}
}

// create creates an object and then writes its status.
func (w *world) create(object lifecycle.Object) {
	w.t.Helper()
	object.SetNamespace(w.namespace)
	status, ok := object.DeepCopyObject().(lifecycle.Object)
	w.Expect(ok).To(BeTrue())
	w.Expect(plane.Client.Create(w.t.Context(), object)).To(Succeed())
	status.SetResourceVersion(object.GetResourceVersion())
	status.SetUID(object.GetUID())
	status.Common().ObservedGeneration = object.GetGeneration()
	w.Expect(plane.Client.Status().Update(w.t.Context(), status)).To(Succeed())
	w.Expect(plane.Client.Get(w.t.Context(), client.ObjectKeyFromObject(object), object)).To(Succeed())
}

func (w *world) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}

func (w *world) ref() v1alpha1.OrganizationReference {
	return v1alpha1.OrganizationReference{Name: "acme"}
}

// entries writes the ledger of an import, and its references into the status.
func (w *world) entries(object *v1alpha1.BulkUserImport, finished bool, entries []ledger.Entry) {
	w.t.Helper()
	store := &ledger.Store{Reader: plane.Client, Writer: plane.Client}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("BulkUserImport"))
	var before *ledger.Ledger
	rows := before.Successor("sha256:"+strings.Repeat("a", 64), 1, entries)
	rows.Finished = finished
	references, err := store.Write(w.t.Context(), ledgerOwner(object), rows)
	w.Expect(err).NotTo(HaveOccurred())
	object.Status.Results = references
	w.Expect(plane.Client.Status().Update(w.t.Context(), object)).To(Succeed())
}

func condition(kind string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: metav1.Now()}
}

func ready(reason, message string) []metav1.Condition {
	return []metav1.Condition{condition(v1alpha1.ReadyCondition, metav1.ConditionTrue, reason, message)}
}

func stalled(reason, message string) []metav1.Condition {
	return []metav1.Condition{
		condition(v1alpha1.ReadyCondition, metav1.ConditionFalse, reason, message),
		condition(v1alpha1.StalledCondition, metav1.ConditionTrue, reason, message),
	}
}

func waits(reason, message string) []metav1.Condition {
	return []metav1.Condition{
		condition(v1alpha1.ReadyCondition, metav1.ConditionFalse, reason, message),
		condition(v1alpha1.ReconcilingCondition, metav1.ConditionTrue, reason, message),
	}
}

// waitingHashOf is the hash of the plan of anImportThatWaits.
var waitingHashOf = "sha256:" + strings.Repeat("1", 64)

// anImportThatWaits creates an import whose plan of three rows waits.
func (w *world) anImportThatWaits() *v1alpha1.BulkUserImport {
	w.t.Helper()
	object := &v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: w.ref(), Mode: v1alpha1.ModeApplyAfterApproval, Users: []v1alpha1.UserRow{{Username: new("ada.byron"), Email: new("ada@example.org")}},
	}}
	object.Status.Conditions = stalled(v1alpha1.ApprovalRequiredReason, "The plan waits for an approval. Of 5 rows: 1 to create, 2 to update, 1 unchanged, 1 that cannot be sent.")
	object.Status.Plan = &v1alpha1.PlanStatus{
		Hash: waitingHashOf, Total: 5, Create: 1, Update: 2, Unchanged: 1, Invalid: 1, Harmful: 1, Withheld: 3,
		Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByMode},
	}
	w.create(object)
	w.entries(object, true, []ledger.Entry{
		{Row: 1, Username: "ada.byron", Email: "ada@example.org", Action: ledger.ActionCreate},
		{Row: 2, Username: "charles.babbage", Email: "charles@example.org", Action: ledger.ActionUpdate, UserID: "65f1c0ffee65f1c0ffee0002", Message: "changes department, jobTitle"},
		{Row: 3, Username: "mary", Email: "mary@example.org", Action: ledger.ActionUnchanged, Outcome: ledger.OutcomeUnchanged, UserID: "65f1c0ffee65f1c0ffee0003"},
		{Row: 4, Username: strings.Repeat("a-very-long-name.", 4), Email: "long@example.org", Action: ledger.ActionUpdate, Message: "changes " + strings.Repeat("attributes.CostCenterOfTheYear, ", 6) + "manager"},
		{Row: 5, Username: "\x1b[31mred", Action: ledger.ActionInvalid, Outcome: ledger.OutcomeFailed, Reason: v1alpha1.RowInvalidReason, Message: "spec.users[4]: email is missing"},
	})
	return object
}
