package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// rows is the number of rows of an import: three jobs of the sample's organization.
const rows = 300

// startImport creates an import of users who are named after it, and waits until JumpCloud
// works on one of its jobs.
func startImport(name string) {
	GinkgoHelper()
	var csv strings.Builder
	csv.WriteString("username,email,firstname,lastname\n")
	for i := range rows {
		fmt.Fprintf(&csv, "%[1]s.%[2]d,%[1]s.%[2]d@example.org,First,Last\n", name, i)
	}
	folder := GinkgoT().TempDir()
	users, manifest := filepath.Join(folder, "users.csv"), filepath.Join(folder, "import.yaml")
	Expect(os.WriteFile(users, []byte(csv.String()), 0o600)).To(Succeed())
	kubectl("create", "configmap", name, "--namespace=identity", "--from-file=users.csv="+users)
	Expect(os.WriteFile(manifest, fmt.Appendf(nil, `apiVersion: jumpcloud-operator.io/v1alpha1
kind: BulkUserImport
metadata: {name: %[1]s, namespace: identity}
spec:
  organizationRef: {name: acme}
  defaults: {state: Staged}
  usersFrom: [{configMapKeyRef: {name: %[1]s, key: users.csv}}]
`, name), 0o600)).To(Succeed())
	kubectl("apply", "--server-side", "-f", manifest)
	Eventually(func() []job { return openJobs(name) }).ShouldNot(BeEmpty())
}

// openJobs returns the jobs of an import that JumpCloud is working on.
func openJobs(name string) (open []job) {
	GinkgoHelper()
	for _, candidate := range jobsOf(name) {
		if candidate.open() {
			open = append(open, candidate)
		}
	}
	return open
}

// expectImported waits until an import is Ready, and asserts that each of its users was
// submitted once.
func expectImported(name string) {
	GinkgoHelper()
	kubectl("wait", "--for=condition=Ready", "bulkuserimport/"+name, "--namespace=identity", "--timeout=5m")
	submissions := submissionsOf(name)
	Expect(submissions).To(HaveLen(rows))
	Expect(submissions).To(HaveEach(1))
}
