package workdayimport_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// twice is worker 1 with a second employment.
func twice() jumpcloudtest.Worker { return with(1, jumpcloudtest.Worker{"lastName": "Second"}, nil) }

// A worker whom the report lists twice does not keep others from being created. The worker's
// rows fail, and each says where the other one is.
func TestDuplicatesFailByThemselves(t *testing.T) {
	for onInvalidRow, changes := range map[string][]func(*v1alpha1.WorkdayImport){
		"Abort": nil,
		"Skip":  {skipping},
	} {
		t.Run(onInvalidRow, func(t *testing.T) {
			story(t, 0, func(w *world) {
				w.report(person(0), person(1), person(2), twice())
				w.Rest()
				w.ExpectReady("False/RowsFailed")
				w.created(2)
				w.Expect(w.Org.UserByUsername(name(1))).To(BeNil())
				failures := w.Get().Status.Failures
				w.Expect(failures).To(HaveLen(2))
				w.Expect(failures[0].Reason).To(Equal("Duplicate"))
				w.Expect(failures[0].Message).To(HavePrefix("worker 2 of the report: username: is also in worker 3 of the report"))
				w.Expect(failures[1].Message).To(HavePrefix("worker 3 of the report: username: is also in worker 2 of the report"))
			}, changes...)
		})
	}
	t.Run("an invalid row stops the run all the same", func(t *testing.T) {
		story(t, 0, func(w *world) {
			w.report(person(1), twice(), with(0, jumpcloudtest.Worker{"email": "none"}, nil)) // read in the order of emails
			w.Rest()
			w.ExpectReady("False/InvalidRows")
			w.Expect(w.Message()).To(HavePrefix("1 of 3 rows is invalid, so nothing was sent: worker 1 of the report: email"))
			w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
		})
	})
	t.Run("all of them", func(t *testing.T) {
		story(t, 0, func(w *world) {
			w.report(person(1), person(1))
			w.Rest()
			w.ExpectReady("False/RowsFailed")
			w.Expect(w.Get().Status.Failures[0].Message).To(ContainSubstring("is also in worker 2 of the report"))
			w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
		})
	})
}

// First and Last take one row of a worker and skip the others, also after a restart.
func TestOneOfTheDuplicatesIsTaken(t *testing.T) {
	for which, lastname := range map[v1alpha1.Duplicates]string{v1alpha1.DuplicatesFirst: "Byron 1", v1alpha1.DuplicatesLast: "Second"} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %t", which, restart), func(t *testing.T) {
				story(t, 0, func(w *world) {
					w.report(person(0), person(1), person(2), twice())
					w.batches(1)
					if restart {
						w.Until(func() bool { return len(w.Org.Jobs()) == 1 })
						w.Restart()
					}
					w.Rest()
					w.ExpectReady("True/Succeeded")
					w.created(3)
					w.Expect(w.Get().Status.Summary.Skipped).To(BeEquivalentTo(1))
					w.Expect(w.value(name(1), "lastname")).To(Equal(lastname))

					w.Request()
					w.Rest()
					w.ExpectReady("True/Succeeded")
					w.Expect(w.Org.Jobs()).To(HaveLen(4), "three creates and a manager; the next run finds all of them")
				}, duplicates(which), mapped("manager", `worker.username == "worker00002" ? "worker00001" : ""`))
			})
		}
	}
}

// Different people who share a value are not duplicates: none of them is taken.
func TestOneOfTwoPeopleIsNotTaken(t *testing.T) {
	story(t, 0, func(w *world) {
		w.report(person(0), person(1), with(2, jumpcloudtest.Worker{"email": name(1) + "@example.org"}, nil))
		w.Rest()
		w.ExpectReady("False/RowsFailed")
		w.created(1)
		w.Expect(w.Get().Status.Failures).To(HaveLen(2))
		w.Expect(w.Get().Status.Failures[0].Message).To(HavePrefix("worker 2 of the report: email: is also in worker 3 of the report"))
	}, duplicates(v1alpha1.DuplicatesFirst))
}

// Another choice makes another run. Stating the default does not.
func TestAnotherChoiceIsAnotherRun(t *testing.T) {
	story(t, 0, func(w *world) {
		w.report(person(0), person(1), twice())
		w.Rest()
		w.created(1)
		w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.Duplicates = v1alpha1.DuplicatesFail })
		w.Rest()
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
		w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.Duplicates = v1alpha1.DuplicatesLast })
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(1)
		w.Expect(w.value(name(1), "lastname")).To(Equal("Second"))
	})
}

func duplicates(d v1alpha1.Duplicates) func(*v1alpha1.WorkdayImport) {
	return func(o *v1alpha1.WorkdayImport) { o.Spec.Duplicates = d }
}
