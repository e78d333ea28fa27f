package schedules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

var (
	now   = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	start = Event{v1alpha1.SchedulableSuspended, now.Add(time.Hour)}
	end   = Event{v1alpha1.SchedulableActivated, now.Add(2 * time.Hour)}
)

// situation is the input of a decision in a short notation: users are letters, a capital one
// is suspended, "?" before one means not in the directory, "!" protected; jobs are "id:users".
type situation struct {
	users  string
	events []Event
	policy v1alpha1.PastDuePolicy
	// after is how long after now the look is.
	after time.Duration
	// live are jobs for the first event, liveEnd for the second.
	live, liveEnd string
	// ours and adopted are jobs in the status for the first event, oursEnd for the second; old
	// is one of ours for another time.
	ours, adopted, oursEnd, old string
	lost                        string
	change                      func(*Terms, *v1alpha1.ScheduledUserStateStatus)
}

// decide returns the decision, and what it does in the same notation: "+s" and "+a" schedule
// users, "-" cancels a job, "?" suspects that one is lost.
func (s *situation) decide() (d Decision, todo string) {
	if s.events == nil {
		s.events = []Event{start}
	}
	at := now.Add(s.after)
	t := Terms{Events: s.events, policy: s.policy, mails: map[v1alpha1.SchedulableState]string{}}
	status := &v1alpha1.ScheduledUserStateStatus{}
	look := Sight{Now: at, LookedAt: at, Jobs: map[string]*Job{}, Lost: sets.New(strings.Fields(s.lost)...)}
	for name := range strings.FieldsSeq(s.users) {
		u := User{Name: name, ID: strings.ToLower(strings.TrimLeft(name, "?!")), State: jumpcloud.StateActivated, Protected: name[0] == '!'}
		if u.ID != strings.TrimLeft(name, "?!") {
			u.State = jumpcloud.StateSuspended
		}
		if name[0] == '?' {
			u.ID = ""
		}
		look.Users = append(look.Users, u)
	}
	list := func(text string, e Event) {
		for id, users := range jobsOf(text) {
			look.Jobs[id] = &Job{id, e, users}
		}
	}
	record := func(text string, e Event, change func(*v1alpha1.ScheduledJobStatus)) {
		for id, users := range jobsOf(text) {
			r := v1alpha1.ScheduledJobStatus{ScheduledJobID: id, State: e.State, At: metav1.NewTime(e.At), UserIDs: join(users)}
			change(&r)
			status.Jobs = append(status.Jobs, r)
		}
	}
	list(s.live, s.events[0])
	list(s.liveEnd, s.events[len(s.events)-1])
	former := Event{s.events[0].State, s.events[0].At.Add(17 * time.Minute)}
	list(s.old, former)
	none := func(*v1alpha1.ScheduledJobStatus) {}
	record(s.ours, s.events[0], none)
	record(s.adopted, s.events[0], func(r *v1alpha1.ScheduledJobStatus) { r.Adopted = true })
	record(s.oursEnd, s.events[len(s.events)-1], none)
	record(s.old, former, none)
	if s.change != nil {
		s.change(&t, status)
	}
	d = Decide(t, status, look)
	var texts []string
	for _, o := range d.Orders {
		text := fmt.Sprintf("+%s(%s)", strings.ToLower(string(o.State[:1])), strings.Join(o.Users, ""))
		if o.MakesUp {
			text += "now"
		}
		texts = append(texts, text)
	}
	for _, c := range d.Cancellations {
		texts = append(texts, "-"+c.ScheduledJobID)
	}
	for _, c := range d.Suspects {
		texts = append(texts, "?"+c.ScheduledJobID)
	}
	slices.Sort(texts)
	return d, strings.Join(texts, " ")
}

func jobsOf(text string) map[string]sets.Set[string] {
	jobs := map[string]sets.Set[string]{}
	for field := range strings.FieldsSeq(text) {
		id, users, _ := strings.Cut(field, ":")
		jobs[id] = sets.New(strings.Split(users, "")...)
	}
	return jobs
}

