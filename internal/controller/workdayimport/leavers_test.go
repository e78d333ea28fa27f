package workdayimport_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func reporting(o *v1alpha1.WorkdayImport) { o.Spec.Leavers = v1alpha1.LeaversReport }

// expectLeavers expects leavers: users of these workers, who are not in the report.
func (w *world) expectLeavers(workers ...int) {
	w.T.Helper()
	status := w.Get().Status.Leavers
	w.Expect(status).NotTo(BeNil(), w.Describe)
	var users, names []string
	for _, user := range status.Users {
		users = append(users, user.Username)
	}
	for _, i := range workers {
		names = append(names, name(i))
	}
	w.Expect(users).To(ConsistOf(names), w.Describe)
	w.Expect(status.Unknown).To(BeEmpty())
}

// Users whom an import created or found become leavers when their workers leave the report.
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

func suspending(o *v1alpha1.WorkdayImport) { o.Spec.Leavers = v1alpha1.LeaversSuspend }

// activated lets all users sign in: an import creates them staged.
func (w *world) activated() {
	w.T.Helper()
	for _, user := range w.Org.Users() {
		w.Expect(w.Org.UpdateUser(user["_id"].(string), jumpcloudtest.User{"state": "ACTIVATED"})).To(BeTrue())
	}
}

// expectGone expects exactly these workers to be suspended.
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
	w.Expect(gone).To(ConsistOf(names), w.Describe)
}

// A new process re-reads the report: a worker who is back in it, or is in it with an invalid
// row, is not suspended.
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

// A run that could not be opened because somebody edited the object is planned again from the
// whole report: the users who were found are remembered.
func TestWhoIsFoundByARunThatIsOpenedAtTheSecondTry(t *testing.T) {
	story(t, 4, func(w *world) {
		for i := range 3 {
			w.joins(i)
		}
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
		edited := false
		w.InterfereAt(0, &edited, func(w *enginetest.World[*v1alpha1.WorkdayImport], do func() error) error {
			w.Touch()
			return do()
		})
		w.Rest()
		w.Expect(edited).To(BeTrue())
		w.ExpectReady("True/Succeeded")
		w.report(person(0), person(3))
		w.Request()
		w.Rest()
		w.expectLeavers(1, 2)
	}, reporting, mode(v1alpha1.ModeApplyAfterApproval))
}
