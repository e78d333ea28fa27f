package user_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// fleet is a story with n Users, of which "ada" is the first.
func fleet(t *testing.T, n int, tell func(w *world, keys []client.ObjectKey), changes ...func(*v1alpha1.User)) {
	t.Helper()
	keys := fleetOf(n)
	var others []client.Object
	for _, key := range keys[1:] {
		others = append(others, object(key.Name, 0, changes...))
	}
	options := enginetest.Options[*v1alpha1.User]{Objects: others, Distinct: true}
	storyOf(t, options, func(w *world) { tell(w, keys) }, changes...)
}

// fleetOf returns the keys of a fleet of n Users.
func fleetOf(n int) []client.ObjectKey {
	keys := []client.ObjectKey{{Namespace: "identity", Name: "ada"}}
	for i := 1; i < n; i++ {
		keys = append(keys, client.ObjectKey{Namespace: "identity", Name: fmt.Sprintf("u%05d", i)})
	}
	return keys
}

// ready counts the Users by status and reason of their Ready condition.
func (w *world) ready(keys []client.ObjectKey) map[string]int {
	w.T.Helper()
	count := map[string]int{}
	for _, key := range keys {
		w.TurnTo(key.Name)
		condition := w.Condition(v1alpha1.ReadyCondition)
		count[string(condition.Status)+"/"+condition.Reason]++
	}
	w.TurnTo(keys[0].Name)
	return count
}

// jobs returns the number of rows of each job that was sent with a method.
func (w *world) jobs(method string) (rows []int) {
	for _, r := range w.Sim.MutatingRequests() {
		if r.Method == method && r.Path == "/api/v2/bulk/users" {
			var sent []json.RawMessage
			w.Expect(json.Unmarshal([]byte(r.Body), &sent)).To(Succeed())
			rows = append(rows, len(sent))
		}
	}
	return rows
}

// restAll brings all Users of a fleet to rest, and turns to "ada".
func (w *world) restAll(keys []client.ObjectKey) {
	w.T.Helper()
	w.RestAll(keys...)
	w.TurnTo("ada")
}

func all(n int, ready string) map[string]int { return map[string]int{ready: n} }

func TestUsersAreCreatedAndUpdatedByJobs(t *testing.T) {
	fleet(t, 12, func(w *world, keys []client.ObjectKey) {
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.BulkBatchSize = 5 })
		w.RestAll(keys...)
		w.Expect(w.ready(keys)).To(Equal(all(12, "True/UpToDate")))
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{5, 5, 2}))
		w.Expect(w.Get().Status.LastChange).To(HaveField("JobID", Not(BeEmpty())))
		w.Expect(w.Get().Status.Creating).To(BeNil())
		for _, key := range keys {
			w.TurnTo(key.Name)
			w.Edit(working("Looms"))
		}
		w.restAll(keys)
		w.Expect(w.ready(keys)).To(Equal(all(12, "True/UpToDate")))
		w.Expect(w.jobs(http.MethodPatch)).To(Equal([]int{5, 5, 2}))
		w.Expect(w.live("u00007", "department")).To(Equal([]any{"Looms"}))
		w.Expect(w.Org.Users()).To(HaveLen(12))
		w.Expect(w.Sent()).To(HaveLen(6), "nothing else is sent")
	})
}

func TestARefusedRowHoldsUpNoOther(t *testing.T) {
	fleet(t, 4, func(w *world, keys []client.ObjectKey) {
		w.Org.ScriptRows(jumpcloudtest.RowFault{Username: "u00002", Times: 1})
		w.RestAll(keys...)
		w.Expect(w.ready(keys)).To(Equal(map[string]int{"True/UpToDate": 3, "False/SubmissionRejected": 1}))
		w.TurnTo("u00002")
		w.Expect(w.Message()).To(ContainSubstring("ended with failed rows, and the directory does not show this one"))
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status).To(And(HaveField("Adopted", false), HaveField("Creating", BeNil())))
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{4, 1}))
	})
}

