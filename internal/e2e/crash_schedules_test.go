package e2e

import (
	"slices"
	"strings"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// scheduleChores are what the operator does to scheduled states.
var scheduleChores = map[string]func(name string) chore{
	"schedule":   func(name string) chore { return &makeSchedule{scheduleOf{name: name}} },
	"reschedule": func(name string) chore { return &moveSchedule{scheduleOf{name: name}} },
	"cancel":     func(name string) chore { return &cancelSchedule{scheduleOf{name: name}} },
}

// scheduleOf is a schedule for two people of its own. Another client has scheduled another
// state for one of them, which does not concern the operator.
type scheduleOf struct {
	name, namespace, job string
	people               []string // ids
}

func (*scheduleOf) resource() string { return "scheduleduserstates" }

func (s *scheduleOf) object() client.Object {
	object := &v1alpha1.ScheduledUserState{}
	object.Namespace, object.Name = s.namespace, s.name
	return object
}

func (s *scheduleOf) schedule() *v1alpha1.ScheduledUserState {
	return s.object().(*v1alpha1.ScheduledUserState)
}

func (s *scheduleOf) sends(r jumpcloudtest.Request) bool {
	return strings.Contains(r.Body, s.people[0]) || s.job != "" && strings.HasSuffix(r.Path, "/"+s.job)
}

func (s *scheduleOf) hire(c *crash) {
	c.Helper()
	s.namespace = c.namespace
	for _, suffix := range []string{"-a", "-b"} {
		s.people = append(s.people, c.newcomer(s.name+suffix, jumpcloudtest.User{"state": "ACTIVATED"}))
	}
	c.org.AddScheduledState(jumpcloudtest.NewScheduledState{Users: s.people[:1], State: "ACTIVATED", Date: nextYear})
}

func (s *scheduleOf) declare(c *crash, date time.Time) {
	c.Helper()
	c.schedule(s.name, v1alpha1.ScheduledUserStateSpec{StartDate: at(date), Users: []v1alpha1.UserReference{
		{Username: s.name + "-a"}, {Username: s.name + "-b"},
	}})
}

func (s *scheduleOf) exists(c *crash) {
	c.Helper()
	s.hire(c)
	s.declare(c, nextYear)
	s.job = reaches(c.world, s.schedule(), v1alpha1.ScheduledReason).Status.Jobs[0].ScheduledJobID
}

// suspensions returns the jobs that suspend the two people, including canceled ones.
func (s *scheduleOf) suspensions(c *crash) []jumpcloudtest.ScheduledJob {
	return slices.DeleteFunc(c.org.ScheduledJobs(), func(job jumpcloudtest.ScheduledJob) bool {
		return job.State != "SUSPENDED" || !slices.Contains(job.Users, s.people[0])
	})
}

// isPending checks that exactly one suspension is pending, at this time, for both people, and
// that it is the object's.
func (s *scheduleOf) isPending(c *crash, date time.Time) {
	c.Helper()
	object := reaches(c.world, s.schedule(), v1alpha1.ScheduledReason)
	c.Expect(object.Status.Summary).To(HaveValue(HaveField("Scheduled", int32(2))))
	pending := slices.DeleteFunc(s.suspensions(c), func(job jumpcloudtest.ScheduledJob) bool { return len(job.Pending) == 0 })
	c.Expect(pending).To(ConsistOf(And(HaveField("Users", ConsistOf(s.people)), HaveField("Date", BeTemporally("==", date)))))
	c.Expect(object.Status.Jobs).To(ConsistOf(And(
		HaveField("ScheduledJobID", pending[0].ID), HaveField("Adopted", false), HaveField("Users", int32(2)))))
}

func (s *scheduleOf) othersStay(c *crash) {
	c.Helper()
	c.Expect(c.org.ScheduledStates()).To(ContainElement(And(
		HaveField("UserID", s.people[0]), HaveField("State", "ACTIVATED"), HaveField("Date", BeTemporally("==", nextYear)))))
}

// makeSchedule schedules a suspension.
type makeSchedule struct{ scheduleOf }

func (s *makeSchedule) prepare(c *crash) { s.hire(c) }

func (s *makeSchedule) begin(c *crash) { s.declare(c, nextYear) }

func (s *makeSchedule) done(c *crash) {
	c.Helper()
	s.isPending(c, nextYear)
	c.Expect(s.suspensions(c)).To(HaveLen(1), "there never was a second one")
	s.othersStay(c)
}

// moveSchedule moves a suspension to another time.
type moveSchedule struct{ scheduleOf }

func (s *moveSchedule) prepare(c *crash) { s.exists(c) }

func (s *moveSchedule) begin(c *crash) {
	amend(c.world, s.schedule(), func(schedule *v1alpha1.ScheduledUserState) {
		schedule.Spec.StartDate = at(nextYear.AddDate(0, 1, 0))
	})
}

func (s *moveSchedule) done(c *crash) {
	c.Helper()
	s.isPending(c, nextYear.AddDate(0, 1, 0))
	c.Expect(s.suspensions(c)).To(HaveLen(2), "one before and one after")
	s.othersStay(c)
}

// cancelSchedule cancels a suspension with its object.
type cancelSchedule struct{ scheduleOf }

func (s *cancelSchedule) prepare(c *crash) { s.exists(c) }

func (s *cancelSchedule) begin(c *crash) {
	c.Expect(plane.Client.Delete(c.Context(), s.object())).To(Succeed())
}

func (s *cancelSchedule) done(c *crash) {
	c.Helper()
	c.disappears(s.object())
	c.Expect(s.suspensions(c)).To(ConsistOf(HaveField("CanceledAt", Not(BeZero()))))
	s.othersStay(c)
}
