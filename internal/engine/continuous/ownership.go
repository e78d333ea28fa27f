package continuous

import (
	"fmt"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

var _ lifecycle.Contender[Object] = (*Engine[Object, struct{}])(nil)

// IDKey returns the key of the thing with an id at JumpCloud.
func IDKey(id string) string { return "id " + id }

// Named returns the identity of an object that stands for something with a name; key makes a
// key of a name. Its keys are that of the declared name, and those that it holds: of the id,
// of the name that is known to belong to the id, and of the name in an announced creation.
func Named(status *v1alpha1.LivingStatus, declared, id, known string, key func(name string) string) Identity {
	identity := Identity{Keys: []string{key(declared)}}
	if id != "" {
		identity.Held = append(identity.Held, IDKey(id), key(known))
	}
	if creating := status.Creating; creating != nil {
		identity.Held = append(identity.Held, key(creating.Name))
	}
	return identity
}

// AddUnique adds a unique value of a field; "" means that there is none.
func (i *Identity) AddUnique(field, value string) {
	if value != "" {
		i.Unique = append(i.Unique, fmt.Sprintf("%s %q", field, value))
	}
}

// exclusive returns the keys that only one object can own.
func (i *Identity) exclusive() []string { return union(i.Held, i.Declared()) }

// Declared returns the exclusive keys of what the spec declares.
func (i *Identity) Declared() []string { return union(i.Keys, i.Unique) }

// IdentityKeys returns the keys of what an object stands for.
func (e *Engine[T, M]) IdentityKeys(object T) []string {
	identity := e.Kind.Identity(object)
	return union(identity.exclusive(), identity.Shared)
}

// HeldKeys returns those of an object's keys that its status proves.
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