// letters stand for phases.
var letters = map[v1alpha1.ScheduledUserPhase]string{
	v1alpha1.PhaseScheduled: "S", v1alpha1.PhaseExecuted: "E", v1alpha1.PhaseMissed: "M", v1alpha1.PhaseLost: "L",
	v1alpha1.PhaseNotFound: "N", v1alpha1.PhaseProtected: "!", v1alpha1.PhasePending: "P", v1alpha1.PhasePastDue: "D",
}

func TestDecide(t *testing.T) {
	both := []Event{start, end}
	for name, c := range map[string]struct {
		situation
		want   string
		phases string
	}{
		"nothing is there":    {situation{users: "a b"}, "+s(ab)", "PP"},
		"all is there":        {situation{users: "a b", live: "1:ab", ours: "1:ab"}, "", "SS"},
		"two events":          {situation{users: "a b", events: both}, "+a(ab) +s(ab)", "PP"},
		"half of it is there": {situation{users: "a", events: both, live: "1:a", ours: "1:a"}, "+a(a)", "P"},
		"who suspended already is scheduled, too": {situation{users: "A"}, "+s(a)", "P"},
		"others did it":                              {situation{users: "a b", live: "1:abz"}, "", "SS"},
		"others did some of it":                      {situation{users: "a b", live: "1:az"}, "+s(b)", "SP"},
		"absent and protected users":                 {situation{users: "a ?b !c"}, "+s(a)", "PN!"},
		"protected users of others' jobs":            {situation{users: "!a", live: "1:a"}, "", "!"},
		"who left is replaced first":                 {situation{users: "a", live: "1:ab", ours: "1:ab"}, "+s(a)", "P"},
		"and cancelled then":                         {situation{users: "a", live: "1:ab 2:a", ours: "1:ab 2:a"}, "-1", "S"},
		"or at once if nobody is left":               {situation{users: "z", live: "1:ab 2:z", ours: "1:ab 2:z"}, "-1", "S"},
		"others' jobs are never cancelled":           {situation{users: "a", live: "1:ab 2:ab", ours: "1:ab"}, "-1", "S"},
		"another time is scheduled first":            {situation{users: "a b", old: "1:ab"}, "+s(ab)", "PP"},
		"and the old one is cancelled then":          {situation{users: "a b", old: "1:ab", live: "2:ab", ours: "2:ab"}, "-1", "SS"},
		"an order of somebody else delays no cancel": {situation{users: "a b", old: "1:a", live: "2:a", ours: "2:a"}, "+s(b) -1", "SP"},
		"a plan names all": {situation{users: "a b", old: "1:ab", change: func(t *Terms, _ *v1alpha1.ScheduledUserStateStatus) { t.Whole = true }},
			"+s(ab) -1", "PP"},
		"a job of ours that is not listed is suspected": {situation{users: "a b", ours: "1:ab"}, "?1", "SS"},
		"not if others did it meanwhile":                {situation{users: "a b", ours: "1:ab", live: "2:ab"}, "", "SS"},
		"nor if its users are gone":                     {situation{users: "a ?b", ours: "1:b", live: "2:a"}, "", "SN"},
		"nor just before its time":                      {situation{users: "a b", ours: "1:ab", after: 56 * time.Minute}, "", "SS"},
		"lost users are scheduled again":                {situation{users: "a b", ours: "1:ab", lost: "1"}, "+s(ab)", "LL"},
		"only those that nothing else covers":           {situation{users: "a b", ours: "1:ab", live: "2:a", lost: "1"}, "+s(b)", "SL"},
		"one that was to go anyhow is not missed": {situation{users: "a", ours: "1:ab", change: func(_ *Terms, s *v1alpha1.ScheduledUserStateStatus) {
			s.Jobs[0].Replacing = true
		}}, "+s(a)", "P"},
		"what is the same twice is cancelled once":         {situation{users: "a b", live: "1:ab 2:b", ours: "1:ab 2:b"}, "-2", "SS"},
		"the time has come, and it is seen":                {situation{users: "A", ours: "1:a", after: time.Hour}, "", "E"},
		"the time has come, and it is not seen":            {situation{users: "a", ours: "1:a", after: time.Hour}, "", "P"},
		"it was missed":                                    {situation{users: "a B", ours: "1:ab", after: 75 * time.Minute}, "", "ME"},
		"so it was if others had scheduled it":             {situation{users: "a", adopted: "1:a", after: 75 * time.Minute}, "", "M"},
		"or if it is still there":                          {situation{users: "a", ours: "1:a", live: "1:a", after: 75 * time.Minute}, "", "M"},
		"what is late is not replaced":                     {situation{users: "a", ours: "1:ab", live: "1:ab", after: time.Hour}, "", "P"},
		"nothing was scheduled":                            {situation{users: "a B", after: time.Hour}, "", "DE"},
		"nothing was, and is made up for":                  {situation{users: "a B", after: time.Hour, policy: v1alpha1.PastDueRunNow}, "+s(a)now", "PE"},
		"nothing was, and is let be":                       {situation{users: "a B", after: time.Hour, policy: v1alpha1.PastDueIgnore}, "", "DE"},
		"what was missed is not made up for":               {situation{users: "a", ours: "1:a", after: 75 * time.Minute, policy: v1alpha1.PastDueRunNow}, "", "M"},
		"of who is past due the end is not scheduled":      {situation{users: "a B", events: both, after: time.Hour}, "+a(b)", "DP"},
		"but where that does not matter":                   {situation{users: "a B", events: both, after: time.Hour, policy: v1alpha1.PastDueIgnore}, "+a(ab)", "PP"},
		"start and end are made up for in their order":     {situation{users: "a", events: both, after: time.Hour, policy: v1alpha1.PastDueRunNow}, "+a(a) +s(a)now", "P"},
		"never the start after the end":                    {situation{users: "a", events: both, after: 118 * time.Minute, policy: v1alpha1.PastDueRunNow}, "+a(a)", "P"},
		"a missed start does not hold up the end":          {situation{users: "a", events: both, ours: "1:a", after: 75 * time.Minute}, "+a(a)", "M"},
		"an end that is there stays though all is late":    {situation{users: "a", events: both, oursEnd: "2:a", liveEnd: "2:a", after: time.Hour}, "", "D"},
		"both have passed: the end counts":                 {situation{users: "a B", events: both, after: 2 * time.Hour}, "", "ED"},
		"another mail is another job":                      {situation{users: "a", live: "1:a", ours: "1:a", change: mail("me@example.org")}, "+s(a)", "P"},
		"but of jobs of others nobody knows the mail":      {situation{users: "a", live: "1:a", change: mail("me@example.org")}, "", "S"},
		"a distorted order is not repeated, but cancelled": {situation{users: "a", old: "1:a", change: came(v1alpha1.JobRejected, "1")}, "-1", "P"},
		"an abandoned one is not repeated":                 {situation{users: "a", old: "1:a", change: came(v1alpha1.JobAbandoned, "")}, "", "P"},
		"a refused one is":                                 {situation{users: "a", change: came(v1alpha1.JobRejected, "")}, "+s(a)", "P"},
		"an abandoned one of other users is":               {situation{users: "a b", change: came(v1alpha1.JobAbandoned, "")}, "+s(ab)", "PP"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			d, got := c.decide()
			g.Expect(got).To(Equal(c.want))
			var phases []string
			for _, u := range d.Users {
				phases = append(phases, letters[u.Phase])
			}
			g.Expect(strings.Join(phases, "")).To(Equal(c.phases))
		})
	}
}

