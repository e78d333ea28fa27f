package e2e

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

var validInstance = map[string]any{
	"organizationRef":      map[string]any{"name": "acme"},
	"reportURL":            "https://wd.example.com/report?format=json",
	"credentialsSecretRef": map[string]any{"name": "workday-isu"},
}

var validWorkday = map[string]any{
	"organizationRef":    map[string]any{"name": "acme"},
	"workdayInstanceRef": map[string]any{"name": "workday"},
}

// mappings returns n mappings of different attributes.
func mappings(n int) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = map[string]any{"attribute": fmt.Sprintf("attributes.A%d", i), "from": strings.Repeat("x", 2048)}
	}
	return all
}

// These are the rules that the API server enforces for WorkdayInstances.
var _ = Describe("WorkdayInstance", Label("validation"), func() {
	DescribeTable("is validated:", validates("WorkdayInstance", validInstance),
		Entry("as little as possible", set("mode", "Apply"), ""),
		Entry("all there is", both(set("mode", "Plan"), set("deletionPolicy", "Deauthorize"), set("adoptionPolicy", "Never")), ""),
		Entry("no Organization", set("organizationRef", map[string]any{}), "spec.organizationRef.name: Required value"),
		Entry("no report", set("reportURL", ""), "spec.reportURL"),
		Entry("a report without a host", set("reportURL", "https:///report"), "spec.reportURL"),
		Entry("a report of a file", set("reportURL", "file:///etc/passwd"), "spec.reportURL"),
		Entry("a report with a space", set("reportURL", "https://wd.example.com/a b"), "spec.reportURL"),
		Entry("a long report", set("reportURL", "https://wd.example.com/"+strings.Repeat("x", 2048)), "spec.reportURL: Too long"),
		Entry("no Secret", set("credentialsSecretRef", map[string]any{}), "spec.credentialsSecretRef.name: Required value"),
		Entry("approval", set("mode", "ApplyAfterApproval"), `spec.mode: Unsupported value: "ApplyAfterApproval": supported values: "Apply", "Plan"`),
		Entry("deletion", set("deletionPolicy", "Delete"), `spec.deletionPolicy: Unsupported value: "Delete": supported values: "Deauthorize", "Retain"`),
		Entry("an unknown adoption", set("adoptionPolicy", "Always"), "spec.adoptionPolicy: Unsupported value"),
	)
})

// These are the rules that the API server enforces for WorkdayImports.
var _ = Describe("WorkdayImport", Label("validation"), func() {
	const needsSchedule = "timeZone and startingDeadlineSeconds need a schedule"
	mapping := func(attribute, from string) edit {
		return set("mapping", []any{map[string]any{"attribute": attribute, "from": from}})
	}
	DescribeTable("is validated:", validates("WorkdayImport", validWorkday),
		Entry("as little as possible", set("mode", "Apply"), ""),
		Entry("all there is", both(
			set("mode", "ApplyAfterApproval"), set("matchBy", "Email"), set("onInvalidRow", "Skip"), set("filter", `worker.email != ""`),
			mapping("department", "worker.attributes.Department"), set("defaults.state", "Activated"),
			set("schedule", "0 6 * * 1-5"), set("timeZone", "Europe/Berlin"), set("startingDeadlineSeconds", int64(3600)),
		), ""),
		Entry("no instance", set("workdayInstanceRef", map[string]any{}), "spec.workdayInstanceRef.name: Required value"),
		Entry("an unknown match", set("matchBy", "Lastname"), "spec.matchBy: Unsupported value"),
		Entry("not a hash", set("approvedPlan", "yes"), "spec.approvedPlan"),
		Entry("an empty filter", set("filter", ""), "spec.filter"),
		Entry("a long filter", set("filter", strings.Repeat("x", 4097)), "spec.filter: Too long"),
		Entry("a mapping of nothing", mapping("", "worker.email"), "spec.mapping[0].attribute"),
		Entry("a mapping from nothing", mapping("department", ""), "spec.mapping[0].from"),
		Entry("64 mappings", set("mapping", mappings(64)), ""),
		Entry("65 mappings", set("mapping", mappings(65)), "spec.mapping: Too many: 65"),
		Entry("an attribute mapped twice", set("mapping", append(mappings(1), mappings(1)...)), "spec.mapping[1]: Duplicate value"),
		Entry("a time zone only", set("timeZone", "Europe/Berlin"), needsSchedule),
		Entry("a deadline only", set("startingDeadlineSeconds", int64(60)), needsSchedule),
		Entry("a deadline before the time", both(set("schedule", "0 6 * * *"), set("startingDeadlineSeconds", int64(-1))), "spec.startingDeadlineSeconds"),
		Entry("an unknown default", set("defaults.state", "Sleeping"), "spec.defaults.state: Unsupported value"),
	)
})

var _ = It("Names of imports from Workday leave room for the names of their results", Label("validation"), func() {
	namespace := plane.Namespace(spec())
	long := object("WorkdayImport", namespace, strings.Repeat("x", 201), validWorkday)
	Expect(plane.Client.Create(spec().Context(), long, client.DryRunAll)).To(MatchError(ContainSubstring("names of imports have at most 200 characters")))
	long.SetName(strings.Repeat("x", 200))
	Expect(plane.Client.Create(spec().Context(), long, client.DryRunAll)).To(Succeed())
})

var _ = It("Defaults of Workday's kinds are filled in", Label("validation"), func() {
	namespace := plane.Namespace(spec())
	instance, imports := &v1alpha1.WorkdayInstance{}, &v1alpha1.WorkdayImport{}
	Expect(plane.Client.Create(spec().Context(), object("WorkdayInstance", namespace, "defaults", validInstance))).To(Succeed())
	Expect(plane.Client.Create(spec().Context(), object("WorkdayImport", namespace, "defaults", validWorkday))).To(Succeed())
	key := client.ObjectKey{Namespace: namespace, Name: "defaults"}
	Expect(plane.Client.Get(spec().Context(), key, instance)).To(Succeed())
	Expect(plane.Client.Get(spec().Context(), key, imports)).To(Succeed())

	organization := v1alpha1.OrganizationReference{Name: "acme"}
	Expect(instance.Spec).To(Equal(v1alpha1.WorkdayInstanceSpec{
		OrganizationRef: organization, ReportURL: "https://wd.example.com/report?format=json",
		CredentialsSecretRef: &v1alpha1.SecretReference{Name: "workday-isu"}, AdoptionPolicy: v1alpha1.AdoptIfExists, Mode: v1alpha1.ModeApply,
	}), "deletion keeps the credentials")
	Expect(imports.Spec).To(Equal(v1alpha1.WorkdayImportSpec{
		OrganizationRef: organization, WorkdayInstanceRef: v1alpha1.WorkdayInstanceReference{Name: "workday"},
		MatchBy: v1alpha1.MatchByUsername, Mode: v1alpha1.ModeApply, OnInvalidRow: v1alpha1.OnInvalidRowAbort,
		OnUnknownManager: v1alpha1.OnUnknownManagerOmit, Duplicates: v1alpha1.DuplicatesFail, Leavers: v1alpha1.LeaversIgnore,
	}))
	for _, status := range []*v1alpha1.CommonStatus{instance.Common(), imports.Common()} {
		Expect(status.ObservedGeneration).To(Equal(int64(-1)))
	}
})
