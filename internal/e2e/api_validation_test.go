package e2e

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// edit changes a spec in its JSON form: Go types would make some mistakes impossible.
type edit func(spec map[string]any)

// set sets a field of the spec, named by its dotted path.
func set(path string, value any) edit {
	return func(spec map[string]any) {
		parts := strings.Split(path, ".")
		for _, part := range parts[:len(parts)-1] {
			inner, ok := spec[part].(map[string]any)
			if !ok {
				inner = map[string]any{}
				spec[part] = inner
			}
			spec = inner
		}
		spec[parts[len(parts)-1]] = value
	}
}

func both(edits ...edit) edit {
	return func(spec map[string]any) {
		for _, e := range edits {
			e(spec)
		}
	}
}

// object returns an object with an edited valid spec.
func object(kind, namespace, name string, valid map[string]any, edits ...edit) *unstructured.Unstructured {
	spec := runtime.DeepCopyJSON(valid)
	both(edits...)(spec)
	o := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	o.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

var validOrganization = map[string]any{"credentials": map[string]any{"apiKeySecretRef": map[string]any{"name": "jumpcloud"}}}

var validImport = map[string]any{"organizationRef": map[string]any{"name": "acme"}}

// row adds one row to a valid import, with one field set.
func row(path string, value any) edit {
	return func(spec map[string]any) {
		user := map[string]any{"username": "ada"}
		set(path, value)(user)
		spec["users"] = []any{user}
	}
}

func source(keys ...string) edit {
	return func(spec map[string]any) {
		from := map[string]any{}
		for _, key := range keys {
			from[key] = map[string]any{"name": "hires", "key": "users.csv"}
		}
		spec["usersFrom"] = []any{from}
	}
}

func repeat(n int, item any) []any {
	items := make([]any, n)
	for i := range items {
		items[i] = item
	}
	return items
}

// These are the rules that the API server enforces for Organizations.
var _ = Describe("Organization", Label("validation"), func() {
	long := strings.Repeat("x", 1025)
	reference := func(key, value string) edit {
		return set("protectedUsers", []any{map[string]any{key: value}})
	}
	DescribeTable("is validated:", validates("Organization", validOrganization),
		Entry("as little as possible", set("region", "US"), ""),
		Entry("EU", set("region", "EU"), ""),
		Entry("an unknown region", set("region", "us"), `spec.region: Unsupported value: "us": supported values: "US", "EU", "IN"`),
		Entry("an organization", set("organizationID", "65f1c0ffee65f1c0ffee9000"), ""),
		Entry("an organization's name", set("organizationID", "Example Org"), "spec.organizationID"),
		Entry("no credentials", set("credentials", map[string]any{}), "exactly one of the fields in [apiKeySecretRef serviceAccountSecretRef] must be set"),
		Entry("two credentials", set("credentials.serviceAccountSecretRef.name", "robot"), "exactly one of the fields in [apiKeySecretRef serviceAccountSecretRef] must be set"),
		Entry("a Secret without a name", set("credentials.apiKeySecretRef.name", ""), "spec.credentials.apiKeySecretRef.name"),
		Entry("an endpoint", set("endpoint.url", "http://127.0.0.1:18080"), ""),
		Entry("an endpoint, no URL", set("endpoint.url", "console.jumpcloud.com"), "spec.endpoint.url"),
		Entry("a token URL, no URL", both(set("endpoint.url", "http://127.0.0.1"), set("endpoint.tokenURL", "token")), "spec.endpoint.tokenURL"),
		Entry("mode Plan", set("mode", "Plan"), ""),
		Entry("mode ApplyAfterApproval", set("mode", "ApplyAfterApproval"), `spec.mode: Unsupported value: "ApplyAfterApproval"`),
		Entry("namespaces from All", set("allowedNamespaces.from", "All"), ""),
		Entry("namespaces from Some", set("allowedNamespaces.from", "Some"), `spec.allowedNamespaces.from: Unsupported value: "Some"`),
		Entry("namespaces by labels", set("allowedNamespaces", map[string]any{"from": "Selector", "selector": map[string]any{"matchLabels": map[string]any{"team": "people"}}}), ""),
		Entry("no selector", set("allowedNamespaces.from", "Selector"), "selector must be set exactly when from is Selector"),
		Entry("a selector for All", set("allowedNamespaces", map[string]any{"from": "All", "selector": map[string]any{}}), "selector must be set exactly when from is Selector"),
		Entry("a second", set("resyncInterval", "1s"), ""),
		Entry("half a second", set("resyncInterval", "500ms"), "resyncInterval must be at least 1s"),
		Entry("soon", set("resyncInterval", "soon"), "spec.resyncInterval"),
		Entry("no requests", set("limits.requestsPerSecond", int64(0)), "spec.limits.requestsPerSecond"),
		Entry("too many requests", set("limits.requestsPerSecond", int64(1001)), "spec.limits.requestsPerSecond"),
		Entry("no burst", set("limits.burst", int64(0)), "spec.limits.burst"),
		Entry("too much of a burst", set("limits.burst", int64(1001)), "spec.limits.burst"),
		Entry("batches of nobody", set("limits.bulkBatchSize", int64(0)), "spec.limits.bulkBatchSize"),
		Entry("batches of 800", set("limits.bulkBatchSize", int64(800)), ""),
		Entry("batches of 801", set("limits.bulkBatchSize", int64(801)), "spec.limits.bulkBatchSize: Invalid value: 801: spec.limits.bulkBatchSize in body should be less than or equal to 800"),
		Entry("no jobs", set("limits.concurrentJobs", int64(0)), "spec.limits.concurrentJobs"),
		Entry("eight jobs at once", set("limits.concurrentJobs", int64(8)), ""),
		Entry("nine jobs at once", set("limits.concurrentJobs", int64(9)), "spec.limits.concurrentJobs: Invalid value: 9: spec.limits.concurrentJobs in body should be less than or equal to 8"),
		Entry("no harm", set("guard.maxHarmful", int64(0)), ""),
		Entry("negative harm", set("guard.maxHarmful", int64(-1)), "spec.guard.maxHarmful"),
		Entry("too much harm", set("guard.maxHarmful", int64(100001)), "spec.guard.maxHarmful"),
		Entry("101 percent", set("guard.maxPercent", int64(101)), "spec.guard.maxPercent"),
		Entry("negative percent", set("guard.maxPercent", int64(-1)), "spec.guard.maxPercent"),
		Entry("a user", reference("username", "root.admin"), ""),
		Entry("a user by id", reference("id", "65f1c0ffee65f1c0ffee9000"), ""),
		Entry("a user by no id", reference("id", "ada"), "spec.protectedUsers[0].id"),
		Entry("a user by a long name", reference("username", long), "spec.protectedUsers[0].username"),
		Entry("a user by nothing", set("protectedUsers", []any{map[string]any{}}), "exactly one of the fields in [username email id] must be set"),
		Entry("a user twice", set("protectedUsers", []any{map[string]any{"username": "ada", "email": "ada@example.org"}}), "exactly one of the fields in [username email id] must be set"),
		Entry("101 users", set("protectedUsers", repeat(101, map[string]any{"username": "ada"})), "spec.protectedUsers: Too many: 101: must have at most 100 items"),
	)
})

var _ = Describe("BulkUserImport", Label("validation"), func() {
	DescribeTable("is validated:", validates("BulkUserImport", validImport),
		Entry("as little as possible", set("mode", "Apply"), ""),
		Entry("no Organization", set("organizationRef", map[string]any{}), "spec.organizationRef.name: Required value"),
		Entry("an unnamed Organization", set("organizationRef.name", ""), "spec.organizationRef.name"),
		Entry("another namespace", set("organizationRef.namespace", "identity"), ""),
		Entry("a long namespace", set("organizationRef.namespace", strings.Repeat("n", 64)), "spec.organizationRef.namespace"),
		Entry("operation Delete", set("operation", "Delete"), `spec.operation: Unsupported value: "Delete": supported values: "Upsert", "Create", "Update"`),
		Entry("matched by Id", set("matchBy", "Id"), `spec.matchBy: Unsupported value: "Id": supported values: "Username", "Email", "EmployeeIdentifier"`),
		Entry("mode DryRun", set("mode", "DryRun"), `spec.mode: Unsupported value: "DryRun": supported values: "Apply", "ApplyAfterApproval", "Plan"`),
		Entry("a plan", set("approvedPlan", "sha256:"+strings.Repeat("0", 64)), ""),
		Entry("a plan that is none", set("approvedPlan", "yes"), "spec.approvedPlan"),
		Entry("a source", set("creationSource", "jumpcloud:scim"), ""),
		Entry("a source that is none", set("creationSource", "kubernetes"), `spec.creationSource: Unsupported value: "kubernetes"`),
		Entry("stateOnUpdate Always", set("stateOnUpdate", "Always"), `spec.stateOnUpdate: Unsupported value: "Always": supported values: "Ignore", "Apply"`),
		Entry("onInvalidRow Warn", set("onInvalidRow", "Warn"), `spec.onInvalidRow: Unsupported value: "Warn": supported values: "Abort", "Skip"`),
		Entry("500 rows", set("users", repeat(500, map[string]any{"username": "ada"})), ""),
		Entry("501 rows", set("users", repeat(501, map[string]any{"username": "ada"})), "spec.users: Too many: 501: must have at most 500 items"),
		Entry("a ConfigMap", source("configMapKeyRef"), ""),
		Entry("a Secret", source("secretKeyRef"), ""),
		Entry("both at once", source("configMapKeyRef", "secretKeyRef"), "exactly one of the fields in [configMapKeyRef secretKeyRef] must be set"),
		Entry("neither", source(), "exactly one of the fields in [configMapKeyRef secretKeyRef] must be set"),
		Entry("a key without a name", set("usersFrom", []any{map[string]any{"configMapKeyRef": map[string]any{"name": "hires", "key": ""}}}), "spec.usersFrom[0].configMapKeyRef.key"),
		Entry("an Excel file", both(source("configMapKeyRef"), func(spec map[string]any) { spec["usersFrom"].([]any)[0].(map[string]any)["format"] = "XLSX" }), `spec.usersFrom[0].format: Unsupported value: "XLSX": supported values: "CSV", "JSON", "YAML"`),
		Entry("columns of a CSV", both(source("configMapKeyRef"), func(spec map[string]any) {
			spec["usersFrom"].([]any)[0].(map[string]any)["columns"] = map[string]any{"First Name": "firstname", "Notes": ""}
		}), ""),
		Entry("columns of JSON", both(source("configMapKeyRef"), func(spec map[string]any) {
			from := spec["usersFrom"].([]any)[0].(map[string]any)
			from["format"], from["columns"] = "JSON", map[string]any{"First Name": "firstname"}
		}), "only CSV has columns"),
		Entry("an empty filter", set("filter", ""), "spec.filter"),
		Entry("one attribute mapped twice", set("mapping", repeat(2, map[string]any{"attribute": "department", "from": "row.a"})), "Duplicate value"),
		Entry("65 sources", set("usersFrom", repeat(65, map[string]any{"secretKeyRef": map[string]any{"name": "hires", "key": "users.csv"}})), "spec.usersFrom: Too many: 65: must have at most 64 items"),
		Entry("a state", row("state", "Suspended"), ""),
		Entry("an unknown state", row("state", "ACTIVATED"), `spec.users[0].state: Unsupported value: "ACTIVATED": supported values: "Staged", "Activated", "Suspended"`),
		Entry("an unknown state, default", set("defaults.state", "Retired"), `spec.defaults.state: Unsupported value: "Retired"`),
		Entry("a long name", row("firstname", strings.Repeat("x", 1025)), "spec.users[0].firstname"),
		Entry("a long identifier", row("employeeIdentifier", strings.Repeat("x", 257)), "spec.users[0].employeeIdentifier"),
		Entry("user id 0", row("unixUid", int64(0)), "spec.users[0].unixUid"),
		Entry("user id as text", row("unixUid", "1000"), "spec.users[0].unixUid"),
		Entry("a password", row("passwordSecretRef", map[string]any{"name": "initial", "key": "ada"}), ""),
		Entry("a password without a key", row("passwordSecretRef", map[string]any{"name": "initial"}), "spec.users[0].passwordSecretRef.key: Required value"),
		Entry("an attribute", row("attributes", []any{map[string]any{"name": "EmployeeID", "value": "0042"}}), ""),
		Entry("an attribute, no value", row("attributes", []any{map[string]any{"name": "EmployeeID"}}), "spec.users[0].attributes[0].value: Required value"),
		Entry("101 attributes", row("attributes", repeat(101, map[string]any{"name": "n", "value": "v"})), "spec.users[0].attributes: Too many: 101: must have at most 100 items"),
		Entry("an address, no type", row("addresses", []any{map[string]any{"locality": "London"}}), "spec.users[0].addresses[0].type: Required value"),
		Entry("17 phone numbers", row("phoneNumbers", repeat(17, map[string]any{"type": "work", "number": "1"})), "spec.users[0].phoneNumbers: Too many: 17: must have at most 16 items"),
		Entry("no days", row("mfa.exclusionDays", int64(0)), "spec.users[0].mfa.exclusionDays"),
		Entry("an unknown authority", row("delegatedAuthority", map[string]any{"id": "1", "name": "LDAP"}), `spec.users[0].delegatedAuthority.name: Unsupported value: "LDAP"`),
		Entry("an unknown restriction", row("restrictedFields", []any{map[string]any{"field": "state", "type": "scim"}}), `spec.users[0].restrictedFields[0].field: Unsupported value: "state"`),
	)
})

// validates returns a check of the API server's message about an edited valid spec; "" means
// that it accepts the object.
func validates(kind string, valid map[string]any) func(edit, string) {
	return func(edit edit, says string) {
		err := plane.Client.Create(spec().Context(), object(kind, metav1.NamespaceDefault, "valid", valid, edit), client.DryRunAll)
		if says == "" {
			Expect(err).NotTo(HaveOccurred())
		} else {
			Expect(err).To(MatchError(ContainSubstring(says)))
		}
	}
}

// Unknown fields are refused if the client asks for strict validation, as kubectl does.
var _ = It("Unknown fields are refused", Label("validation"), func() {
	namespace := plane.Namespace(spec())
	strict := client.WithFieldValidation(plane.Client, metav1.FieldValidationStrict)
	for says, o := range map[string]*unstructured.Unstructured{
		`unknown field "spec.apiKey"`:            object("Organization", namespace, "acme", validOrganization, set("apiKey", "0123")),
		`unknown field "spec.users[0].password"`: object("BulkUserImport", namespace, "hires", validImport, row("password", "Correct-Horse-9")),
		`unknown field "spec.member"`:            object("UserGroup", namespace, "engineers", validGroup, set("member", []any{})),
		`unknown field "spec.date"`:              object("ScheduledUserState", namespace, "leavers", validSchedule, set("date", "2026-12-31")),
		`unknown field "spec.active"`:            object("PushEndpoint", namespace, "phone", validPush, set("active", true)),
	} {
		Expect(strict.Create(spec().Context(), o, client.DryRunAll)).To(MatchError(ContainSubstring(says)))
	}
})

var _ = It("Names of imports leave room for the names of their results", Label("validation"), func() {
	namespace := plane.Namespace(spec())
	create := func(length int) error {
		return plane.Client.Create(spec().Context(), object("BulkUserImport", namespace, strings.Repeat("n", length), validImport), client.DryRunAll)
	}
	Expect(create(200)).To(Succeed())
	Expect(create(201)).To(MatchError(ContainSubstring("names of imports have at most 200 characters")))
})

var _ = It("Defaults of Organizations and imports are filled in", Label("validation"), func() {
	namespace := plane.Namespace(spec())
	for _, o := range []*unstructured.Unstructured{
		object("Organization", namespace, "acme", validOrganization),
		object("Organization", namespace, "partly", validOrganization,
			set("limits.bulkBatchSize", int64(100)), set("guard.maxHarmful", int64(0)), set("allowedNamespaces", map[string]any{})),
		object("BulkUserImport", namespace, "hires", validImport),
	} {
		Expect(plane.Client.Create(spec().Context(), o)).To(Succeed())
	}
	read := func(name string, into client.Object) {
		Expect(plane.Client.Get(spec().Context(), client.ObjectKey{Namespace: namespace, Name: name}, into)).To(Succeed())
	}
	organization, partly, users := &v1alpha1.Organization{}, &v1alpha1.Organization{}, &v1alpha1.BulkUserImport{}
	read("acme", organization)
	read("partly", partly)
	read("hires", users)

	window := v1alpha1.GuardWindow{Duration: metav1.Duration{Duration: 24 * time.Hour}, MaxHarmful: new(int32(50)), MaxPercent: new(int32(10))}
	Expect(organization.Spec).To(Equal(v1alpha1.OrganizationSpec{
		Region:            v1alpha1.RegionUS,
		Credentials:       &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud", Key: "api-key"}},
		Mode:              v1alpha1.ModeApply,
		AllowedNamespaces: v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSame},
		ResyncInterval:    metav1.Duration{Duration: 10 * time.Minute},
		Limits:            v1alpha1.Limits{RequestsPerSecond: 10, Burst: 20, BulkBatchSize: 500, ConcurrentJobs: 1},
		Guard:             v1alpha1.Guard{MaxHarmful: new(int32(25)), MaxPercent: new(int32(5)), Window: window},
		WorkdayHosts:      []string{"*.workday.com", "*.myworkday.com"},
		Approvals:         v1alpha1.ApprovalsFromEither,
	}))
	Expect(partly.Spec.Limits).To(Equal(v1alpha1.Limits{RequestsPerSecond: 10, Burst: 20, BulkBatchSize: 100, ConcurrentJobs: 1}))
	Expect(partly.Spec.Guard).To(Equal(v1alpha1.Guard{MaxHarmful: new(int32(0)), MaxPercent: new(int32(5)), Window: window}))
	Expect(partly.Spec.AllowedNamespaces.From).To(Equal(v1alpha1.NamespacesFromSame))
	Expect(users.Spec).To(Equal(v1alpha1.BulkUserImportSpec{
		OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"},
		Operation:       v1alpha1.OperationUpsert, MatchBy: v1alpha1.MatchByUsername, Mode: v1alpha1.ModeApply,
		CreationSource: "jumpcloud:bulk", SuppressAdminEmail: new(true),
		StateOnUpdate: v1alpha1.StateOnUpdateIgnore, OnInvalidRow: v1alpha1.OnInvalidRowAbort,
		OnUnknownManager: v1alpha1.OnUnknownManagerOmit, Leavers: v1alpha1.LeaversIgnore,
	}))
	for _, o := range []interface{ Common() *v1alpha1.CommonStatus }{organization, users} {
		Expect(o.Common().ObservedGeneration).To(Equal(int64(-1)), "nobody takes an unseen object for ready")
	}
})