func TestAJobThatComesBackIsNotLost(t *testing.T) {
	g := NewWithT(t)
	s := situation{users: "a", ours: "1:a", live: "1:a", change: func(_ *Terms, s *v1alpha1.ScheduledUserStateStatus) {
		s.Jobs[0].Lost = true
	}}
	d, todo := s.decide()
	g.Expect(todo).To(BeEmpty())
	g.Expect(d.kept).To(HaveLen(1))
	g.Expect(d.kept[0].Lost).To(BeFalse())
}

func mail(address string) func(*Terms, *v1alpha1.ScheduledUserStateStatus) {
	return func(t *Terms, _ *v1alpha1.ScheduledUserStateStatus) { t.mails[start.State] = address }
}

// came sets the result of submitting the order of a for the start.
func came(state v1alpha1.JobState, jobID string) func(*Terms, *v1alpha1.ScheduledUserStateStatus) {
	return func(_ *Terms, status *v1alpha1.ScheduledUserStateStatus) {
		status.Submission = &v1alpha1.ScheduleSubmission{
			JobStatus:      v1alpha1.JobStatus{State: state, JobID: jobID, Digest: digest(start.State, []string{"a"})},
			ScheduledState: start.State, At: metav1.NewTime(start.At),
		}
	}
}

func TestHarmIsCountedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		situation
		want int
	}{
		"new":                           {situation{users: "a b c"}, 3},
		"one more":                      {situation{users: "a b c", live: "1:ab", ours: "1:ab"}, 1},
		"who is suspended then anyhow":  {situation{users: "a b c", live: "1:abz", ours: "1:abz"}, 1},
		"another time is another harm":  {situation{users: "a b", old: "1:ab"}, 2},
		"to activate gives access back": {situation{users: "a b", events: []Event{end}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			d, _ := c.decide()
			g.Expect(d.Orders).To(HaveLen(1))
			g.Expect(d.Orders[0].Harmed).To(Equal(c.want))
		})
	}
}

