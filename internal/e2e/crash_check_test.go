package e2e

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	. "github.com/onsi/gomega"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// says matches writes whose body contains a text.
func says(text string) testenv.Match {
	return func(w testenv.Write) bool { return strings.Contains(string(w.Body), text) }
}

func readyReason(conditions []metav1.Condition) string {
	if ready := apimeta.FindStatusCondition(conditions, v1alpha1.ReadyCondition); ready != nil {
		return ready.Reason
	}
	return ""
}

// readyOrReconciling returns the reason of Reconciling if the import has that condition, else
// that of Ready.
func readyOrReconciling(object *v1alpha1.BulkUserImport) string {
	if reconciling := apimeta.FindStatusCondition(object.Status.Conditions, v1alpha1.ReconcilingCondition); reconciling != nil {
		return reconciling.Reason
	}
	return readyReason(object.Status.Conditions)
}

// ended checks everything that is true of an import whose only run succeeded.
func (c *crash) ended(object *v1alpha1.BulkUserImport, text string) {
	c.Helper()
	status := &object.Status
	c.Expect(message(object)).To(Equal(text))
	c.Expect(object.Finalizers).To(BeEmpty())
	c.Expect(status.RunNumber).To(Equal(int64(1)))
	c.Expect(status.CompletionTime).NotTo(BeNil())
	c.Expect(status.Summary.Pending).To(BeZero())
	c.Expect(status.Failures).To(BeEmpty())
	for _, job := range status.Jobs {
		c.Expect(job.FinishedAt).NotTo(BeNil(), "job %d is %s", job.Index, job.State)
	}
	lines := c.results(object)
	c.Expect(lines).To(HaveLen(int(status.Summary.Total)))
	for i, line := range lines {
		cells := strings.Split(line, ",")
		c.Expect(c.sameUser(cells)).To(BeTrue(), "line %d of the ledger: %s", i+1, line)
	}
}

// sameUser reports whether a line of the results names the live user that it is about.
func (c *crash) sameUser(cells []string) bool {
	user := c.org.UserByUsername(cells[1])
	return user != nil && user["_id"] == cells[7] && slices.Contains([]string{"Created", "Updated", "Unchanged"}, cells[4])
}

// provenAbsent asserts that a row was sent again only after complete reads of the directory
// that did not show it: one if JumpCloud had answered the earlier request, two if it had not.
func (c *crash) provenAbsent() {
	c.Helper()
	for username, submissions := range c.org.Submissions() {
		for _, earlier := range submissions[:len(submissions)-1] {
			c.Expect(earlier.Applied).To(BeFalse(), "%s was done when it was sent again", username)
		}
	}
	history := c.sim.History()
	last := map[string]jumpcloudtest.Request{}
	for _, request := range history {
		for _, row := range rowsOf(request) {
			if earlier, sent := last[row]; sent {
				needed := 2
				if earlier.Status != 0 {
					needed = 1
				}
				c.Expect(c.completeReads(history, earlier.Number, request.Number)).To(BeNumerically(">=", needed),
					"%s was sent again without a look at the directory", row)
			}
			last[row] = request
		}
	}
	c.Expect(last).NotTo(BeEmpty())
}

// looks returns how many listings were answered since the first submission.
func (c *crash) looks() int {
	history := c.sim.History()
	for _, request := range history {
		if request.Path == startCreate.Path {
			return c.completeReads(history, request.Number, math.MaxInt)
		}
	}
	return 0
}

// rowsOf returns the usernames, or the ids, of the rows that a request sends.
func rowsOf(request jumpcloudtest.Request) []string {
	var body []map[string]any
	if request.Path != startCreate.Path || json.Unmarshal([]byte(request.Body), &body) != nil {
		return nil
	}
	var keys []string
	for _, row := range body {
		for _, name := range []string{"id", "username"} {
			if key, ok := row[name].(string); ok {
				keys = append(keys, key)
				break
			}
		}
	}
	return keys
}

// completeReads returns how many listings of all users were answered between two requests.
func (c *crash) completeReads(history []jumpcloudtest.Request, after, before int) int {
	pages := 0
	for _, request := range history {
		if request.Number > after && request.Number < before && request.Status == 200 &&
			request.Path == listing.Path && strings.Contains(request.Query, listing.Query) {
			pages++
		}
	}
	return pages / (c.org.CountUsers()/100 + 1)
}
