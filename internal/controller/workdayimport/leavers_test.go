package workdayimport_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
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
