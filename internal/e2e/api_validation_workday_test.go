package e2e

import (
	"fmt"
	"strings"
	"testing"

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

// mappings are so many, of different attributes.
func mappings(n int) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = map[string]any{"attribute": fmt.Sprintf("attributes.A%d", i), "from": strings.Repeat("x", 2048)}
	}
	return all
}

// TestWorkdayInstanceIsValidated tries what the API server refuses of a
// WorkdayInstance.
func TestWorkdayInstanceIsValidated(t *testing.T) {
	validates(t, "WorkdayInstance", validInstance, map[string]validation{
		"as little as possible":   {set("mode", "Apply"), ""},
		"all there is":            {both(set("mode", "Plan"), set("deletionPolicy", "Deauthorize"), set("adoptionPolicy", "Never")), ""},
		"no Organization":         {set("organizationRef", map[string]any{}), "spec.organizationRef.name: Required value"},
		"no report":               {set("reportURL", ""), "spec.reportURL"},
		"a report without a host": {set("reportURL", "https:///report"), "spec.reportURL"},
		"a report of a file":      {set("reportURL", "file:///etc/passwd"), "spec.reportURL"},
		"a report with a space":   {set("reportURL", "https://wd.example.com/a b"), "spec.reportURL"},
		"a long report":           {set("reportURL", "https://wd.example.com/"+strings.Repeat("x", 2048)), "spec.reportURL: Too long"},
		"no Secret":               {set("credentialsSecretRef", map[string]any{}), "spec.credentialsSecretRef.name: Required value"},
		"approval":                {set("mode", "ApplyAfterApproval"), `spec.mode: Unsupported value: "ApplyAfterApproval": supported values: "Apply", "Plan"`},
		"deletion":                {set("deletionPolicy", "Delete"), `spec.deletionPolicy: Unsupported value: "Delete": supported values: "Deauthorize", "Retain"`},
		"an unknown adoption":     {set("adoptionPolicy", "Always"), "spec.adoptionPolicy: Unsupported value"},
	})
}

// TestWorkdayImportIsValidated tries what the API server refuses of a
// WorkdayImport.
func TestWorkdayImportIsValidated(t *testing.T) {
	const needsSchedule = "timeZone and startingDeadlineSeconds need a schedule"
	mapping := func(attribute, from string) edit {
		return set("mapping", []any{map[string]any{"attribute": attribute, "from": from}})
	}
	validates(t, "WorkdayImport", validWorkday, map[string]validation{
		"as little as possible": {set("mode", "Apply"), ""},
		"all there is": {both(
			set("mode", "ApplyAfterApproval"), set("matchBy", "Email"), set("onInvalidRow", "Skip"), set("filter", `worker.email != ""`),
			mapping("department", "worker.attributes.Department"), set("defaults.state", "Activated"),
			set("schedule", "0 6 * * 1-5"), set("timeZone", "Europe/Berlin"), set("startingDeadlineSeconds", int64(3600)),
		), ""},
		"no instance":                {set("workdayInstanceRef", map[string]any{}), "spec.workdayInstanceRef.name: Required value"},
		"an unknown match":           {set("matchBy", "Lastname"), "spec.matchBy: Unsupported value"},
		"not a hash":                 {set("approvedPlan", "yes"), "spec.approvedPlan"},
		"an empty filter":            {set("filter", ""), "spec.filter"},
		"a long filter":              {set("filter", strings.Repeat("x", 4097)), "spec.filter: Too long"},
		"a mapping of nothing":       {mapping("", "worker.email"), "spec.mapping[0].attribute"},
		"a mapping from nothing":     {mapping("department", ""), "spec.mapping[0].from"},
		"64 mappings":                {set("mapping", mappings(64)), ""},
		"65 mappings":                {set("mapping", mappings(65)), "spec.mapping: Too many: 65"},
		"an attribute mapped twice":  {set("mapping", append(mappings(1), mappings(1)...)), "spec.mapping[1]: Duplicate value"},
		"a time zone only":           {set("timeZone", "Europe/Berlin"), needsSchedule},
		"a deadline only":            {set("startingDeadlineSeconds", int64(60)), needsSchedule},
		"a deadline before the time": {both(set("schedule", "0 6 * * *"), set("startingDeadlineSeconds", int64(-1))), "spec.startingDeadlineSeconds"},
		"an unknown default":         {set("defaults.state", "Sleeping"), "spec.defaults.state: Unsupported value"},
	})
}

