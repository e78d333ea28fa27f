package workdayimport_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func reporting(o *v1alpha1.WorkdayImport) { o.Spec.Leavers = v1alpha1.LeaversReport }

// expectLeavers says for which workers there are users and no worker any more.
func (w *world) expectLeavers(workers ...int) {
	w.T.Helper()
	status := w.Get().Status.Leavers
	w.Expect(status).NotTo(BeNil(), "%s", w.Describe())
	var users, names []string
	for _, user := range status.Users {
		users = append(users, user.Username)
	}
	for _, i := range workers {
		names = append(names, name(i))
	}
	w.Expect(users).To(ConsistOf(names), "%s", w.Describe())
	w.Expect(status.Unknown).To(BeEmpty())
}

// Users whom an import has made, and those whom it has found, leave with the worker.
func TestWhoLeftTheReport(t *testing.T) {
	story(t, 4, func(w *world) {
		w.joins(3)
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(3)
		w.expectLeavers()

		w.report(people(2)...)
		w.Request()
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeavers(2, 3)

		w.report(people(3)...)
		w.Request()
		w.Rest()
		w.expectLeavers(3)
	}, reporting)
}

// Workers whom the filter leaves out are no workers.
func TestWhoIsFilteredHasLeft(t *testing.T) {
	story(t, 4, func(w *world) {
		w.Rest()
		w.expectLeavers()
		w.Edit(filtered(`worker.attributes.Department == "Engineering"`))
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeavers(1, 3)
	}, reporting)
}

// A report without workers, and one of which it is not known whom it is about, lets
// no one leave.
func TestNobodyLeavesAReportInDoubt(t *testing.T) {
	story(t, 3, func(w *world) {
		w.Rest()
		w.report()
		w.Request()
		w.Rest()
		w.Expect(w.Get().Status.Leavers.Count).To(BeZero())
		w.Expect(w.Get().Status.Leavers.Unknown).To(ContainSubstring("there are no rows"))

		invalid := person(9)
		invalid["username"] = "not valid"
		w.report(append(people(2), invalid)...)
		w.Request()
		w.Rest()
		w.Expect(w.Get().Status.Leavers.Count).To(BeZero())
		w.Expect(w.Get().Status.Leavers.Unknown).To(ContainSubstring("it is not known whom it is about"))

		w.report(people(2)...)
		w.Request()
		w.Rest()
		w.expectLeavers(2)
	}, reporting, skipping)
}

func suspending(o *v1alpha1.WorkdayImport) { o.Spec.Leavers = v1alpha1.LeaversSuspend }

// activated makes all users ones who can sign in: an import creates them staged.
func (w *world) activated() {
	w.T.Helper()
	for _, user := range w.Org.Users() {
		w.Expect(w.Org.UpdateUser(user["_id"].(string), jumpcloudtest.User{"state": "ACTIVATED"})).To(BeTrue())
	}
}

// expectGone says which workers are suspended.
func (w *world) expectGone(workers ...int) {
	w.T.Helper()
	var gone, names []string
	for _, user := range w.Org.Users() {
		if user["state"] == "SUSPENDED" {
			gone = append(gone, user["username"].(string))
		}
	}
	for _, i := range workers {
		names = append(names, name(i))
	}
	w.Expect(gone).To(ConsistOf(names), "%s", w.Describe())
}

// Who has left the report is suspended, whoever else joins, and wherever a process dies.
func TestWhoLeftTheReportIsSuspended(t *testing.T) {
	enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
		t.Helper()
		story(t, 4, func(w *world) {
			w.Rest()
			w.activated()
			w.Die(d)
			w.report(person(0), person(1), person(7))
			w.Request()
			w.Rest()
			w.ExpectReady("True/Succeeded")
			w.expectGone(2, 3)
			w.created(1)
			w.expectLeavers()
			w.Expect(w.Get().Status.Summary).To(And(HaveField("Total", int32(3)), HaveField("Created", int32(1)), HaveField("Updated", int32(2))))

			w.report(person(0), person(1), person(2), person(7))
			w.Request()
			w.Rest()
			w.ExpectReady("True/Succeeded")
			w.expectGone(2, 3)
		}, suspending)
	})
}

// A new process reads the report anew: who has come back to it, or is in it with an
// invalid row, is not suspended.
func TestALeaverIsBackInTheReport(t *testing.T) {
	invalid := with(3, jumpcloudtest.Worker{"username": "not valid"}, nil)
	for what, c := range map[string]struct {
		report []jumpcloudtest.Worker
		gone   []int
		says   string
	}{
		"by username":       {[]jumpcloudtest.Worker{person(0), person(7), person(3)}, []int{1, 2}, "a row is about this user again"},
		"by email only":     {[]jumpcloudtest.Worker{person(0), person(7), invalid}, []int{1, 2}, "a row is about this user again"},
		"nobody is in it":   {nil, nil, "there are no rows"},
		"the others are":    {[]jumpcloudtest.Worker{person(0), person(7), person(1)}, []int{2, 3}, ""},
		"it is as it was":   {[]jumpcloudtest.Worker{person(0), person(7)}, []int{1, 2, 3}, ""},
		"all have returned": {append(people(4), person(7)), nil, "a row is about this user again"},
	} {
		t.Run(what, func(t *testing.T) {
			story(t, 4, func(w *world) {
				w.Rest()
				w.activated()
				jobs := len(w.Org.Jobs())
				w.report(person(0), person(7))
				w.Request()
				w.Until(func() bool { return len(w.Org.Jobs()) > jobs })
				w.report(c.report...)
				w.Restart()
				w.Rest()
				w.ExpectReady("True/Succeeded")
				w.expectGone(c.gone...)
				if c.says != "" {
					w.Expect(w.entries()[name(3)].Message).To(ContainSubstring(c.says))
				}
			}, suspending)
		})
	}
}

// Workers whom the filter leaves out have left.
func TestWhoIsFilteredIsSuspended(t *testing.T) {
	story(t, 4, func(w *world) {
		w.Rest()
		w.activated()
		w.Edit(filtered(`worker.attributes.Department == "Engineering"`))
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(1, 3)
	}, suspending)
}
