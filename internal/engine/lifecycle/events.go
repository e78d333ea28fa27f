package lifecycle

import (
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// action is what the operator was doing, which events.k8s.io requires.
const action = "Reconcile"

// announce records an event if Ready, Stalled or the reason of Stalled changed. It records
// none when work begins, or while the rate is limited.
func (r *Reconciler[T]) announce(object T, before *v1alpha1.CommonStatus) {
	after := object.Common()
	ready, stalled := find(after, v1alpha1.ReadyCondition), find(after, v1alpha1.StalledCondition)
	changed := ready.Status != find(before, v1alpha1.ReadyCondition).Status
	switch {
	case stalled.Status == metav1.ConditionTrue:
		if stalled.Reason != find(before, v1alpha1.StalledCondition).Reason {
			r.emit(object, corev1.EventTypeWarning, stalled.Reason, stalled.Message)
		}
	case changed && ready.Status == metav1.ConditionTrue:
		r.emit(object, corev1.EventTypeNormal, ready.Reason, ready.Message)
	case changed && ready.Status == metav1.ConditionFalse && ready.Reason != v1alpha1.RateLimitedReason:
		r.emit(object, corev1.EventTypeWarning, ready.Reason, ready.Message)
	}
}

func (r *Reconciler[T]) event(pass *Pass[T], eventType, reason, message string) {
	r.emit(pass.Object, eventType, reason, message)
}

func (r *Reconciler[T]) emit(object T, eventType, reason, message string) {
	r.Events.Eventf(object, nil, eventType, reason, action, "%s", truncate(message))
}

// find returns the condition, or an empty one.
func find(status *v1alpha1.CommonStatus, conditionType string) metav1.Condition {
	if condition := apimeta.FindStatusCondition(status.Conditions, conditionType); condition != nil {
		return *condition
	}
	return metav1.Condition{}
}
