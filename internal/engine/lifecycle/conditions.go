package lifecycle

import (
	"unicode/utf8"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// maxText bounds the messages of conditions and events, and the echo of a request: an event's
// note and status.lastHandledReconcileAt hold no more.
const maxText = 1024

// setConditions turns an outcome into Ready, Reconciling and Stalled, and moves
// observedGeneration if the outcome answers the generation. The outcome was classified before.
func setConditions(status *v1alpha1.CommonStatus, generation int64, o Outcome) {
	set := func(conditionType string, value metav1.ConditionStatus) {
		apimeta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: conditionType, Status: value, ObservedGeneration: generation,
			Reason: o.reason, Message: truncate(o.message),
		})
	}
	ready := readyAfter(status.Conditions, o)
	for _, c := range []struct {
		conditionType string
		present       bool
	}{
		{v1alpha1.ReconcilingCondition, o.kind == kindProgressing || o.kind == kindRetrying || o.kind == kindWaiting},
		{v1alpha1.StalledCondition, o.kind == kindStalled || o.kind == kindUndecided},
	} {
		if c.present {
			set(c.conditionType, metav1.ConditionTrue)
		} else {
			apimeta.RemoveStatusCondition(&status.Conditions, c.conditionType)
		}
	}
	if ready != "" {
		set(v1alpha1.ReadyCondition, ready)
	}
	if o.final() {
		status.ObservedGeneration = generation
	}
}

// readyAfter returns the status of Ready after the outcome, or "" if Ready keeps its value,
// reason and message.
func readyAfter(conditions []metav1.Condition, o Outcome) metav1.ConditionStatus {
	switch o.kind {
	case kindDone:
		return metav1.ConditionTrue
	case kindRetrying, kindWaiting, kindStalled:
		return metav1.ConditionFalse
	case kindUndecided:
		return metav1.ConditionUnknown
	default:
	}
	ready := apimeta.FindStatusCondition(conditions, v1alpha1.ReadyCondition)
	switch {
	case ready == nil || ready.Status == metav1.ConditionUnknown:
		return metav1.ConditionUnknown
	case ready.Status == metav1.ConditionFalse && o.kind == kindProgressing:
		// Work continues, so the reason for False is obsolete. A state that was reached stays
		// reached until the work shows otherwise.
		return metav1.ConditionUnknown
	default:
		return ""
	}
}

// setPaused records that the object is paused. The other conditions keep their last values; an
// object that has none yet gets Ready Unknown.
func setPaused(status *v1alpha1.CommonStatus, generation int64, o Outcome) {
	message := "The annotation " + v1alpha1.PausedAnnotation + " stops every change at JumpCloud; open jobs are still polled."
	if o.kind == kindPaused && o.message != "" {
		message += " " + o.message
	}
	paused := metav1.Condition{
		Status: metav1.ConditionTrue, ObservedGeneration: generation, Reason: v1alpha1.PausedReason,
		Message: truncate(message),
	}
	if apimeta.FindStatusCondition(status.Conditions, v1alpha1.ReadyCondition) == nil {
		ready := paused
		ready.Type, ready.Status = v1alpha1.ReadyCondition, metav1.ConditionUnknown
		apimeta.SetStatusCondition(&status.Conditions, ready)
	}
	paused.Type = v1alpha1.PausedCondition
	apimeta.SetStatusCondition(&status.Conditions, paused)
}

// truncate cuts s to at most maxText bytes, between characters.
func truncate(s string) string {
	if len(s) <= maxText {
		return s
	}
	const ellipsis = "…"
	end := maxText - len(ellipsis)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}
