package oneshot_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// rivals is a world with two imports, "hires" and "rival", that state different attributes of
// the second of three users. Jobs take a while.
type rivals struct {
	*world
	hires, rival client.ObjectKey
}

func newRivals(t *testing.T) *rivals {
	t.Helper()
	w := newWorld(t, desks(3))
	w.Org.Generate(20)
	w.jobsTake(20 * time.Second)
	return &rivals{world: w, hires: w.Key, rival: w.another("rival", badges(2)...)}
}

// badges returns CSV lines that give these users another attribute than desks does.
func badges(members ...int) []string {
	lines := []string{"username,email,attributes.badge"}
	for _, i := range members {
		lines = append(lines, member(i)+","+member(i)+"@example.org,7")
	}
	return lines
}

// another creates another import, of these lines.
func (w *world) another(name string, lines ...string) client.ObjectKey {
	w.T.Helper()
	w.ConfigMap(name, map[string]string{"users.csv": strings.Join(lines, "\n")})
	object := &v1alpha1.BulkUserImport{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: w.Key.Namespace, Name: name, UID: types.UID(name), Generation: 1, CreationTimestamp: metav1.Now(),
		},
		Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Namespace: "identity", Name: "acme"},
			UsersFrom:       []v1alpha1.RowsSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: name, Key: "users.csv"}}},
		},
	}
	w.Expect(w.API.Create(w.T.Context(), object)).To(Succeed())
	return client.ObjectKeyFromObject(object)
}

// pass makes a pass over an import.
func (w *rivals) pass(key client.ObjectKey) {
	w.T.Helper()
	w.Key = key
	w.Pass()
}

// expectBoth expects that both imports succeeded, that what both state is live, and that no
// job began to change lists of a user while another one could.
func (w *rivals) expectBoth() {
	w.T.Helper()
	w.expectOneAfterAnother()
	for _, key := range []client.ObjectKey{w.hires, w.rival} {
		w.Key = key
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Get().Status.Summary.Failed).To(BeZero())
	}
	w.Expect(w.attributes(member(2))).To(And(HaveKeyWithValue("desk", "2"), HaveKeyWithValue("badge", "7")))
}

func (w *world) expectOneAfterAnother() {
	w.T.Helper()
	jobs := w.Org.Jobs()
	for i, job := range jobs {
		for _, before := range jobs[:i] {
			if !before.EndedAt.IsZero() && !before.EndedAt.After(job.AcceptedAt) {
				continue
			}
			for _, row := range before.Rows {
				w.Expect(job.Rows).NotTo(ContainElement(HaveField("Username", row.Username)), "what is in two jobs at a time")
			}
		}
	}
}

// expectWaiting expects that the import waits for another one, which it names.
func (w *rivals) expectWaiting(key client.ObjectKey, other string) {
	w.T.Helper()
	w.Key = key
	condition := w.Condition(v1alpha1.ReconcilingCondition)
	w.Expect(condition.Reason).To(Equal(v1alpha1.ProgressingReason))
	w.Expect(condition.Message).To(ContainSubstring("a job of BulkUserImport identity/"+other+" is changing attributes"), w.Describe)
}

// Two imports state different attributes of one user, and the jobs of both would be open at
// the same time: neither undoes what the other one sent.
func TestTwoImportsChangeTheListsOfAUserOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newRivals(t)
		w.RestAll(w.hires, w.rival)
		w.expectBoth()
		w.Expect(w.Org.Jobs()).To(HaveLen(2))
		w.expectEachUpdateOnce()
	})
}

// expectEachUpdateOnce expects at most two updates of each user, one by each import.
func (w *rivals) expectEachUpdateOnce() {
	w.T.Helper()
	for username, submissions := range w.Org.Submissions() {
		w.Expect(len(submissions)).To(BeNumerically("<=", 2), "submissions of %s", username)
	}
}

// A process may die at any call that changes something, of either import.
func TestTheTurnsOfTwoImportsOutliveAProcess(t *testing.T) {
	enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			w := newRivals(t)
			w.Die(d)
			w.RestAll(w.hires, w.rival)
			w.expectBoth()
		})
	})
}

// A process that takes over knows which users are in a job before it sends anything, even if
// the import that owns the job has not had a pass yet.
func TestWhoTakesOverKnowsWhoseTurnItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newRivals(t)
		w.Until(w.sent(1))
		w.Restart()
		w.pass(w.rival)
		w.pass(w.rival)
		w.expectWaiting(w.rival, "hires")
		w.RestAll(w.hires, w.rival)
		w.expectBoth()
		w.Expect(w.Org.Jobs()).To(HaveLen(2))
	})
}

// The ledger is lost together with the process: nothing shows which users the open job is
// about.
func TestAJobWithoutLedgerKeepsListsOfEverybodyAsTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newRivals(t)
		w.Until(w.sent(1))
		w.Expect(w.API.Delete(t.Context(), configMap("identity", "hires-import-results-000", nil))).To(Succeed())
		w.Restart()
		w.pass(w.rival)
		w.pass(w.rival)
		w.expectWaiting(w.rival, "hires")
		w.RestAll(w.hires, w.rival)
		w.expectBoth()
	})
}