// If JumpCloud refuses a whole job because of one row, the job is sent without that row.
func TestARowThatHasItsJobRefusedHoldsUpNoOther(t *testing.T) {
	fleet(t, 8, func(w *world, keys []client.ObjectKey) {
		w.Sim.Script(jumpcloudtest.Fault{
			Match:  jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users", Body: "u00005", Times: -1},
			Status: http.StatusBadRequest, Body: `{"message":"no"}`,
		})
		w.RestAll(keys...)
		w.Expect(w.ready(keys)).To(Equal(map[string]int{"True/UpToDate": 7, "False/SubmissionRejected": 1}))
		w.TurnTo("u00005")
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.Get().Status.Creating).To(BeNil(), "nothing was made")
		w.Expect(w.Org.Users()).To(HaveLen(7))
		w.Expect(w.jobs(http.MethodPost)).To(HaveLen(7), "8, 4 and 4, 2 and 2, 1 and 1")
	})
}

func TestARecordThatNeverEndsHoldsUpNoOther(t *testing.T) {
	fleet(t, 4, func(w *world, keys []client.ObjectKey) {
		w.Org.ScriptRows(jumpcloudtest.RowFault{Username: "u00002", Record: jumpcloudtest.RecordPending, Times: 1})
		began := time.Now()
		w.PassAll(keys, 10*time.Minute)
		w.Expect(w.ready(keys)).To(Equal(map[string]int{"True/UpToDate": 3, "Unknown/JobRunning": 1}))
		w.TurnTo("u00002")
		w.ExpectReady("Unknown/JobRunning")
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{4}), "what is in a job is not sent again")
		w.RestAll(keys...)
		w.ExpectReady("True/UpToDate")
		w.Expect(time.Since(began)).To(BeNumerically(">", enginetest.JobTimeout))
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{4, 1}))
		w.Expect(w.Org.Users()).To(HaveLen(4))
	})
}

func TestALostJobHoldsUpNoOther(t *testing.T) {
	for what, carriedOut := range map[string]bool{"carried out": true, "not carried out": false} {
		t.Run(what, func(t *testing.T) {
			fleet(t, 6, func(w *world, keys []client.ObjectKey) {
				w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.BulkBatchSize = 3 })
				w.Lose(http.MethodPost, "/api/v2/bulk/users", carriedOut)
				w.PassAll(keys, 20*time.Second)
				if !carriedOut {
					w.Expect(w.ready(keys)).To(Equal(map[string]int{"True/UpToDate": 3, "Unknown/SubmissionSettling": 3}))
				}
				w.RestAll(keys...)
				w.Expect(w.ready(keys)).To(Equal(all(6, "True/UpToDate")))
				w.Expect(w.Org.Users()).To(HaveLen(6))
				w.Expect(w.Get().Status.Adopted).To(BeFalse())
				rows := 6
				if !carriedOut {
					rows = 9
				}
				w.Expect(w.bodies(http.MethodPost)).To(HaveLen(rows), "a row is sent again only once it is proved that it was lost")
			})
		})
	}
}

// A job that JumpCloud accepted and that begins late is not sent again by a process that does
// not know its id.
func TestAJobThatBeginsLateIsNotSentTwice(t *testing.T) {
	story(t, func(w *world) {
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDelay = 90 * time.Second })
		w.Lose(http.MethodPost, "/api/v2/bulk/users", true)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.Adopted).To(BeFalse())
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{1}))
	})
}

func TestJobsWhoseAnswersAreLostAgainAndAgainAreForAPerson(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users", Times: 3}, Kind: jumpcloudtest.FaultReset,
		})
		w.Rest()
		w.ExpectReady("Unknown/SubmissionOutcomeUnknown")
		w.Expect(w.jobs(http.MethodPost)).To(HaveLen(3))
		w.Annotate(v1alpha1.ResolveSubmissionAnnotation, "1/3=Resubmit")
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Org.Users()).To(HaveLen(1))
	})
}

