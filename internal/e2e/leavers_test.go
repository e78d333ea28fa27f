package e2e

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// staff returns the lines of a CSV file with users of the directory.
func staff(numbers ...int) []string {
	lines := []string{"username,email"}
	for _, name := range usernames(numbers...) {
		lines = append(lines, fmt.Sprintf("%s,%s@example.org", name, name))
	}
	return lines
}

// employ creates the import "hires" of users of the directory, which suspends leavers.
func (w *world) employ(numbers ...int) {
	w.Helper()
	w.importOf("hires", v1alpha1.BulkUserImportSpec{
		Leavers: v1alpha1.LeaversSuspend, UsersFrom: []v1alpha1.RowsSource{w.csv("hires", staff(numbers...)...)},
	})
	w.Expect(w.await("hires", v1alpha1.SucceededReason).Status.Leavers.Count).To(BeZero())
}

// ends waits until the import has succeeded with this message.
func (w *world) ends(text string) *v1alpha1.BulkUserImport {
	w.Helper()
	w.Eventually(func() string { return message(get(w, &v1alpha1.BulkUserImport{}, "hires")) }).Should(Equal(text))
	return w.await("hires", v1alpha1.SucceededReason)
}

var _ = Describe("People who leave", Label("imports"), func() {
	withOperator()
	It("are suspended, unless another object names them", func() {
		w := newWorld(spec(), 20)
		w.employ(first(5)...)
		w.create(&v1alpha1.User{ObjectMeta: w.meta(username(2)), Spec: v1alpha1.UserSpec{OrganizationRef: toAcme, AdoptionPolicy: v1alpha1.AdoptMustExist}})
		isReady(w, &v1alpha1.User{ObjectMeta: w.meta(username(2))})
		w.importOf("others", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("others", staff(3)...)}})
		w.await("others", v1alpha1.SucceededReason)
		w.org.UpdateUser(w.org.UserByUsername(username(4))["_id"].(string), jumpcloudtest.User{"state": "STAGED"})
		sent := w.mutations()

		w.setCSV("hires", staff(1)...)
		done := w.ends("2 users: 1 updated, 1 unchanged; 1 user has left the source (status.leavers)")
		w.Expect(done.Status.Leavers.Users).To(ConsistOf(HaveField("Username", username(4))))
		w.Expect(w.org.UserByUsername(username(5))).To(HaveKeyWithValue("state", "SUSPENDED"))
		for _, stays := range usernames(1, 2, 3) {
			w.Expect(w.org.UserByUsername(stays)).To(HaveKeyWithValue("state", "ACTIVATED"))
		}
		w.Expect(w.mutations() - sent).To(Equal(1))
		w.Expect(w.results(done)).To(ContainElement(And(
			ContainSubstring(username(5)+"@example.org,SuspendLeaver,Updated,,no row is about this user any more"), HavePrefix("3,"))))
	})
})

var _ = Describe("A crash while people who left are suspended", Label("crash"), func() {
	half := func(point jumpcloudtest.Point) func(*crash) {
		return func(c *crash) {
			c.changeOrganization(unguarded)
			c.employ(first(8)...)
			hold := c.during(skip(3, suspendOne), point)
			c.setCSV("hires", staff(1)...)
			c.follow()
			hold.Release()
			done := c.ends("8 users: 7 updated, 1 unchanged")
			c.Expect(done.Status.RunNumber).To(Equal(int64(2)))
			c.Expect(done.Status.Leavers).To(HaveValue(And(HaveField("Count", BeZero()), HaveField("Next", BeEmpty()))))
			for _, gone := range usernames(first(8)[1:]...) {
				c.Expect(c.org.UserByUsername(gone)).To(HaveKeyWithValue("state", "SUSPENDED"))
			}
			c.Expect(c.org.UserByUsername(username(1))).To(HaveKeyWithValue("state", "ACTIVATED"))
			c.wake(c.theImport())
		}
	}
	tellAll([]story{
		{name: "killed before a call takes effect", how: restarted, tell: half(jumpcloudtest.BeforeEffect)},
		{name: "frozen between calls, without a lease", how: parted, tell: half(jumpcloudtest.AfterEffect)},
	})
})
