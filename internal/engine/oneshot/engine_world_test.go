package oneshot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

// timing is the operator's default timing.
var timing = oneshot.Timing{RequestTimeout: enginetest.RequestTimeout, Limits: enginetest.JobLimits()}

// world is a world with one import.
type world struct {
	*enginetest.World[*v1alpha1.BulkUserImport]
}

// newWorld makes a world with an import of the lines of a CSV in the ConfigMap "hires". There
// are no users yet.
func newWorld(t *testing.T, lines []string, changes ...func(*v1alpha1.BulkUserImport)) *world {
	t.Helper()
	object := &v1alpha1.BulkUserImport{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "hires"},
		Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Namespace: "identity", Name: "acme"},
			UsersFrom:       []v1alpha1.RowsSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "hires", Key: "users.csv"}}},
		},
	}
	for _, change := range changes {
		change(object)
	}
	source := configMap(object.Namespace, "hires", map[string]string{"users.csv": strings.Join(lines, "\n")})
	woken := map[client.ObjectKey]bool{}
	build := func(config lifecycle.Config) *lifecycle.Reconciler[*v1alpha1.BulkUserImport] {
		return newReconciler(config, func(object client.ObjectKey) { woken[object] = true })
	}
	w := &world{enginetest.New(t, object, build, enginetest.Options[*v1alpha1.BulkUserImport]{Objects: []client.Object{source}})}
	w.Woken = woken
	return w
}

func newReconciler(config lifecycle.Config, wake func(client.ObjectKey)) *lifecycle.Reconciler[*v1alpha1.BulkUserImport] {
	admission := &lifecycle.Admission{Client: config.Client, WatchNamespaces: config.WatchNamespaces}
	return lifecycle.NewReconciler(&oneshot.Engine[*v1alpha1.BulkUserImport]{
		Kind: imports{rows.Loader{Reader: config.Client}}, Ledger: &ledger.Store{Reader: config.Client, Writer: config.Client},
		Timing: timing, Counters: noCounters{}, Owners: oneshot.OwnersFrom(config.Client, admission),
		Turns: turns.New(func(ctx context.Context, _ string) ([]turns.Open, error) { return open(ctx, config) }), Wake: wake,
	}, config)
}

// open returns the imports whose jobs may be open.
func open(ctx context.Context, config lifecycle.Config) (all []turns.Open, _ error) {
	list := &v1alpha1.BulkUserImportList{}
	if err := config.Live.List(ctx, list); err != nil {
		return nil, err
	}
	kind := v1alpha1.GroupVersion.WithKind("BulkUserImport")
	for i := range list.Items {
		open, err := oneshot.OpenTurns(ctx, &ledger.Store{Reader: config.Live}, kind, ledger.ImportSuffix, &list.Items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, open)
	}
	return all, nil
}

// rest makes passes until only a watch or the resync would make another one, and expects that
// nobody was created twice.
func (w *world) rest() {
	w.T.Helper()
	w.Rest()
	w.expectNobodyCreatedTwice()
}

// resyncs makes the passes of several resyncs, some of them after a restart.
func (w *world) resyncs() {
	w.T.Helper()
	for i := range 4 {
		<-time.After(time.Hour)
		if i%2 == 1 {
			w.Restart()
		}
		w.rest()
	}
}

// sent reports whether exactly this many jobs have been accepted.
func (w *world) sent(jobs int) func() bool {
	return func() bool { return len(w.Org.Jobs()) == jobs }
}
