// Package gitops_test runs Flux, and Argo CD's comparison, on the manifests that people write.
package gitops_test

import (
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const patience = 3 * time.Minute

// plane is the control plane of the tests.
var plane *testenv.ControlPlane

func TestMain(m *testing.M) {
	testenv.Exec() // before the folder changes: the processes that it becomes run in the root already
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	testenv.Main(m, &plane)
}

// world is a namespace with an operator, and a simulated JumpCloud.
type world struct {
	testing.TB
	*WithT
	namespace string
	sim       *jumpcloudtest.Server
	url       string // of the simulator
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{TB: t, WithT: NewWithT(t), namespace: plane.Namespace(t), sim: jumpcloudtest.New()}
	w.SetDefaultEventuallyTimeout(patience)
	w.SetDefaultEventuallyPollingInterval(200 * time.Millisecond)
	w.url = w.sim.Start(t)
	plane.StartOperator(t, plane.Config, "--watch-namespaces="+w.namespace).WaitReady(t)
	return w
}

func (w *world) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}

func (w *world) create(object client.Object) {
	w.Helper()
	w.Expect(plane.Client.Create(w.Context(), object)).To(Succeed())
}

// get reads an object, given its key.
func (w *world) get(object client.Object) error {
	return plane.Client.Get(w.Context(), client.ObjectKeyFromObject(object), object)
}
