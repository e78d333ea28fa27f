package enginetest

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/planlist"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

// NewLiving makes a world for a kind that lives. kind is called for each new process; its
// configuration's Client is the API server as the operator sees it.
func NewLiving[T continuous.Object, M any](t *testing.T, object T, kind func(config lifecycle.Config) continuous.Kind[T, M], o Options[T]) *World[T] {
	t.Helper()
	o.IdentityKeys = (&continuous.Engine[T, M]{Kind: kind(lifecycle.Config{})}).IdentityKeys
	turnsOf := o.Turns
	if turnsOf == nil {
		turnsOf = func(lifecycle.Config) *turns.Registry { return turns.New(nil) }
	}
	woken := map[types.NamespacedName]bool{}
	w := New(t, object, func(config lifecycle.Config) *lifecycle.Reconciler[T] {
		return lifecycle.NewReconciler(&continuous.Engine[T, M]{
			Kind: kind(config), RequestTimeout: RequestTimeout, Counters: drift{},
			PlanStore: &planlist.Store{Reader: config.Client, Writer: config.Client},
			Wake:      func(object types.NamespacedName) { woken[object] = true },
			Turns:     turnsOf(config),
		}, config)
	}, o)
	w.Woken = woken
	return w
}

// drift counts nothing: tests see corrections by their events.
type drift struct{}

func (drift) DriftCorrection(string, string) {}
