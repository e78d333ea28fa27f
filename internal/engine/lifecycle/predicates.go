package lifecycle

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// relevant lets through what an object's own watch should wake it for: all
// but changes of status, labels and foreign annotations.
func relevant() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		if e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() ||
			e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero() {
			return true
		}
		for _, annotation := range []string{
			v1alpha1.PausedAnnotation, v1alpha1.ReconcileRequestedAtAnnotation, v1alpha1.AbandonAnnotation,
			v1alpha1.ResolveSubmissionAnnotation, v1alpha1.AllowEmptyAnnotation, v1alpha1.AdoptAnnotation,
		} {
			if e.ObjectOld.GetAnnotations()[annotation] != e.ObjectNew.GetAnnotations()[annotation] {
				return true
			}
		}
		return false
	}}
}

// organizationChanged lets through what members of an Organization care about
// besides its session: its spec, and whether it is ready or why not.
func organizationChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := as[*v1alpha1.Organization](e.ObjectOld), as[*v1alpha1.Organization](e.ObjectNew)
		was, is := find(before.Common(), v1alpha1.ReadyCondition), find(after.Common(), v1alpha1.ReadyCondition)
		return before.Generation != after.Generation || was.Status != is.Status || was.Reason != is.Reason
	}}
}

// releaseChanged lets through that an Organization released plans, or does so no
// more.
func releaseChanged() predicate.Predicate {
	return updates(func(e event.UpdateEvent) bool {
		before, after := as[*v1alpha1.Organization](e.ObjectOld), as[*v1alpha1.Organization](e.ObjectNew)
		return !equality.Semantic.DeepEqual(before.Status.Released, after.Status.Released)
	})
}

// updates lets through such updates, and nothing else.
func updates(such func(event.UpdateEvent) bool) predicate.Predicate {
	return predicate.Funcs{
		CreateFunc:  func(event.CreateEvent) bool { return false },
		UpdateFunc:  such,
		DeleteFunc:  func(event.DeleteEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// roomChanged lets through that there may be more room in the guard's window than
// there was: something was given back, or a limit is another one or gone. What the
// window forgets in time has no event: see Pass.Reserve.
func roomChanged() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := as[*v1alpha1.Organization](e.ObjectOld), as[*v1alpha1.Organization](e.ObjectNew)
			return guard.GaveBack(before.Status.Guard, after.Status.Guard) ||
				!equality.Semantic.DeepEqual(before.Spec.Guard.Window, after.Spec.Guard.Window)
		},
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// comesOrGoes lets through that an object is there, is being deleted, or is gone.
func comesOrGoes() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero()
	}}
}

// contentionChanged lets through what those who share a key of an object's care
// about: that it comes or goes, its identity keys, and its spec. A new
// object may come before one that is there: objects of the same second are
// ordered by their UID. Those of the initial list wake anyway.
func contentionChanged[T Object](contender Contender[T]) predicate.Predicate {
	return predicate.Funcs{
		CreateFunc:  func(e event.CreateEvent) bool { return !e.IsInInitialList },
		GenericFunc: func(event.GenericEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := as[T](e.ObjectOld), as[T](e.ObjectNew)
			return before.GetGeneration() != after.GetGeneration() ||
				before.GetDeletionTimestamp().IsZero() != after.GetDeletionTimestamp().IsZero() ||
				!after.GetDeletionTimestamp().IsZero() && !slices.Equal(before.GetFinalizers(), after.GetFinalizers()) ||
				!slices.Equal(contender.IdentityKeys(before), contender.IdentityKeys(after)) ||
				!slices.Equal(contender.HeldKeys(before), contender.HeldKeys(after))
		},
	}
}

// afterStart lets through all but what is there already when the process starts: all
// objects wake then anyway.
func afterStart() predicate.Predicate {
	return predicate.Funcs{CreateFunc: func(e event.CreateEvent) bool { return !e.IsInInitialList }}
}
