package e2e

import (
	"fmt"
	"strings"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// workdayChores are imports from Workday, all of them from one instance.
var workdayChores = map[string]func(name string) chore{
	"import workers": func(name string) chore { return &createWorkers{name: name} },
}

// mostWorkdayChores is the largest number of chores whose workers are in the report.
const mostWorkdayChores = 100

// createWorkers creates two users who are in the report.
type createWorkers struct{ name, namespace string }

func (*createWorkers) resource() string { return "workdayimports" }

func (u *createWorkers) object() client.Object {
	object := &v1alpha1.WorkdayImport{}
	object.Namespace, object.Name = u.namespace, u.name
	return object
}

func (u *createWorkers) usernames() []string { return []string{u.name + "-a", u.name + "-b"} }

func (u *createWorkers) sends(r jumpcloudtest.Request) bool {
	return strings.Contains(r.Body, fmt.Sprintf("%q", u.usernames()[0]))
}

// prepare creates the instance that all chores share, if it does not exist yet.
func (u *createWorkers) prepare(c *crash) {
	c.Helper()
	u.namespace = c.namespace
	instance := &v1alpha1.WorkdayInstance{ObjectMeta: c.meta("workday")}
	if _, err := read(c.world, instance); err == nil || !apierrors.IsNotFound(err) {
		c.Expect(err).NotTo(HaveOccurred())
		return
	}
	report := jumpcloudtest.WorkdayReport{Username: workdayUser, Password: workdayPassword}
	for i := range mostWorkdayChores {
		for _, name := range []string{"thing", "undisturbed"} {
			other := createWorkers{name: fmt.Sprintf("%s-%d", name, i)}
			for _, username := range other.usernames() {
				report.Workers = append(report.Workers, jumpcloudtest.Worker{
					"email": username + "@example.org", "username": username, "attributes": map[string]any{"Chore": other.name},
				})
			}
		}
	}
	c.org.SetWorkdayReport(report)
	isReady(c.world, c.workday(workdayPassword))
}

func (u *createWorkers) begin(c *crash) {
	c.create(&v1alpha1.WorkdayImport{ObjectMeta: c.meta(u.name), Spec: v1alpha1.WorkdayImportSpec{
		OrganizationRef: toAcme, WorkdayInstanceRef: v1alpha1.WorkdayInstanceReference{Name: "workday"},
		Filter: fmt.Sprintf("worker.attributes.Chore == %q", u.name),
	}})
}

func (u *createWorkers) done(c *crash) {
	c.Helper()
	object := &v1alpha1.WorkdayImport{ObjectMeta: c.meta(u.name)}
	ended := reaches(c.world, object, v1alpha1.SucceededReason)
	c.Expect(readyMessage(ended)).To(Equal("2 users: 2 created"))
	c.Expect(ended.Finalizers).To(BeEmpty())
	submissions := c.org.Submissions()
	for _, username := range u.usernames() {
		applied := 0
		for _, submission := range submissions[username] {
			if submission.Applied {
				applied++
			}
		}
		c.Expect(applied).To(Equal(1), "%s was created once", username)
	}
}
