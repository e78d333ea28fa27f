package cli

import (
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// state is the state of an object, derived from its conditions.
type state struct {
	// Word is one of the words below.
	Word    string `json:"state"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	Paused  bool   `json:"paused,omitempty"`
}

// The words for an object's state, the worst first.
const (
	wordStalled = "Stalled" // a person must act
	wordWaiting = "Waiting" // it continues by itself once something has passed
	wordUnseen  = "Unseen"  // the operator has not seen the latest declaration
	wordRunning = "Running"
	wordReady   = "Ready"
)

// rank orders states, the worst first.
func (s state) rank() int {
	for i, word := range []string{wordStalled, wordWaiting, wordUnseen, wordRunning} {
		if s.Word == word {
			return i
		}
	}
	return len(wordReady)
}

// stateOf returns the state of an object.
func stateOf(object lifecycle.Object) state {
	conditions := object.Common().Conditions
	s := state{Word: wordUnseen, Paused: apimeta.IsStatusConditionTrue(conditions, v1alpha1.PausedCondition)}
	ready := apimeta.FindStatusCondition(conditions, v1alpha1.ReadyCondition)
	if ready == nil {
		s.Message = "The operator has not looked at this object yet. Check that it is running and watches this namespace."
		return s
	}
	s.Reason, s.Message = ready.Reason, ready.Message
	stalled := apimeta.FindStatusCondition(conditions, v1alpha1.StalledCondition)
	reconciling := apimeta.FindStatusCondition(conditions, v1alpha1.ReconcilingCondition)
	switch {
	case stalled != nil && stalled.Status == metav1.ConditionTrue:
		s.Word, s.Reason, s.Message = wordStalled, stalled.Reason, stalled.Message
	case reconciling != nil && reconciling.Status == metav1.ConditionTrue:
		s.Word, s.Reason, s.Message = wordRunning, reconciling.Reason, reconciling.Message
		if ready.Status == metav1.ConditionFalse {
			s.Word = wordWaiting
		}
	case s.Paused:
		s.Word = wordWaiting
		s.Message = apimeta.FindStatusCondition(conditions, v1alpha1.PausedCondition).Message
	case object.Common().ObservedGeneration != object.GetGeneration():
		s.Message = "The operator has not looked at the latest change of this object yet. Its last message: " + s.Message
	case ready.Status == metav1.ConditionTrue:
		s.Word = wordReady
	}
	return s
}
