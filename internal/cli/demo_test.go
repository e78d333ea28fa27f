package cli

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
)

// demoTimeout bounds what the operator needs for some hundred users on a busy machine.
const demoTimeout = 4 * time.Minute

// samples applies the objects of the demo, with the simulator at that address; the employees
// need an approval.
func (w *world) samples(url string) {
	w.t.Helper()
	objects, problems, err := manifest.Read([]string{"../../config/samples"}, nil)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(problems).To(BeEmpty())
	for _, object := range objects {
		if object.GetKind() == "Namespace" {
			continue
		}
		object.SetNamespace(w.namespace)
		switch name := object.GetKind() + "/" + object.GetName(); name {
		case "Organization/acme":
			w.Expect(unstructured.SetNestedField(object.Object, url, "spec", "endpoint", "url")).To(Succeed())
		case "BulkUserImport/employees":
			w.Expect(unstructured.SetNestedField(object.Object, string(v1alpha1.ModeApplyAfterApproval), "spec", "mode")).To(Succeed())
		}
		w.Expect(plane.Client.Create(w.t.Context(), object.Unstructured)).To(Succeed())
	}
}

// The commands with the objects of the demo and a running operator: what a person reads is
// approved, and what was approved is carried out.
func TestTheCommandsWithTheDemosObjects(t *testing.T) {
	t.Parallel() // it waits for the operator
	w := newWorld(t, "demo")
	sim := jumpcloudtest.New()
	org := sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "demo-api-key"})
	w.samples(sim.Start(t))
	w.operate()
	told := func(stdin string, args ...string) func() string {
		return func() string {
			_, out, errs := w.run(stdin, args...)
			return out + errs
		}
	}
	soon := func(args ...string) AsyncAssertion {
		return w.Eventually(told("", args...)).WithTimeout(demoTimeout).WithPolling(time.Second)
	}
	const employees = "bulkuserimport/employees"
	soon("plan", employees).Should(And(ContainSubstring("Plan of BulkUserImport demo/employees: 300 changes."), ContainSubstring("300 changes wait for an approval")))
	code, out, errs := w.run("", "plan", employees)
	w.Expect(code).To(Equal(exitDifferences), errs)
	w.Expect(out).To(MatchRegexp(`(?m)^Create +lars\.ricci +yes$`))
	w.fits(out)
	w.Expect(org.UserByUsername("lars.ricci")).To(BeNil(), "nobody has approved it")

	code, out, errs = w.run("yes\n", "approve", employees)
	w.Expect(code).To(Equal(exitFine), out+errs)
	soon("status").Should(And(HavePrefix("Organization demo/acme: Ready (Succeeded)"), MatchRegexp(`(?m)^  READY +BulkUserImport demo/employees \(Succeeded\)$`)))
	_, out, _ = w.run("", "status")
	w.fits(out)
	w.Expect(org.UserByUsername("lars.ricci")).NotTo(BeNil())
	_, out, _ = w.run("", "results", employees, "--outcome", "Created", "-o", "csv")
	w.Expect(strings.Count(out, "\n")).To(Equal(1 + 300))
	_, out, _ = w.run("", "results", employees)
	w.fits(out)
	soon("why", "ada.byron").Should(And(
		ContainSubstring("User demo/ada.byron: Ready (UpToDate)\n  declares this user; state "), MatchRegexp(`(?m)^  last change, at \S+: (created|manager)`),
		ContainSubstring("spec.membersFrom[0].userSelector selects User ada.byron: member of the group engines")))
	_, out, _ = w.run("", "why", "lars.ricci")
	w.Expect(out).To(And(ContainSubstring(": Create, Created"), ContainSubstring("spec.members[0]: member of the group on-call")))
	w.fits(out)
}