func TestNamesOfWorkdayImports(t *testing.T) {
	g := NewWithT(t)
	namespace := plane.Namespace(t)
	long := object("WorkdayImport", namespace, strings.Repeat("x", 201), validWorkday)
	g.Expect(plane.Client.Create(t.Context(), long, client.DryRunAll)).To(MatchError(ContainSubstring("names of imports have at most 200 characters")))
	long.SetName(strings.Repeat("x", 200))
	g.Expect(plane.Client.Create(t.Context(), long, client.DryRunAll)).To(Succeed())
}

// TestWhatIsImmutableOfWorkday tries to change what may not change.
func TestWhatIsImmutableOfWorkday(t *testing.T) {
	namespace := plane.Namespace(t)
	for name, c := range map[string]struct {
		kind       string
		valid      map[string]any
		edit       edit
		says, with string
	}{
		"instance's Organization": {kind: "WorkdayInstance", valid: validInstance, with: "organization", edit: set("organizationRef.name", "other"),
			says: "organizationRef is immutable: make a new WorkdayInstance"},
		"import's Organization": {kind: "WorkdayImport", valid: validWorkday, with: "organization", edit: set("organizationRef.name", "other"),
			says: "organizationRef is immutable: make a new WorkdayImport"},
		"import's instance": {kind: "WorkdayImport", valid: validWorkday, with: "instance", edit: set("workdayInstanceRef.name", "other"),
			says: "workdayInstanceRef is immutable: make a new WorkdayImport"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			o := object(c.kind, namespace, c.with, c.valid)
			g.Expect(plane.Client.Create(t.Context(), o)).To(Succeed())
			spec, _ := o.Object["spec"].(map[string]any)
			c.edit(spec)
			g.Expect(plane.Client.Update(t.Context(), o, client.DryRunAll)).To(MatchError(ContainSubstring(c.says)))
		})
	}
}

// TestDefaultsOfWorkday reads back what the API server fills in.
func TestDefaultsOfWorkday(t *testing.T) {
	g := NewWithT(t)
	namespace := plane.Namespace(t)
	instance, imports := &v1alpha1.WorkdayInstance{}, &v1alpha1.WorkdayImport{}
	g.Expect(plane.Client.Create(t.Context(), object("WorkdayInstance", namespace, "defaults", validInstance))).To(Succeed())
	g.Expect(plane.Client.Create(t.Context(), object("WorkdayImport", namespace, "defaults", validWorkday))).To(Succeed())
	key := client.ObjectKey{Namespace: namespace, Name: "defaults"}
	g.Expect(plane.Client.Get(t.Context(), key, instance)).To(Succeed())
	g.Expect(plane.Client.Get(t.Context(), key, imports)).To(Succeed())

	organization := v1alpha1.OrganizationReference{Name: "acme"}
	g.Expect(instance.Spec).To(Equal(v1alpha1.WorkdayInstanceSpec{
		OrganizationRef: organization, ReportURL: "https://wd.example.com/report?format=json",
		CredentialsSecretRef: v1alpha1.SecretReference{Name: "workday-isu"}, AdoptionPolicy: v1alpha1.AdoptIfExists, Mode: v1alpha1.ModeApply,
	}), "deletion keeps the credentials")
	g.Expect(imports.Spec).To(Equal(v1alpha1.WorkdayImportSpec{
		OrganizationRef: organization, WorkdayInstanceRef: v1alpha1.WorkdayInstanceReference{Name: "workday"},
		MatchBy: v1alpha1.MatchByUsername, Mode: v1alpha1.ModeApply, OnInvalidRow: v1alpha1.OnInvalidRowAbort,
	}))
	for _, status := range []*v1alpha1.CommonStatus{instance.Common(), imports.Common()} {
		g.Expect(status.ObservedGeneration).To(Equal(int64(-1)))
	}
}
