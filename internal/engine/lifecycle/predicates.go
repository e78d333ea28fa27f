package lifecycle

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// relevant lets through the updates of an object that should wake it: all but changes of
// status, labels and foreign annotations.
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

// organizationChanged lets through the changes of an Organization that concern its members,
// besides those of its session: its spec, and whether it is ready or why not.
func organizationChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := as[*v1alpha1.Organization](e.ObjectOld), as[*v1alpha1.Organization](e.ObjectNew)
		was, is := find(before.Common(), v1alpha1.ReadyCondition), find(after.Common(), v1alpha1.ReadyCondition)
		return before.Generation != after.Generation || was.Status != is.Status || was.Reason != is.Reason
	}}
}

// releaseChanged lets through that an Organization released plans, or withdrew that.
func releaseChanged() predicate.Predicate {
	return updates(func(e event.UpdateEvent) bool {
		before, after := as[*v1alpha1.Organization](e.ObjectOld), as[*v1alpha1.Organization](e.ObjectNew)
		return !equality.Semantic.DeepEqual(before.Status.Released, after.Status.Released)
	})
}

// updates lets through the updates for which such returns true, and nothing else.
func updates(such func(event.UpdateEvent) bool) predicate.Predicate {
	return predicate.Funcs{
		CreateFunc:  func(event.CreateEvent) bool { return false },
		UpdateFunc:  such,
		DeleteFunc:  func(event.DeleteEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// roomChanged lets through changes that may make room in the guard's window: something was
// given back, or a limit changed or is gone. When the window forgets counts, there is no
// event: see Pass.Reserve.
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

// comesOrGoes lets through that an object appears, begins to be deleted, or is gone.
func comesOrGoes() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero()
	}}
}

// contentionChanged lets through what concerns the objects that share a key with an object:
// that it appears or goes, its identity keys, and its spec. A new object may rank before an
// existing one: objects of the same second are ordered by UID. Objects of the initial list
// wake anyway.
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

// afterStart lets through all but the initial list: all objects wake at the start anyway.
func afterStart() predicate.Predicate {
	return predicate.Funcs{CreateFunc: func(e event.CreateEvent) bool { return !e.IsInInitialList }}
}
