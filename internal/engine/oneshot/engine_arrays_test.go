package oneshot_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// desks returns CSV lines with n users who are in the directory and each get an attribute.
func desks(n int) []string {
	lines := []string{"username,email,attributes.desk"}
	for i := 1; i <= n; i++ {
		lines = append(lines, fmt.Sprintf("%s,%s@example.org,%d", member(i), member(i), i))
	}
	return lines
}

// attributes returns the user's attributes, by name.
func (w *world) attributes(username string) map[string]string {
	w.T.Helper()
	all := map[string]string{}
	list, _ := w.Org.UserByUsername(username)["attributes"].([]any)
	for _, item := range list {
		if attribute, ok := item.(map[string]any); ok {
			all[fmt.Sprint(attribute["name"])] = fmt.Sprint(attribute["value"])
		}
	}
	return all
}

// badge adds an attribute to a user in the console.
func (w *world) badge(username string) {
	w.T.Helper()
	list, _ := w.Org.UserByUsername(username)["attributes"].([]any)
	w.console(username, jumpcloudtest.User{"attributes": append(slices.Clip(list), map[string]any{"name": "badge", "value": "7"})})
}

// Lists are sent whole: what is added to one between two jobs is not erased by the second.
func TestWhatTheConsoleAddedToAListStays(t *testing.T) {
	for name, change := range map[string]func(*v1alpha1.BulkUserImport){
		"at once":          func(*v1alpha1.BulkUserImport) {},
		"with an approval": afterApproval,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, desks(3), change)
				w.Org.Generate(20)
				w.batches(1)
				if w.Get().Spec.Mode == v1alpha1.ModeApplyAfterApproval {
					w.rest()
					w.approve()
				}
				w.Until(w.sent(1))
				w.badge(member(2))
				w.Until(w.sent(2))
				w.badge(member(3))
				w.rest()
				w.ExpectReady("True/Succeeded")
				for i := 1; i <= 3; i++ {
					w.Expect(w.attributes(member(i))).To(HaveKeyWithValue("desk", strconv.Itoa(i)))
				}
				w.Expect(w.attributes(member(2))).To(HaveKeyWithValue("badge", "7"))
				w.Expect(w.attributes(member(3))).To(HaveKeyWithValue("badge", "7"))
				w.expectEachSentOnce()
			})
		})
	}
}

// A job that JumpCloud asks to send later is sent with lists that were read again by then.
func TestWhatTheConsoleAddedDuringAPauseStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, desks(2))
		w.Org.Generate(20)
		w.batches(1)
		later := w.Sim.Script(jumpcloudtest.Fault{
			Match:  jumpcloudtest.Match{Method: http.MethodPatch, Path: "/api/v2/bulk/users", Skip: 1},
			Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		})
		w.Until(func() bool { return later.Caught() == 1 })
		w.badge(member(2))
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Org.Jobs()).To(HaveLen(2))
		w.Expect(w.attributes(member(2))).To(And(HaveKeyWithValue("desk", "2"), HaveKeyWithValue("badge", "7")))
	})
}

// Rows that change a list are read again right before their job, by one search per job; other
// rows are not.
func TestOnlyListsAreReadAgainBeforeTheirJob(t *testing.T) {
	counts := map[bool]int{}
	for _, lists := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			lines := moves(4)
			if lists {
				lines = desks(4)
			}
			w := newWorld(t, lines)
			w.Org.Generate(2000)
			w.batches(1)
			w.rest()
			w.ExpectReady("True/Succeeded")
			w.Expect(w.Org.Jobs()).To(HaveLen(4))
			counts[lists] = reads(w.Sim.History())
		})
	}
	NewWithT(t).Expect(counts[true]-counts[false]).To(Equal(3), "the first job goes out in the pass that read its rows")
}

// A row whose list has become as declared in the meantime is not sent.
func TestAListThatIsAsDeclaredByNowIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, desks(2))
		w.Org.Generate(20)
		w.batches(1)
		w.Until(w.sent(1))
		list, _ := w.Org.UserByUsername(member(2))["attributes"].([]any)
		w.console(member(2), jumpcloudtest.User{"attributes": append(slices.Clip(list), map[string]any{"name": "desk", "value": "2"})})
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Org.Jobs()).To(HaveLen(1))
		w.Expect(w.Get().Status.Summary.Updated).To(BeEquivalentTo(1))
		w.Expect(w.Get().Status.Summary.Unchanged).To(BeEquivalentTo(1))
	})
}
