package workdayimport_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// daily is at six o'clock; the bubble's time begins at midnight.
const daily = "0 6 * * *"

func hour(day, hour int) time.Time { return time.Date(2000, 1, day, hour, 0, 0, 0, time.UTC) }

// next is status.nextScheduleTime, last is status.lastScheduleTime.
func (w *world) next() time.Time {
	w.T.Helper()
	return w.Get().Status.NextScheduleTime.UTC()
}

func (w *world) last() time.Time {
	w.T.Helper()
	if at := w.Get().Status.LastScheduleTime; at != nil {
		return at.UTC()
	}
	return time.Time{}
}

func TestTheFirstRunIsWaitedFor(t *testing.T) {
	story(t, 3, func(w *world) {
		w.Pass()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.next()).To(Equal(hour(1, 6)))
		w.Expect(w.last()).To(BeZero())
		w.Expect(w.Sim.History()).To(BeEmpty())

		w.at("06:00:00")
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(3)
		w.Expect(w.last()).To(Equal(hour(1, 6)))
		w.Expect(w.next()).To(Equal(hour(2, 6)))
	}, scheduled(daily))
}

// The pass of a run comes on time.
func TestARunIsNotLate(t *testing.T) {
	story(t, 3, func(w *world) {
		w.Until(func() bool { return w.last().Equal(hour(1, 6)) })
		w.Expect(time.Now()).To(BeTemporally("~", hour(1, 6), 15*time.Second))
	}, scheduled(daily))
}

// Each time of the schedule makes a run of the new workers. Between the times, an import makes
// no requests.
func TestEachTimeIsARun(t *testing.T) {
	story(t, 2, func(w *world) {
		w.at("06:00:00")
		w.Rest()
		w.created(2)
		w.report(people(5)...)
		w.Sim.ForgetHistory()
		w.at("18:00:00")
		w.Rest()
		w.Expect(w.Sim.History()).To(BeEmpty())

		w.at("06:00:00")
		w.Rest()
		w.created(3)
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(2))

		w.at("06:00:00")
		w.Rest()
		w.Expect(w.Get().Status.Summary.Total).To(BeZero(), "nobody is new")
		w.ExpectReady("True/Succeeded")
	}, scheduled(daily))
}

// A run that has begun is completed, however often the reading fails and whichever process
// continues it.
func TestALaterRunIsReadInSeveralPasses(t *testing.T) {
	story(t, 2, func(w *world) {
		w.at("06:00:00")
		w.Rest()
		w.report(people(5)...)
		w.at("06:00:00")
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: "/api/v2/workdays/*/workers", Times: 12}, Status: 503})
		w.Pass()
		w.Expect(w.last()).To(Equal(hour(2, 6)))
		w.Restart()
		w.Pass()
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
		w.Rest()
		w.created(3)
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(2))
	}, scheduled(daily))
}

// Any number of missed times make one run.
func TestMissedTimes(t *testing.T) {
	story(t, 2, func(w *world) {
		w.Pass()
		<-time.After(73 * time.Hour)
		w.Restart()
		w.Rest()
		w.created(2)
		w.Expect(w.last()).To(Equal(hour(3, 6)))
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
		w.Resync()
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
	}, scheduled(daily))
}

// A time that was missed by more than the deadline is skipped.
func TestTheDeadline(t *testing.T) {
	within := func(seconds int64) func(*v1alpha1.WorkdayImport) {
		return func(o *v1alpha1.WorkdayImport) { o.Spec.StartingDeadlineSeconds = &seconds }
	}
	story(t, 2, func(w *world) {
		w.Pass()
		<-time.After(8 * time.Hour)
		w.Pass()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Sim.History()).To(BeEmpty())
		w.at("06:00:00")
		w.Rest()
		w.created(2)
	}, scheduled(daily), within(3600))
	story(t, 2, func(w *world) {
		w.Pass()
		<-time.After(6*time.Hour + 30*time.Minute)
		w.Rest()
		w.created(2)
	}, scheduled(daily), within(3600))
	// If a run has begun in time, it does not matter how long it takes.
	story(t, 2, func(w *world) {
		w.at("06:00:00")
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: "/api/v2/workdays/*/workers", Times: 20}, Status: 503})
		w.Until(func() bool { return time.Now().After(hour(1, 6).Add(10 * time.Minute)) })
		w.Rest()
		w.created(2)
		w.Expect(w.last()).To(Equal(hour(1, 6)))
	}, scheduled(daily), within(5))
}

