package e2e

import (
	"fmt"
	"strings"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// importChores are what the operator does for imports. The specs "A crash during an import
// that" check more of an import; these cover all of its writes and calls.
var importChores = map[string]func(name string) chore{
	"create users": func(name string) chore { return &createUsers{name: name} },
}

// createUsers creates two users.
type createUsers struct{ name, namespace string }

func (*createUsers) resource() string { return "bulkuserimports" }

func (u *createUsers) object() client.Object {
	object := &v1alpha1.BulkUserImport{}
	object.Namespace, object.Name = u.namespace, u.name
	return object
}

func (u *createUsers) prepare(c *crash) { u.namespace = c.namespace }

func (u *createUsers) usernames() []string { return []string{u.name + "-a", u.name + "-b"} }

func (u *createUsers) begin(c *crash) {
	var rows []v1alpha1.UserRow
	for _, username := range u.usernames() {
		rows = append(rows, v1alpha1.UserRow{Username: new(username), Email: new(username + "@example.org")})
	}
	c.importOf(u.name, v1alpha1.BulkUserImportSpec{Users: rows})
}

func (u *createUsers) sends(r jumpcloudtest.Request) bool {
	return strings.Contains(r.Body, fmt.Sprintf("%q", u.usernames()[0]))
}

func (u *createUsers) done(c *crash) {
	c.Helper()
	c.ended(c.await(u.name, v1alpha1.SucceededReason), "2 users: 2 created")
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