// A change that is edited, paused or deleted before its job is sent is not sent.
func TestAChangeIsTakenOutOfItsJob(t *testing.T) {
	for what, change := range map[string]struct {
		do   func(w *world)
		sent int
	}{
		"paused":  {func(w *world) { w.Annotate(v1alpha1.PausedAnnotation, "true") }, 0},
		"plan":    {func(w *world) { w.Edit(func(o *v1alpha1.User) { o.Spec.Mode = v1alpha1.ModePlan }) }, 0},
		"deleted": {func(w *world) { w.Delete() }, 0},
		"edited":  {func(w *world) { w.Edit(working("Looms")) }, 1},
	} {
		t.Run(what, func(t *testing.T) {
			story(t, func(w *world) {
				w.Until(func() bool { return w.Condition(v1alpha1.ReconcilingCondition).Reason == v1alpha1.JobRunningReason })
				change.do(w)
				w.Pass()
				w.RestAll(w.Key)
				w.Expect(w.bodies(http.MethodPost)).To(HaveLen(change.sent))
				if change.sent > 0 {
					w.Expect(w.live("ada", "department")).To(Equal([]any{"Looms"}))
				}
				if !w.Gone() {
					w.Expect(w.Get().Status.Creating).To(BeNil())
				}
			}, deletion(v1alpha1.DeletionPolicyDelete))
		})
	}
}

// If an approval is withdrawn before the job of its change is sent, nothing is sent.
func TestAnApprovalIsWithdrawnBeforeItsJob(t *testing.T) {
	for how, c := range map[string]struct{ approve, withdraw func(w *world, hash string) }{
		"spec.approvedPlan": {
			func(w *world, hash string) { w.Edit(func(o *v1alpha1.User) { o.Spec.ApprovedPlan = hash }) },
			func(w *world, _ string) { w.Edit(func(o *v1alpha1.User) { o.Spec.ApprovedPlan = "" }) },
		},
		"a PlanApproval": {
			func(w *world, hash string) { w.Expect(w.API.Create(w.T.Context(), w.approval(hash))).To(Succeed()) },
			func(w *world, hash string) { w.Expect(w.API.Delete(w.T.Context(), w.approval(hash))).To(Succeed()) },
		},
	} {
		t.Run(how, func(t *testing.T) {
			story(t, func(w *world) {
				w.creating(0)
				w.Rest()
				hash := w.Get().Status.Plan.Hash
				c.approve(w, hash)
				w.Until(func() bool { return w.Condition(v1alpha1.ReconcilingCondition).Reason == v1alpha1.JobRunningReason })
				c.withdraw(w, hash)
				w.Pass()
				w.RestAll(w.Key)
				w.ExpectReady("False/ApprovalRequired")
				w.Expect(w.bodies(http.MethodPost)).To(BeEmpty())
				w.Expect(w.Org.Users()).To(BeEmpty())
				w.Expect(w.Counted().Created).To(BeZero())
			})
		})
	}
}

func (w *world) approval(hash string) *v1alpha1.PlanApproval {
	return &v1alpha1.PlanApproval{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Key.Namespace, Name: "yes"},
		Spec:       v1alpha1.PlanApprovalSpec{ObjectRef: v1alpha1.ApprovableReference{Kind: "User", Name: w.Key.Name}, Plan: hash},
	}
}

// The harm of an update that was taken out of its job is not counted.
func TestHarmOfAChangeThatWasTakenOutIsNotCounted(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Edit(named("ada.king"))
		w.Until(func() bool { return w.Condition(v1alpha1.ReconcilingCondition).Reason == v1alpha1.JobRunningReason })
		w.Expect(w.Counted().Harmful).To(Equal(1))
		w.Edit(named("ada"))
		w.Rest()
		w.Expect(w.Counted().Harmful).To(BeZero())
		w.Expect(w.jobs(http.MethodPatch)).To(BeEmpty())
	})
}

// Users who were not created are not counted, however often the creation is tried.
func TestACreationThatIsRefusedIsNotCounted(t *testing.T) {
	story(t, func(w *world) {
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxCreated = new(int32(3)) })
		script := w.Sim.Script(jumpcloudtest.Fault{
			Match:  jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users", Times: -1},
			Status: http.StatusBadRequest, Body: `{"message":"no"}`,
		})
		w.Rest()
		for range 5 {
			w.Resync()
			w.ExpectReady("False/SubmissionRejected")
		}
		w.Expect(len(w.jobs(http.MethodPost))).To(BeNumerically(">", 3))
		w.Expect(w.Counted().Created).To(BeZero())
		script.Remove()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Counted().Created).To(Equal(1))
	})
}