// Rows about other users are not held up, nor are fields that are not lists.
func TestWhatChangesNoListInAJobDoesNotWait(t *testing.T) {
	for name, lines := range map[string][]string{
		"lists of others":     badges(2, 5),
		"a field of the user": {"username,email,department", member(2) + "," + member(2) + "@example.org,Engines"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newRivals(t)
				w.ConfigMap("rival", map[string]string{"users.csv": strings.Join(lines, "\n")})
				w.Until(w.sent(1))
				w.pass(w.rival)
				w.Expect(w.Org.Jobs()).To(HaveLen(2))
				w.Expect(w.Org.Jobs()[1].Rows).To(HaveLen(1))
				w.RestAll(w.hires, w.rival)
				w.ExpectReady("True/Succeeded")
				w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
			})
		})
	}
}

// The turn of the other import ends with its run, whatever becomes of that, or with the
// object.
func TestATurnEndsWithWhatItWasFor(t *testing.T) {
	for name, c := range map[string]struct {
		// before happens before the other import's job, and after happens after it; nil:
		// nothing.
		before, after func(*rivals)
	}{
		"its answer was lost": {before: func(w *rivals) { w.Lose(http.MethodPatch, "/api/v2/bulk/users", false) }},
		"the row fails": {before: func(w *rivals) {
			w.Org.ScriptRows(jumpcloudtest.RowFault{Username: member(2), StatusMsg: "no", Times: 1})
		}},
		"the row is sent again": {before: func(w *rivals) {
			w.Org.ScriptRows(jumpcloudtest.RowFault{Username: member(2), Times: 1})
		}},
		"it is refused": {before: func(w *rivals) {
			w.Sim.Script(jumpcloudtest.Fault{
				Match:  jumpcloudtest.Match{Method: http.MethodPatch, Path: "/api/v2/bulk/users", Times: 1},
				Status: http.StatusBadRequest,
			})
		}},
		"it is deleted": {after: func(w *rivals) { w.Delete() }},
		"it is abandoned": {after: func(w *rivals) {
			w.Annotate(v1alpha1.AbandonAnnotation, "true")
			w.Delete()
		}},
		"it is paused": {after: func(w *rivals) { w.Annotate(v1alpha1.PausedAnnotation, "true") }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newRivals(t)
				if c.before != nil {
					c.before(w)
				}
				w.pass(w.hires)
				if c.after != nil {
					w.pass(w.rival)
					w.expectWaiting(w.rival, "hires")
					w.Key = w.hires
					c.after(w)
				}
				w.RestAll(w.hires, w.rival)
				w.Key = w.rival
				w.ExpectReady("True/Succeeded")
				w.Expect(w.attributes(member(2))).To(HaveKeyWithValue("badge", "7"))
			})
		})
	}
}

// A job that waits for a person's decision may still take effect.
func TestAnImportWaitsForADecisionAboutAnotherOnesJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newRivals(t)
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
		w.rest()
		w.ExpectReady("Unknown/JobTimedOut")
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckNot })
		w.pass(w.rival)
		w.expectWaiting(w.rival, "hires")
		<-time.After(time.Hour)
		w.pass(w.rival)
		w.expectWaiting(w.rival, "hires")
		w.Expect(w.Org.Jobs()).To(HaveLen(1))

		w.Key = w.hires
		w.Annotate(v1alpha1.ResolveSubmissionAnnotation, "1/1=Resubmit")
		w.RestAll(w.hires, w.rival)
		w.Key = w.rival
		w.ExpectReady("True/Succeeded")
		w.Expect(w.attributes(member(2))).To(And(HaveKeyWithValue("desk", "2"), HaveKeyWithValue("badge", "7")))
	})
}

// Each import has a job open about a user that the other one is to change next.
func TestImportsThatWaitForEachOtherComeToAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, desks(2))
		w.Org.Generate(20)
		w.batches(1)
		w.jobsTake(20 * time.Second)
		r := &rivals{world: w, hires: w.Key, rival: w.another("rival", badges(2, 1)...)}
		w.RestAll(r.hires, r.rival)
		r.expectBoth()
		w.Expect(w.attributes(member(1))).To(And(HaveKeyWithValue("desk", "1"), HaveKeyWithValue("badge", "7")))
		w.Expect(w.Org.Jobs()).To(HaveLen(4))
	})
}

// Rows that wait for a turn take no room in the guard's window, and use up no attempt.
func TestWhatWaitsForATurnIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newRivals(t)
		w.window(20, 20, 100)
		w.ConfigMap("rival", map[string]string{"users.csv": "username,email,attributes.badge\n" + member(2) + ",new@example.org,7"})
		w.Key = w.rival
		w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.MatchBy = v1alpha1.MatchByUsername })
		w.Key = w.hires
		w.Until(w.sent(1))
		w.pass(w.rival)
		w.expectWaiting(w.rival, "hires")
		w.Expect(w.Counted().Harmful).To(BeZero())
		w.RestAll(w.hires, w.rival)
		w.expectBoth()
		w.Expect(w.Counted().Harmful).To(Equal(1))
	})
}
