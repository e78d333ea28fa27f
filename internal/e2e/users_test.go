package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// fewJobs is the largest number of jobs, of up to twenty rows, that the changes of sixty Users
// take, however the machine delays their passes.
const fewJobs = 12

var _ = Describe("Many Users", Label("users"), func() {
	It("travel in few jobs, and one whom JumpCloud does not accept holds up no other", func() {
		w := newWorld(spec(), 20, inBatches(20), often)
		const refused = "person00031"
		w.org.ScriptRows(jumpcloudtest.RowFault{Username: refused})
		w.persons(60)
		w.startOperator(forManyUsers...)
		w.Eventually(w.personsBy).Should(Equal(map[string]int{v1alpha1.UpToDateReason: 59, v1alpha1.SubmissionRejectedReason: 1}))
		w.Expect(len(w.jobsThatCreate(refused))).To(BeNumerically("<=", fewJobs))
		for username, submissions := range w.org.Submissions() {
			if username != refused {
				w.Expect(submissions).To(HaveLen(1), "%s is sent once", username)
			}
		}
		w.org.RemoveRowFaults()
		isReady(w, w.userObject(refused))
		w.allPersons(60)

		w.eachPerson(60, func(o *v1alpha1.User) { o.Spec.Department = new("Looms") })
		w.allPersons(60)
		w.Expect(len(w.sent(http.MethodPatch, "/bulk/users"))).To(BeNumerically("<=", fewJobs))
		w.Expect(w.org.UserByUsername(refused)).To(HaveKeyWithValue("department", "Looms"))
	})
})

// jobTimeout is the time within which a job must be sent after the Users in it have announced
// it. It is long enough for twenty of them on a busy machine.
const jobTimeout = 10 * time.Second

// forManyUsers are the flags of an operator with such jobs.
var forManyUsers = []string{"--request-timeout=" + jobTimeout.String(), "--submission-settle-window=" + (jobTimeout * 3 / 2).String()}

// inBatches limits the jobs of an Organization to so many rows.
func inBatches(rows int32) func(*v1alpha1.Organization) {
	return func(o *v1alpha1.Organization) { o.Spec.Limits.BulkBatchSize = rows }
}

// userObject returns the key of a User.
func (w *world) userObject(name string) *v1alpha1.User {
	return &v1alpha1.User{ObjectMeta: w.meta(name)}
}

func personName(n int) string { return fmt.Sprintf("person%05d", n) }

// persons creates n Users.
func (w *world) persons(n int, change ...func(*v1alpha1.User)) {
	w.Helper()
	w.eachOf(n, func(i int) error {
		o := w.userObject(personName(i))
		o.Spec = v1alpha1.UserSpec{OrganizationRef: toAcme, UserRow: v1alpha1.UserRow{Email: new(o.Name + "@example.org")}}
		o.Spec.Department = new("Engines")
		for _, c := range change {
			c(o)
		}
		return plane.Client.Create(w.Context(), o)
	})
}

// eachPerson edits n Users.
func (w *world) eachPerson(n int, edit func(*v1alpha1.User)) {
	w.Helper()
	w.eachOf(n, func(i int) error {
		amend(w, w.userObject(personName(i)), edit)
		return nil
	})
}

// eachOf calls do for the numbers from 1 to n, some concurrently.
func (w *world) eachOf(n int, do func(i int) error) {
	w.Helper()
	var group errgroup.Group
	group.SetLimit(8)
	for i := range n {
		group.Go(func() error {
			defer GinkgoRecover()
			return do(i + 1)
		})
	}
	w.Expect(group.Wait()).To(Succeed())
}

// personsBy returns the number of Users at rest by the reason of Ready.
func (w *world) personsBy() map[string]int {
	w.Helper()
	list, count := &v1alpha1.UserList{}, map[string]int{}
	w.Expect(w.list(list)).To(Succeed())
	for i := range list.Items {
		o := &list.Items[i]
		ready := apimeta.FindStatusCondition(o.Status.Conditions, v1alpha1.ReadyCondition)
		if ready != nil && !atWork(o) && ready.ObservedGeneration == o.Generation {
			count[ready.Reason]++
		}
	}
	return count
}

// allPersons waits until n Users are as declared, and asserts that each stands for one user of
// the directory.
func (w *world) allPersons(n int) {
	w.Helper()
	w.Eventually(w.personsBy).Should(Equal(map[string]int{v1alpha1.UpToDateReason: n}))
	count := map[string]int{}
	for _, u := range w.org.Users() {
		if name, _ := u["username"].(string); strings.HasPrefix(name, "person") {
			count[name]++
		}
	}
	w.Expect(count).To(And(HaveLen(n), HaveEach(1)), "nobody is created twice")
	list := &v1alpha1.UserList{}
	w.Expect(w.list(list)).To(Succeed())
	for i := range list.Items {
		status := &list.Items[i].Status
		w.Expect(status.ID).To(Equal(w.org.UserByUsername(list.Items[i].Name)["_id"]))
		w.Expect(status).To(And(HaveField("Adopted", false), HaveField("Creating", BeNil())))
	}
}

// jobsThatCreate returns the requests for jobs that create any other user than that one.
func (w *world) jobsThatCreate(but string) []jumpcloudtest.Request {
	return slices.DeleteFunc(w.sent(http.MethodPost, "/bulk/users"), func(r jumpcloudtest.Request) bool {
		return len(rowsOf(r)) == 1 && strings.Contains(r.Body, but)
	})
}
