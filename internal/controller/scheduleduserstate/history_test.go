package scheduleduserstate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const (
	histories = 100
	steps     = 12
)

// people may come and go. Another user, grace, is in every job that others make, so that none
// of those equals one of ours.
var people = []string{"ada", "chas", "joan", "edith"}

// history is a world in which people, the operator and chance act at random.
type history struct {
	*world
	rng  *rand.Rand
	told []string
}

// Whatever happens, and whenever a process dies: no job of others is deleted, no user has two
// jobs of ours for one state and instant except while one replaces another, and in the end
// exactly what is declared is scheduled.
func TestHistories(t *testing.T) {
	total := map[string]int{}
	enginetest.Histories(t, histories, 2, func(t *testing.T, random *rand.Rand) {
		t.Helper()
		bubble(t, func(t *testing.T) {
			t.Helper()
			h := &history{world: newWorld(t, nil, ends(48*time.Hour)), rng: random}
			h.Org.Generate(30) // so that the guard lets an object harm more than it does
			h.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Guard = v1alpha1.Guard{} })
			for range steps {
				h.step()
				h.passes()
				h.expectWindow(2)
			}
			h.end()
			for outcome, n := range h.counted {
				total[outcome] += n
			}
		})
	})
	t.Log(total)
	for _, outcome := range []string{"accepted", "recovered", "lost", "unknown"} {
		NewWithT(t).Expect(total[outcome]).To(BeNumerically(">", 0), outcome)
	}
}

func (h *history) chance(p float64) bool { return h.rng.Float64() < p }

func (h *history) tell(format string, arguments ...any) {
	h.told = append(h.told, fmt.Sprintf(format, arguments...))
}

// step makes one random thing happen.
func (h *history) step() {
	switch h.rng.IntN(10) {
	case 0:
		names := h.some(people, 1)
		h.tell("users %v", names)
		h.edit(users(names...))
	case 1:
		start := time.Duration(h.rng.IntN(40*60)-60) * time.Minute
		end := start + time.Duration(1+h.rng.IntN(20*60))*time.Minute
		h.tell("from %s to %s", start, end)
		h.edit(starts(start), ends(end))
	case 2:
		h.meddle()
	case 3:
		if pending := h.Org.ScheduledStates(); len(pending) > 0 {
			row := pending[h.rng.IntN(len(pending))]
			h.tell("remove %s", row.JobID)
			h.Org.RemoveScheduledJob(row.JobID)
		}
	case 4:
		name := people[h.rng.IntN(len(people))]
		if id := h.ids[name]; id != "" && h.Org.DeleteUser(id) {
			h.tell("fire %s", name)
			delete(h.ids, name)
		} else {
			h.tell("hire %s", name)
			h.hire(name)
		}
	case 5:
		d := time.Duration(h.rng.IntN(600)) * time.Minute
		h.tell("sleep %s", d)
		h.sleep(d)
	case 6, 7:
		times, carriedOut := 1+h.rng.IntN(3), h.chance(.5)
		h.tell("lose %d, carried out: %v", times, carriedOut)
		h.lose(times, carriedOut)
	case 8:
		died, n := false, h.rng.IntN(6)
		after := h.chance(.5)
		h.tell("die at %d, after it: %v", n, after)
		h.DieAt(n, after, &died)
	default:
		h.tell("restart")
		h.Restart()
	}
}

// meddle makes others schedule one of the declared events, or something else.
func (h *history) meddle() {
	names := h.some(people, 0)
	names = slices.DeleteFunc(names, func(name string) bool { return h.ids[name] == "" })
	events := h.declared()
	e := events[h.rng.IntN(len(events))]
	if h.chance(.3) {
		e.at = e.at.Add(time.Minute)
	}
	h.tell("others: %s %s %v", e.state, e.at, names)
	h.others(e.state, e.at, append(names, "grace")...)
}

func (h *history) some(all []string, least int) []string {
	all = slices.Clone(all)
	h.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:least+h.rng.IntN(3)]
}

// passes makes a few passes, some of them after a restart.
func (h *history) passes() {
	for range h.rng.IntN(6) {
		h.Pass()
		h.expectWindow(2)
		if h.After > 0 && h.chance(.7) {
			h.sleep(min(h.After, time.Minute))
		}
	}
}

type occasion struct {
	state string
	at    time.Time
}

// declared returns the events of the spec.
func (h *history) declared() []occasion {
	s := h.Get().Spec
	start, err := time.Parse(time.RFC3339, s.StartDate)
	h.Expect(err).NotTo(HaveOccurred())
	end, err := time.Parse(time.RFC3339, s.EndDate)
	h.Expect(err).NotTo(HaveOccurred())
	return []occasion{{"SUSPENDED", start}, {"ACTIVATED", end}}
}

// expectWindow checks that no user has more than this many jobs of ours for one state and
// instant.
func (h *history) expectWindow(most int) {
	h.T.Helper()
	seen := map[string]int{}
	for _, j := range h.Org.ScheduledJobs() {
		for _, id := range j.Pending {
			if j.Request != 0 {
				key := fmt.Sprint(j.State, j.Date, id)
				seen[key]++
				h.Expect(seen[key]).To(BeNumerically("<=", most), "%s\n%s\n%s", h.told, h.pending(), h.Describe())
			}
		}
	}
}

// end lets everything come to rest without further trouble, and compares what is scheduled
// with what is declared.
func (h *history) end() {
	h.T.Helper()
	h.OnCall = nil
	h.Sim.RemoveFaults()
	h.edit(starts(30*time.Hour), ends(40*time.Hour), users("ada", "chas", "edith"))
	h.Rest()
	for h.Condition(v1alpha1.ReadyCondition).Reason == v1alpha1.SubmissionOutcomeUnknownReason {
		s := h.Get().Status.Submission
		h.Annotate(v1alpha1.ResolveSubmissionAnnotation, fmt.Sprintf("%d/%d=Resubmit", s.Index, s.Attempt))
		h.Rest()
	}
	h.Resync()
	h.expectOnlyOurs()
	h.expectWindow(1)
	at := fmt.Sprintf("%s\n%s\n%s", h.told, h.pending(), h.Describe())
	h.Expect(h.Condition(v1alpha1.ReadyCondition).Reason).To(BeElementOf(v1alpha1.ScheduledReason, v1alpha1.UsersNotFoundReason), at)
	events := h.declared()
	for _, j := range h.Org.ScheduledJobs() {
		if j.Request != 0 && len(j.Pending) > 0 {
			h.Expect(events).To(ContainElement(occasion{j.State, j.Date}), at)
			for _, name := range h.names(j.Pending) {
				h.Expect([]string{"ada", "chas", "edith"}).To(ContainElement(name), at)
			}
		}
	}
	for _, name := range []string{"ada", "chas", "edith"} {
		for _, e := range events {
			has := slices.ContainsFunc(h.Org.ScheduledJobs(), func(j jumpcloudtest.ScheduledJob) bool {
				return slices.Contains(j.Pending, h.ids[name]) && j.State == e.state && j.Date.Equal(e.at)
			})
			h.Expect(has).To(Equal(h.ids[name] != ""), "%s %v %s", name, e, at)
		}
	}
	h.Delete()
	h.Until(h.Gone)
	for _, j := range h.Org.ScheduledJobs() {
		h.Expect(j.Request != 0 && len(j.Pending) > 0).To(BeFalse(), at)
	}
}
