package enginetest

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/planbook"
)

// NewLiving makes a world for a kind that lives. kind is asked anew for each
// process; its configuration's Client is the API server as the operator sees
// it.
func NewLiving[T living.Object, M any](t *testing.T, object T, kind func(config lifecycle.Config) living.Kind[T, M], o Options[T]) *World[T] {
	t.Helper()
	o.Claims = (&living.Engine[T, M]{Kind: kind(lifecycle.Config{})}).Claims
	woken := map[types.NamespacedName]bool{}
	w := New(t, object, func(config lifecycle.Config) *lifecycle.Reconciler[T] {
		return lifecycle.NewReconciler(&living.Engine[T, M]{
			Kind: kind(config), RequestTimeout: RequestTimeout, Counters: drift{},
			PlanStore: &planbook.Store{Reader: config.Client, Writer: config.Client},
			Wake:      func(object types.NamespacedName) { woken[object] = true },
		}, config)
	}, o)
	w.Woken = woken
	return w
}

// drift counts nothing: the events tell of corrections.
type drift struct{}

func (drift) DriftCorrection(string, string) {}
