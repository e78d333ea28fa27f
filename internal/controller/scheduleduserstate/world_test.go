package scheduleduserstate_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/scheduleduserstate"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const (
	suspended = v1alpha1.SchedulableSuspended
	activated = v1alpha1.SchedulableActivated
	posts     = "/api/v2/bulk/userstates"
)

// world has the active users ada, chas and grace, and the object "leave", which suspends ada
// and chas in a day.
type world struct {
	*enginetest.World[*v1alpha1.ScheduledUserState]
	// ids has ids by username.
	ids map[string]string
	// start and end are the times of the declared events.
	start, end time.Time
	// counted counts outcomes of submissions.
	counted map[string]int
}

type spec = v1alpha1.ScheduledUserStateSpec

// story runs a test in a bubble of fake time.
func story(t *testing.T, tell func(w *world), changes ...func(*spec)) {
	t.Helper()
	storyWith(t, nil, tell, changes...)
}

func storyWith(t *testing.T, others []client.Object, tell func(w *world), changes ...func(*spec)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, others, changes...)
		tell(w)
		w.expectOnlyOurs()
	})
}

func newWorld(t *testing.T, others []client.Object, changes ...func(*spec)) *world {
	t.Helper()
	w := &world{ids: map[string]string{}, counted: map[string]int{}, start: time.Now().Add(24 * time.Hour), end: time.Now().Add(48 * time.Hour)}
	kind := func(lifecycle.Config) continuous.Kind[*v1alpha1.ScheduledUserState, scheduleduserstate.Memory] {
		return scheduleduserstate.Kind{Limits: enginetest.JobLimits(), Counters: counters(w.counted)}
	}
	w.World = enginetest.NewLiving(t, object("leave", changes...), kind, enginetest.Options[*v1alpha1.ScheduledUserState]{Objects: others})
	for _, username := range []string{"ada", "chas", "grace"} {
		w.hire(username)
	}
	return w
}

type counters map[string]int

func (c counters) Submission(_, _, outcome string) { c[outcome]++ }

func object(name string, changes ...func(*spec)) *v1alpha1.ScheduledUserState {
	o := &v1alpha1.ScheduledUserState{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: name, UID: types.UID(name), Generation: 1},
		Spec: spec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"},
			Users:           []v1alpha1.UserReference{{Username: "ada"}, {Email: "Chas@example.org"}},
			State:           suspended,
			StartDate:       date(24 * time.Hour),
			PastDuePolicy:   v1alpha1.PastDueReject,
			Mode:            v1alpha1.ModeApply,
		},
	}
	for _, change := range changes {
		change(&o.Spec)
	}
	return o
}

// date is the time this long after the present.
func date(after time.Duration) string { return time.Now().Add(after).UTC().Format(time.RFC3339) }

// These functions change the spec. They read the clock when the change is made.
func starts(after time.Duration) func(*spec) {
	return func(s *spec) { s.StartDate = date(after) }
}

func ends(after time.Duration) func(*spec) { return func(s *spec) { s.EndDate = date(after) } }

func users(names ...string) func(*spec) {
	return func(s *spec) {
		s.Users = nil
		for _, name := range names {
			s.Users = append(s.Users, v1alpha1.UserReference{Username: name})
		}
	}
}

func policy(p v1alpha1.PastDuePolicy) func(*spec) { return func(s *spec) { s.PastDuePolicy = p } }
func mode(m v1alpha1.Mode) func(*spec)            { return func(s *spec) { s.Mode = m } }
func becomes(s v1alpha1.SchedulableState) func(*spec) {
	return func(spec *spec) { spec.State = s }
}
func retains(s *spec) { s.DeletionPolicy = v1alpha1.DeletionPolicyRetain }

// edit changes the spec as a person does.
func (w *world) edit(changes ...func(*spec)) {
	w.T.Helper()
	w.Edit(func(o *v1alpha1.ScheduledUserState) {
		for _, change := range changes {
			change(&o.Spec)
		}
	})
}

// hire makes an active user.
func (w *world) hire(username string) {
	w.ids[username] = w.Org.AddUser(jumpcloudtest.User{"username": username, "email": username + "@example.org", "state": "ACTIVATED"})
}

func (w *world) setState(username, state string) {
	w.T.Helper()
	w.Expect(w.Org.UpdateUser(w.ids[username], jumpcloudtest.User{"state": state})).To(BeTrue())
}

func (w *world) state(username string) string {
	state, _ := w.Org.User(w.ids[username])["state"].(string)
	return state
}

// others makes other clients schedule a job.
func (w *world) others(state string, at time.Time, usernames ...string) string {
	return w.Org.AddScheduledState(jumpcloudtest.NewScheduledState{Users: usernames, State: state, Date: at})
}

// sleep lets time pass without passes.
func (w *world) sleep(d time.Duration) { <-time.After(d) }

// pending returns the scheduled jobs as "state at: users", those of others in parentheses.
func (w *world) pending() []string {
	var all []string
	for _, j := range w.Org.ScheduledJobs() {
		if len(j.Pending) == 0 {
			continue
		}
		text := fmt.Sprintf("%s %s: %s", j.State, j.Date.Format(time.RFC3339), strings.Join(w.names(j.Pending), " "))
		if j.Request == 0 {
			text = "(" + text + ")"
		}
		all = append(all, text)
	}
	return all
}

func scheduled(state string, at time.Time, usernames ...string) string {
	return fmt.Sprintf("%s %s: %s", state, at.UTC().Format(time.RFC3339), strings.Join(usernames, " "))
}

func (w *world) names(ids []string) []string {
	var names []string
	for username, id := range w.ids {
		if slices.Contains(ids, id) {
			names = append(names, username)
		}
	}
	slices.Sort(names)
	return names
}

// lose makes the next submissions lose their answers, carried out or not.
func (w *world) lose(times int, carriedOut bool) {
	w.Sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Method: http.MethodPost, Path: posts, Times: times}, Kind: jumpcloudtest.FaultReset, Commit: carriedOut,
	})
}

// expectOnlyOurs checks that the operator deleted no job of others.
func (w *world) expectOnlyOurs() {
	w.T.Helper()
	for _, r := range w.Sim.History() {
		if r.Method != http.MethodDelete {
			continue
		}
		for _, j := range w.Org.ScheduledJobs() {
			if strings.HasSuffix(r.Path, j.ID) {
				w.Expect(j.Request).NotTo(BeZero(), "somebody else's job was deleted")
			}
		}
	}
}

func (w *world) summary() v1alpha1.ScheduleSummary { return *w.Get().Status.Summary }

// phases returns the phases in the status, by the spec's names of users.
func (w *world) phases() map[string]v1alpha1.ScheduledUserPhase {
	all := map[string]v1alpha1.ScheduledUserPhase{}
	for _, u := range w.Get().Status.Users {
		all[u.Username] = u.Phase
	}
	return all
}

// bubble runs a test in fake time.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

func later(d time.Duration) metav1.Time { return metav1.NewTime(time.Now().Add(d)) }