// Users who are added one by one must not fill the status with jobs.
func TestVeryManyJobsAreMadeOne(t *testing.T) {
	g := NewWithT(t)
	status, look := &v1alpha1.ScheduledUserStateStatus{}, Sight{Now: now, LookedAt: now, Jobs: map[string]*Job{}}
	add := func(id string, users ...string) {
		look.Jobs[id] = &Job{id, start, sets.New(users...)}
		status.Jobs = append(status.Jobs, v1alpha1.ScheduledJobStatus{
			ScheduledJobID: id, State: start.State, At: metav1.NewTime(start.At), UserIDs: strings.Join(users, ","),
		})
	}
	var everybody []string
	decided := func() Decision { return Decide(Terms{Events: []Event{start}}, status, look) }
	for i := range maxOurs {
		id := fmt.Sprintf("%04d", i)
		everybody = append(everybody, id)
		look.Users = append(look.Users, User{Name: id, ID: id})
		add("job"+id, id)
	}
	g.Expect(decided().Orders).To(BeEmpty())
	look.Users = append(look.Users, User{Name: "last", ID: "last"})
	everybody = append(everybody, "last")
	add("job-last", "last")
	d := decided()
	g.Expect(d.Cancellations).To(BeEmpty())
	g.Expect(d.Orders).To(HaveLen(1))
	g.Expect(d.Orders[0].Users).To(Equal(everybody))
	g.Expect(d.Orders[0].Harmed).To(BeZero())
	add("all", everybody...)
	d = decided()
	g.Expect(d.Orders).To(BeEmpty())
	g.Expect(d.Cancellations).To(HaveLen(maxOurs + 1))
}

// A decision that was carried out, or changed nothing, stays the same: otherwise an object at
// rest would be written again and again.
func TestADecisionIsTheSameAgain(t *testing.T) {
	g := NewWithT(t)
	s := situation{users: "a b ?c !d", events: []Event{start, end}, live: "1:ab 3:bz", ours: "1:ab", liveEnd: "2:ab", oursEnd: "2:ab"}
	d, _ := s.decide()
	status := &v1alpha1.ScheduledUserStateStatus{}
	d.Record(status)
	s.change = func(_ *Terms, before *v1alpha1.ScheduledUserStateStatus) { *before = *status.DeepCopy() }
	again, _ := s.decide()
	g.Expect(again).To(Equal(d))
}

// The looks at an event happen at the same times for all objects, whenever they wake, so that
// they share one reading.
func TestLooks(t *testing.T) {
	g := NewWithT(t)
	lookSince := func(at time.Time) time.Time {
		terms := Terms{Events: []Event{{At: now}}}
		return terms.LookSince(&v1alpha1.ScheduledUserStateStatus{}, at)
	}
	for after := time.Duration(0); after < 30*time.Minute; after += 7 * time.Second {
		at := now.Add(after)
		since := lookSince(at)
		g.Expect(since).NotTo(BeTemporally(">", at))
		g.Expect(looks).To(ContainElement(since.Sub(now)))
		next := nextLook(now, at)
		g.Expect(next).To(BeTemporally(">", at))
		if after < Grace {
			g.Expect(looks).To(ContainElement(next.Sub(now)))
		}
	}
	g.Expect(lookSince(now.Add(time.Hour))).To(Equal(now.Add(Grace)))
}
