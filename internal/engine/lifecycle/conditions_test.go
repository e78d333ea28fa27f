package lifecycle

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	. "github.com/onsi/gomega"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// shown returns the conditions of a status as "type=status/reason", with Ready first.
func shown(status *v1alpha1.CommonStatus) []string {
	var all []string
	for _, conditionType := range []string{
		v1alpha1.ReadyCondition, v1alpha1.ReconcilingCondition, v1alpha1.StalledCondition, v1alpha1.PausedCondition,
	} {
		if c := apimeta.FindStatusCondition(status.Conditions, conditionType); c != nil {
			all = append(all, c.Type+"="+string(c.Status)+"/"+c.Reason)
		}
	}
	return all
}

var (
	done        = Done("Succeeded", "1 user")
	progressing = Progressing("JobRunning", "polled", 0)
	retrying    = Retrying("RemoteUnavailable", "later", 0)
	waiting     = Waiting("SourceNotFound", "no ConfigMap")
	stalled     = Stalled("InvalidRows", "row 1")
	undecided   = Undecided("JobTimedOut", "decide")
)

func TestOutcomesBecomeConditions(t *testing.T) {
	cases := map[string]struct {
		before   []Outcome
		outcome  Outcome
		want     []string
		observed bool
	}{
		"done":                           {nil, done, []string{"Ready=True/Succeeded"}, true},
		"first progress":                 {nil, progressing, []string{"Ready=Unknown/JobRunning", "Reconciling=True/JobRunning"}, false},
		"first wait":                     {nil, waiting, []string{"Ready=False/SourceNotFound", "Reconciling=True/SourceNotFound"}, false},
		"first retry":                    {nil, retrying, []string{"Ready=False/RemoteUnavailable", "Reconciling=True/RemoteUnavailable"}, false},
		"stalled":                        {nil, stalled, []string{"Ready=False/InvalidRows", "Stalled=True/InvalidRows"}, true},
		"undecided":                      {nil, undecided, []string{"Ready=Unknown/JobTimedOut", "Stalled=True/JobTimedOut"}, true},
		"progress goes on":               {[]Outcome{Progressing("Progressing", "", 0)}, progressing, []string{"Ready=Unknown/JobRunning", "Reconciling=True/JobRunning"}, false},
		"progress leaves Ready":          {[]Outcome{done}, progressing, []string{"Ready=True/Succeeded", "Reconciling=True/JobRunning"}, false},
		"progress ends a bad outcome":    {[]Outcome{stalled}, progressing, []string{"Ready=Unknown/JobRunning", "Reconciling=True/JobRunning"}, false},
		"progress ends a wait":           {[]Outcome{waiting}, progressing, []string{"Ready=Unknown/JobRunning", "Reconciling=True/JobRunning"}, false},
		"progress ends a decision":       {[]Outcome{undecided}, progressing, []string{"Ready=Unknown/JobRunning", "Reconciling=True/JobRunning"}, false},
		"done ends progress":             {[]Outcome{progressing}, done, []string{"Ready=True/Succeeded"}, true},
		"done ends stalled":              {[]Outcome{stalled}, done, []string{"Ready=True/Succeeded"}, true},
		"stalled ends progress":          {[]Outcome{progressing}, stalled, []string{"Ready=False/InvalidRows", "Stalled=True/InvalidRows"}, true},
		"waiting ends stalled":           {[]Outcome{stalled}, waiting, []string{"Ready=False/SourceNotFound", "Reconciling=True/SourceNotFound"}, false},
		"an outcome after an odd pause ": {[]Outcome{done}, Paused("nothing"), []string{"Ready=True/Succeeded"}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status := &v1alpha1.CommonStatus{ObservedGeneration: -1}
			for _, o := range tc.before {
				setConditions(status, 1, o)
			}
			observed := status.ObservedGeneration
			if tc.observed {
				observed = 2
			}
			setConditions(status, 2, tc.outcome)
			g.Expect(shown(status)).To(Equal(tc.want))
			g.Expect(status.ObservedGeneration).To(Equal(observed))
		})
	}
}

// After any sequence of outcomes, kstatus can read the conditions.
func TestConditionsNeverContradict(t *testing.T) {
	g := NewWithT(t)
	outcomes := []Outcome{done, progressing, retrying, waiting, stalled, undecided, Paused("")}
	for _, first := range outcomes {
		for _, second := range outcomes {
			for _, third := range outcomes {
				status := &v1alpha1.CommonStatus{ObservedGeneration: -1}
				for _, o := range []Outcome{first, second, third} {
					setConditions(status, 1, o)
					is := func(conditionType string) bool {
						return apimeta.IsStatusConditionTrue(status.Conditions, conditionType)
					}
					g.Expect(apimeta.FindStatusCondition(status.Conditions, v1alpha1.ReadyCondition)).NotTo(BeNil())
					g.Expect(is(v1alpha1.ReconcilingCondition) && is(v1alpha1.StalledCondition)).To(BeFalse(), "%v", status.Conditions)
					g.Expect(is(v1alpha1.ReadyCondition) && is(v1alpha1.StalledCondition)).To(BeFalse(), "%v", status.Conditions)
					for _, c := range status.Conditions {
						g.Expect(c.Type == v1alpha1.ReadyCondition || c.Status == metav1.ConditionTrue).To(BeTrue(), "%v", c)
						g.Expect(c.ObservedGeneration).To(Equal(int64(1)))
					}
				}
			}
		}
	}
}

func TestConditionsStayWhenNothingChanges(t *testing.T) {
	g := NewWithT(t)
	status := &v1alpha1.CommonStatus{}
	setConditions(status, 1, waiting)
	first := status.DeepCopy()
	for i := range first.Conditions {
		first.Conditions[i].LastTransitionTime.Time = first.Conditions[i].LastTransitionTime.Add(-time.Hour)
		status.Conditions[i].LastTransitionTime = first.Conditions[i].LastTransitionTime
	}
	setConditions(status, 1, waiting)
	g.Expect(status).To(Equal(first))
}

func TestPausedKeepsTheOtherConditions(t *testing.T) {
	g := NewWithT(t)
	status := &v1alpha1.CommonStatus{}
	setPaused(status, 1, progressing)
	g.Expect(shown(status)).To(Equal([]string{"Ready=Unknown/Paused", "Paused=True/Paused"}))

	status = &v1alpha1.CommonStatus{}
	setConditions(status, 1, stalled)
	setPaused(status, 2, Paused("2 rows wait."))
	g.Expect(shown(status)).To(Equal([]string{"Ready=False/InvalidRows", "Stalled=True/InvalidRows", "Paused=True/Paused"}))
	g.Expect(status.ObservedGeneration).To(Equal(int64(1)))
	g.Expect(apimeta.FindStatusCondition(status.Conditions, v1alpha1.PausedCondition).Message).To(HaveSuffix("2 rows wait."))
}

func TestMessagesAreBounded(t *testing.T) {
	g := NewWithT(t)
	status := &v1alpha1.CommonStatus{}
	setConditions(status, 1, Stalled("InvalidRows", strings.Repeat("ü", maxText)))
	message := apimeta.FindStatusCondition(status.Conditions, v1alpha1.StalledCondition).Message
	g.Expect(len(message)).To(And(BeNumerically("<=", maxText), BeNumerically(">", maxText-4)))
	g.Expect(utf8.ValidString(message)).To(BeTrue())
	g.Expect(truncate("short")).To(Equal("short"))
}
