package continuous

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

var _ lifecycle.Contender[Object] = (*Engine[Object, struct{}])(nil)

// exclusive are the keys that only one object can own.
func (i *Identity) exclusive() []string { return union(i.Held, i.Keys) }

// IdentityKeys name what an object stands for.
func (e *Engine[T, M]) IdentityKeys(object T) []string {
	identity := e.Kind.Identity(object)
	return union(identity.exclusive(), identity.Shared)
}

// HeldKeys are those of an object's keys that its status proves.
func (e *Engine[T, M]) HeldKeys(object T) []string { return e.Kind.Identity(object).Held }

// PlansOnly reports whether the object's own mode is Plan.
func (e *Engine[T, M]) PlansOnly(object T) bool {
	return e.Kind.Settings(object).Mode == v1alpha1.ModePlan
}

// union returns what is in either list, each once.
func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