// Runs never overlap: a time that comes during a run makes the next run, after that one has
// ended.
func TestRunsNeverOverlap(t *testing.T) {
	story(t, 2, func(w *world) {
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckApplied })
		w.Until(func() bool { return w.imports() == 1 })
		w.Expect(w.last()).To(Equal(hour(1, 0).Add(time.Minute)))
		w.report(people(4)...)
		w.Until(func() bool { return time.Now().After(hour(1, 0).Add(20 * time.Minute)) })
		w.Expect(w.last()).To(Equal(hour(1, 0).Add(time.Minute)))
		w.Expect(w.imports()).To(Equal(1))

		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckNot })
		w.Until(func() bool { return w.imports() == 2 })
		w.Expect(w.last().Minute()).To(BeNumerically(">=", 20))
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(2), "what was missed meanwhile is one run")
	}, scheduled("* * * * *"))
}

// With a schedule, a changed spec takes effect at the next time, or on request.
func TestASpecChangesBetweenTimes(t *testing.T) {
	story(t, 2, func(w *world) {
		w.at("06:00:00")
		w.Rest()
		w.report(people(4)...)
		w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.Filter = "true" })
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.imports()).To(Equal(1))
		w.Expect(w.Get().Status.ObservedGeneration).To(Equal(w.Get().Generation))

		w.Request()
		w.Rest()
		w.created(2)
		w.Expect(w.last()).To(Equal(hour(1, 6)))
		w.at("06:00:00")
		w.Rest()
		w.Expect(w.last()).To(Equal(hour(2, 6)))
	}, scheduled(daily))
}

// A request may come before the first time.
func TestARequestBeforeTheFirstTime(t *testing.T) {
	story(t, 2, func(w *world) {
		w.Pass()
		w.Request()
		w.Rest()
		w.created(2)
		w.Expect(w.last()).To(BeZero())
		w.Resync()
		w.ExpectReady("True/Succeeded")
		w.report(people(3)...)
		w.at("06:00:00")
		w.Rest()
		w.created(1)
	}, scheduled(daily))
}

// A run whose time comes while the instance is not ready waits for the instance.
func TestATimeWaitsForTheInstance(t *testing.T) {
	story(t, 2, func(w *world) {
		w.instance(condition(v1alpha1.AuthenticatedCondition, metav1.ConditionFalse))
		w.at("06:00:00")
		w.Pass()
		w.ExpectReady("False/InstanceNotReady")
		w.Expect(w.last()).To(BeZero())
		w.Expect(w.Sim.History()).To(BeEmpty())
		w.instance(condition(v1alpha1.AuthenticatedCondition, metav1.ConditionTrue))
		w.Rest()
		w.created(2)
		w.Expect(w.last()).To(Equal(hour(1, 6)))
	}, scheduled(daily))
}

// A time from a clock that was far ahead does not delay later runs.
func TestAClockThatWasAheadHoldsNoRunUp(t *testing.T) {
	story(t, 3, func(w *world) {
		w.at("06:00:00")
		w.Rest()
		w.created(3)
		object := w.Get()
		object.Status.LastScheduleTime = &metav1.Time{Time: hour(20, 6)}
		w.Expect(w.API.Status().Update(t.Context(), object)).To(Succeed())
		w.Restart()
		w.Rest()
		w.Expect(w.last()).To(Equal(hour(1, 6)))
		w.at("06:00:00")
		w.Rest()
		w.Expect(w.last()).To(Equal(hour(2, 6)))
	}, scheduled(daily))
}
