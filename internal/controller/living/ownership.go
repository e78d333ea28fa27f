package living

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
)

// Holder is a Kind whose objects take note in their status of what they stand
// for. Objects of other kinds hold nothing.
type Holder[T Object] interface {
	// Holds are those of an object's claims that its status proves: see
	// lifecycle.Claimant.
	Holds(object T) []string
	// Disown drops what the status tells of what a claim names, for it is another
	// object's: it was noted in this pass, or while no other contended.
	Disown(object T, claim string)
}

var _ lifecycle.Claimant[Object] = (*Engine[Object, struct{}])(nil)

// Claims name what an object stands for.
func (e *Engine[T, M]) Claims(object T) []string { return e.Kind.Claims(object) }

// Holds are those of an object's claims that its status proves.
func (e *Engine[T, M]) Holds(object T) []string {
	if holder, ok := e.Kind.(Holder[T]); ok {
		return holder.Holds(object)
	}
	return nil
}

// Plans reports whether the object's own mode is Plan.
func (e *Engine[T, M]) Plans(object T) bool { return e.Kind.Settings(object).Mode == v1alpha1.ModePlan }

func (w *work[T, M]) disown(claim string) {
	if holder, ok := w.Kind.(Holder[T]); ok && slices.Contains(holder.Holds(w.object), claim) {
		holder.Disown(w.object, claim)
	}
}
