package oneshot

import (
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// Setup registers the controller of a kind with the manager. The engine wakes objects through
// the controller's queue.
func Setup[T Object](mgr manager.Manager, engine *Engine[T], o lifecycle.Options[T]) error {
	o.Sources = append(o.Sources, lifecycle.Queue(func(add func(types.NamespacedName)) { engine.Wake = add }))
	return lifecycle.Setup(mgr, engine, o)
}
