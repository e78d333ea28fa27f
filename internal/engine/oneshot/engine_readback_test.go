package oneshot_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// searched counts the conditions of the searches in a history, by field; the names of fields
// with regular expressions begin with "~".
func (w *world) searched(history []jumpcloudtest.Request) map[string]int {
	w.T.Helper()
	fields := map[string]int{}
	for _, request := range history {
		if request.Path != "/api/search/systemusers" {
			continue
		}
		var body struct {
			Filter struct{ Or []any }
		}
		w.Expect(json.Unmarshal([]byte(request.Body), &body)).To(Succeed())
		for _, condition := range body.Filter.Or {
			switch c := condition.(type) {
			case string:
				field, _, _ := strings.Cut(c, ":")
				fields[field]++
			case map[string]any:
				for field, value := range c {
					if _, text := value.(string); !text {
						field = "~" + field // a regular expression
					}
					fields[field]++
				}
			}
		}
	}
	return fields
}

// readBack returns the history from the first job on.
func (w *world) readBack() []jumpcloudtest.Request {
	w.T.Helper()
	history := w.Sim.History()
	for i, request := range history {
		if request.Mutating() && strings.HasPrefix(request.Path, "/api/v2/bulk/users") {
			return history[i:]
		}
	}
	w.T.Fatalf("no job: %s", w.Describe())
	return nil
}

// Users who were updated are read back by id, and those who were created by username: one
// condition per row, and one per search for a user who is known to exist.
func TestWhatWasSentIsReadBackByOneConditionARow(t *testing.T) {
	for name, c := range map[string]struct {
		lines    []string
		users    int
		fields   map[string]int
		requests int
	}{
		"updated":                         {moves(20), 3000, map[string]int{"_id": 20 + 1}, 1},
		"created":                         {hires(20), 3000, map[string]int{"username": 20, "_id": 1}, 1},
		"both":                            {append(moves(10), hires(10)[1:]...), 3000, map[string]int{"username": 10, "_id": 10 + 1}, 1},
		"1,000 updated of 10,000 users":   {moves(1000), 10_000, map[string]int{"_id": 1000 + 11}, 11},
		"1,000 created beside 10,000":     {hires(1000), 10_000, map[string]int{"username": 1000, "_id": 11}, 11},
		"more than is worth it: the list": {moves(150), 150, map[string]int{}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.lines)
				w.Org.Generate(c.users)
				w.rest()
				w.ExpectReady("True/Succeeded")
				history := w.readBack()
				w.Expect(w.searched(history)).To(Equal(c.fields))
				w.Expect(reads(history)).To(Equal(c.requests))
			})
		})
	}
}

// Rows that the directory does not show as they were sent do not count as done and are not
// sent again, whatever became of the user in the meantime.
func TestWhatIsNotReadBack(t *testing.T) {
	for name, c := range map[string]struct {
		lines   []string
		becomes func(w *world)
	}{
		"an updated user has another username": {moves(2), func(w *world) { w.console(member(1), jumpcloudtest.User{"username": "other"}) }},
		"a created user has another username":  {hires(2), func(w *world) { w.console(hire(1), jumpcloudtest.User{"username": "other"}) }},
		"an updated user is deleted":           {moves(2), func(w *world) { w.Org.DeleteUser(w.id(member(1))) }},
		"a created user is deleted":            {hires(2), func(w *world) { w.Org.DeleteUser(w.id(hire(1))) }},
		"somebody else has the username": {moves(2), func(w *world) {
			w.Org.DeleteUser(w.id(member(1)))
			w.Org.AddUser(jumpcloudtest.User{"username": member(1), "email": "other@example.org"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.lines)
				w.Org.Generate(1000)
				w.afterTheJob(func() { c.becomes(w) })
				w.rest()
				w.ExpectReady("False/RowsFailed")
				first, _, _ := strings.Cut(c.lines[1], ",")
				w.Expect(w.entries()[first]).To(And(
					HaveField("Outcome", ledger.OutcomeFailed), HaveField("Reason", v1alpha1.RowNotAppliedReason)))
				w.Expect(w.Get().Status.Summary.Failed).To(BeEquivalentTo(1))
				w.expectEachSentOnce()
			})
		})
	}
}

// afterTheJob calls act once, after the results of a job that has ended were read and before
// the directory is read.
func (w *world) afterTheJob(act func()) {
	w.OnCall = func(c enginetest.Call, do func() error) error {
		err := do()
		if jobs := w.Org.Jobs(); strings.HasSuffix(c.Path, "/results") && !jobs[len(jobs)-1].EndedAt.IsZero() {
			w.OnCall = nil
			act()
		}
		return err
	}
}

// A row is sent again only after its user was looked for by all its keys: the read-back of a
// create, which is by username, does not show who has the email.
func TestWhatWasNotReadBackIsPlannedByAllItsKeys(t *testing.T) {
	for name, fault := range map[string]func(w *world){
		"the failure passes": func(w *world) {
			w.Org.ScriptRows(jumpcloudtest.RowFault{Username: hire(1), StatusMsg: "InternalServerError", Times: 1})
		},
		"the answer is lost": func(w *world) {
			w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users"}, Kind: jumpcloudtest.FaultReset})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(1))
				w.Org.Generate(1000)
				fault(w)
				w.Until(w.posted)
				w.Org.AddUser(jumpcloudtest.User{"username": "other", "email": hire(1) + "@example.org"})
				w.rest()
				w.ExpectReady("False/RowsFailed")
				w.Expect(w.entries()[hire(1)]).To(HaveField("Reason", v1alpha1.RemoteConflictReason))
				w.Expect(w.Org.Jobs()).To(HaveLen(map[bool]int{true: 1}[name == "the failure passes"]))
			})
		})
	}
}

// posted reports whether a job was requested.
func (w *world) posted() bool {
	for _, request := range w.Sim.History() {
		if request.Mutating() && request.Path == "/api/v2/bulk/users" {
			return true
		}
	}
	return false
}
