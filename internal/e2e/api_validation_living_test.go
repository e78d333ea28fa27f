package e2e

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

var validGroup = map[string]any{"organizationRef": map[string]any{"name": "acme"}}

var validSchedule = map[string]any{
	"organizationRef": map[string]any{"name": "acme"},
	"users":           []any{map[string]any{"username": "ada"}},
	"state":           "Suspended",
	"startDate":       "2026-12-31T18:00:00Z",
}

var validPush = map[string]any{
	"organizationRef": map[string]any{"name": "acme"},
	"user":            map[string]any{"username": "ada"},
	"endpoint":        map[string]any{"name": "Ada's phone"},
}

// references returns n different users, each with the longest allowed username.
func references(n int) []any {
	references := make([]any, n)
	for i := range references {
		references[i] = map[string]any{"username": fmt.Sprintf("%01024d", i)}
	}
	return references
}

// dynamic makes a group dynamic.
var dynamic = both(set("membershipMethod", "DynamicAutomated"), set("memberQuery.filters", []any{filter("department", "eq", "Engines")}))

func filter(field, operator, value string) map[string]any {
	return map[string]any{"field": field, "operator": operator, "value": value}
}

// These are the rules that the API server enforces for UserGroups.
var _ = Describe("UserGroup", Label("validation"), func() {
	long := strings.Repeat("x", 1025)
	const (
		needsQuery   = "a dynamic membershipMethod needs memberQuery; only a dynamic one may have memberQuery and memberQueryExemptions"
		staticOnly   = "members and membersFrom are for membershipMethod Static: a dynamic group's members come from its memberQuery"
		exactlyOneOf = "exactly one of the fields in [username email id] must be set"
	)
	source := map[string]any{"configMapKeyRef": map[string]any{"name": "people", "key": "engineers"}}
	DescribeTable("is validated:", validates("UserGroup", validGroup),
		Entry("as little as possible", set("mode", "Apply"), ""),
		Entry("no Organization", set("organizationRef", map[string]any{}), "spec.organizationRef.name: Required value"),
		Entry("a name with a comma", set("name", "engineers, all of them"), ""),
		Entry("an empty name", set("name", ""), "spec.name"),
		Entry("a long name", set("name", strings.Repeat("x", 256)), "spec.name: Too long"),
		Entry("nothing of a description", set("description", ""), ""),
		Entry("a long description", set("description", long), "spec.description: Too long"),
		Entry("a long email", set("email", long), "spec.email: Too long"),
		Entry("all attributes", set("attributes", allAttributes), ""),
		Entry("sudo, not enabled", set("attributes.sudo", map[string]any{"enabled": false, "withoutPassword": true}), "withoutPassword needs enabled"),
		Entry("sudo, not said", set("attributes.sudo", map[string]any{"withoutPassword": true}), "spec.attributes.sudo.enabled: Required value"),
		Entry("no sudo", set("attributes.sudo", map[string]any{"enabled": false}), ""),
		Entry("sudo, with the password", set("attributes.sudo", map[string]any{"enabled": true}), ""),
		Entry("no LDAP groups", set("attributes.ldapGroups", []any{}), ""),
		Entry("an LDAP group, no name", set("attributes.ldapGroups", []any{map[string]any{"name": ""}}), "spec.attributes.ldapGroups[0].name"),
		Entry("101 LDAP groups", set("attributes.ldapGroups", repeat(101, map[string]any{"name": "ldap"})), "spec.attributes.ldapGroups: Too many: 101"),
		Entry("POSIX group 0", set("attributes.posixGroups", []any{map[string]any{"id": int64(0), "name": "root"}}), "spec.attributes.posixGroups[0].id"),
		Entry("a POSIX group, no name", set("attributes.posixGroups", []any{map[string]any{"id": int64(4000)}}), "spec.attributes.posixGroups[0].name: Required value"),
		Entry("a reply, no value", set("attributes.radius.reply", []any{map[string]any{"name": "Class"}}), "spec.attributes.radius.reply[0].value: Required value"),
		Entry("an unknown method", set("membershipMethod", "NotSet"), `spec.membershipMethod: Unsupported value: "NotSet": supported values: "Static", "DynamicReviewRequired", "DynamicAutomated"`),
		Entry("automated", dynamic, ""),
		Entry("to be reviewed", both(dynamic, set("membershipMethod", "DynamicReviewRequired")), ""),
		Entry("dynamic, no query", set("membershipMethod", "DynamicAutomated"), needsQuery),
		Entry("static with a query", both(dynamic, set("membershipMethod", "Static")), needsQuery),
		Entry("a query, no method", set("memberQuery.filters", []any{filter("department", "eq", "Engines")}), needsQuery),
		Entry("exemptions, no method", set("memberQueryExemptions", references(1)), needsQuery),
		Entry("dynamic with exemptions", both(dynamic, set("memberQueryExemptions", references(1))), ""),
		Entry("dynamic with members", both(dynamic, set("members", references(1))), staticOnly),
		Entry("dynamic with no members", both(dynamic, set("members", []any{})), staticOnly),
		Entry("dynamic with a source", both(dynamic, set("membersFrom", []any{source})), staticOnly),
		Entry("a query of another type", both(dynamic, set("memberQuery.queryType", "Search")), `spec.memberQuery.queryType: Unsupported value: "Search": supported values: "FilterQuery"`),
		Entry("a query without filters", both(dynamic, set("memberQuery.filters", []any{})), "spec.memberQuery.filters"),
		Entry("an unknown operator", both(dynamic, set("memberQuery.filters", []any{filter("department", "equals", "Engines")})), `spec.memberQuery.filters[0].operator: Unsupported value: "equals"`),
		Entry("a filter without a field", both(dynamic, set("memberQuery.filters", []any{filter("", "eq", "Engines")})), "spec.memberQuery.filters[0].field"),
		Entry("51 filters", both(dynamic, set("memberQuery.filters", repeat(51, filter("department", "eq", "Engines")))), "spec.memberQuery.filters: Too many: 51"),
		Entry("1000 exemptions", both(dynamic, set("memberQueryExemptions", references(1000))), ""),
		Entry("1001 exemptions", both(dynamic, set("memberQueryExemptions", references(1001))), "spec.memberQueryExemptions: Too many: 1001"),
		Entry("an exemption of nobody", both(dynamic, set("memberQueryExemptions", []any{map[string]any{}})), exactlyOneOf),
		Entry("an exemption of two", both(dynamic, set("memberQueryExemptions", []any{map[string]any{"username": "ada", "email": "ada@example.org"}})), exactlyOneOf),
		Entry("no members", set("members", []any{}), ""),
		Entry("as many members as can be", set("members", references(1400)), ""), // the most that fit into a request with such names
		Entry("5000 members", set("members", shortReferences(5000)), ""),
		Entry("5001 members", set("members", shortReferences(5001)), "spec.members: Too many: 5001: must have at most 5000 items"),
		Entry("a member who is nobody", set("members", []any{map[string]any{}}), exactlyOneOf),
		Entry("a member who is two", set("members", []any{map[string]any{"username": "ada", "email": "ada@example.org"}}), exactlyOneOf),
		Entry("a member with a long name", set("members", []any{map[string]any{"username": long}}), "spec.members[0].username: Too long"),
		Entry("a member by no id", set("members", []any{map[string]any{"id": "ada"}}), "spec.members[0].id"),
		Entry("64 sources", set("membersFrom", repeat(64, source)), ""),
		Entry("65 sources", set("membersFrom", repeat(65, source)), "spec.membersFrom: Too many: 65"),
		Entry("a source without a key", set("membersFrom", []any{map[string]any{"configMapKeyRef": map[string]any{"name": "people"}}}), "spec.membersFrom[0].configMapKeyRef.key: Required value"),
		Entry("a source that is none", set("membersFrom", []any{map[string]any{}}), "exactly one of the fields in [configMapKeyRef userSelector] must be set"),
		Entry("memberPolicy RemoveOnly", set("memberPolicy", "RemoveOnly"), `spec.memberPolicy: Unsupported value: "RemoveOnly": supported values: "Exact", "AddOnly"`),
		Entry("adoptionPolicy Always", set("adoptionPolicy", "Always"), `spec.adoptionPolicy: Unsupported value: "Always": supported values: "IfExists", "Never", "MustExist"`),
		Entry("deletionPolicy Cancel", set("deletionPolicy", "Cancel"), `spec.deletionPolicy: Unsupported value: "Cancel": supported values: "Delete", "Retain"`),
		Entry("mode DryRun", set("mode", "DryRun"), `spec.mode: Unsupported value: "DryRun": supported values: "Apply", "ApplyAfterApproval", "Plan"`),
		Entry("a plan that is none", set("approvedPlan", "yes"), "spec.approvedPlan"),
		Entry("all of it, as large as can", both(set("members", shortReferences(5000)), set("membersFrom", repeat(64, source)), set("attributes", allAttributes)), ""),
	)
})

// allAttributes are the largest attributes that a group can have.
var allAttributes = map[string]any{
	"sudo":         map[string]any{"enabled": true, "withoutPassword": true},
	"ldapGroups":   repeat(100, map[string]any{"name": "ldap"}),
	"posixGroups":  repeat(100, map[string]any{"id": int64(4000), "name": "posix"}),
	"radius":       map[string]any{"reply": repeat(100, map[string]any{"name": "Class", "value": "engineers"})},
	"sambaEnabled": true,
}

// shortReferences returns n different users.
func shortReferences(n int) []any {
	references := make([]any, n)
	for i := range references {
		references[i] = map[string]any{"email": fmt.Sprintf("user%06d@example.org", i)}
	}
	return references
}

// These are the rules that the API server enforces for ScheduledUserStates.
var _ = Describe("ScheduledUserState", Label("validation"), func() {
	const (
		needsZone = "a date without an offset is a local time and needs timeZone"
		forOne    = "activationEmailOverride is for exactly one user, state Activated and sendActivationEmails true"
		forNew    = "sendActivationEmails needs state Activated or an endDate"
	)
	activated := set("state", "Activated")
	mails := both(activated, set("sendActivationEmails", true))
	elsewhere := set("activationEmailOverride", "me@example.org")
	starts := func(date string) edit { return set("startDate", date) }
	zone := set("timeZone", "Europe/Berlin")
	DescribeTable("is validated:", validates("ScheduledUserState", validSchedule),
		Entry("as little as possible", set("mode", "Apply"), ""),
		Entry("no Organization", set("organizationRef", map[string]any{}), "spec.organizationRef.name: Required value"),
		Entry("nobody", set("users", []any{}), "spec.users"),
		Entry("1000 users", set("users", references(1000)), ""),
		Entry("1001 users", set("users", references(1001)), "spec.users: Too many: 1001: must have at most 1000 items"),
		Entry("a user who is nobody", set("users", []any{map[string]any{}}), "exactly one of the fields in [username email id] must be set"),
		Entry("a user who is two", set("users", []any{map[string]any{"username": "ada", "email": "ada@example.org"}}), "exactly one of the fields in [username email id] must be set"),
		Entry("Activated", activated, ""),
		Entry("Staged", set("state", "Staged"), `spec.state: Unsupported value: "Staged": supported values: "Suspended", "Activated"`),
		Entry("no state", set("state", nil), "spec.state: Required value"),
		Entry("no date", set("startDate", nil), "spec.startDate: Required value"),
		Entry("a date with an offset", starts("2026-12-31T18:00:00+05:30"), ""),
		Entry("to the minute", starts("2026-12-31T18:00Z"), ""),
		Entry("to the millisecond", starts("2026-12-31T18:00:00.000Z"), ""),
		Entry("a day", both(starts("2026-12-31"), zone), "spec.startDate"),
		Entry("a date as people write it", both(starts("31.12.2026 18:00"), zone), "spec.startDate"),
		Entry("a local time", both(starts("2026-12-31T18:00:00"), zone), ""),
		Entry("a local time, no zone", starts("2026-12-31T18:00:00"), needsZone),
		Entry("a local end, no zone", set("endDate", "2027-03-01T09:00:00"), needsZone),
		Entry("a local end", both(set("endDate", "2027-03-01T09:00:00"), zone), ""),
		Entry("an end with an offset", set("endDate", "2027-03-01T09:00:00-08:00"), ""),
		Entry("a date as such, local end", both(starts("2026-12-31T18:00:00Z"), set("endDate", "2027-03-01T09:00:00")), needsZone),
		Entry("an end that is none", set("endDate", "never"), "spec.endDate"),
		Entry("a zone without a name", set("timeZone", ""), "spec.timeZone"),
		Entry("a long zone", set("timeZone", strings.Repeat("x", 129)), "spec.timeZone: Too long"),
		Entry("mails on activation", mails, ""),
		Entry("no mails on suspension", set("sendActivationEmails", false), ""),
		Entry("mails on suspension", set("sendActivationEmails", true), forNew),
		Entry("mails at the end of a suspension", both(set("sendActivationEmails", true), set("endDate", "2027-03-01T09:00:00Z")), ""),
		Entry("a mail elsewhere", both(mails, elsewhere), ""),
		Entry("a mail elsewhere, no mails", both(activated, elsewhere), forOne),
		Entry("a mail elsewhere, mails off", both(mails, set("sendActivationEmails", false), elsewhere), forOne),
		Entry("a mail elsewhere, two users", both(mails, elsewhere, set("users", shortReferences(2))), forOne),
		Entry("a mail elsewhere, suspension", elsewhere, forOne),
		Entry("a mail nowhere", both(mails, set("activationEmailOverride", "me")), "spec.activationEmailOverride"),
		Entry("pastDuePolicy Wait", set("pastDuePolicy", "Wait"), `spec.pastDuePolicy: Unsupported value: "Wait": supported values: "Reject", "RunNow", "Ignore"`),
		Entry("deletionPolicy Delete", set("deletionPolicy", "Delete"), `spec.deletionPolicy: Unsupported value: "Delete": supported values: "Cancel", "Retain"`),
		Entry("mode DryRun", set("mode", "DryRun"), `spec.mode: Unsupported value: "DryRun": supported values: "Apply", "ApplyAfterApproval", "Plan"`),
		Entry("a plan that is none", set("approvedPlan", "yes"), "spec.approvedPlan"),
	)
})

// These are the rules that the API server enforces for PushEndpoints.
var _ = Describe("PushEndpoint", Label("validation"), func() {
	long := strings.Repeat("x", 1025)
	DescribeTable("is validated:", validates("PushEndpoint", validPush),
		Entry("as little as possible", set("mode", "Apply"), ""),
		Entry("no Organization", set("organizationRef", map[string]any{}), "spec.organizationRef.name: Required value"),
		Entry("nobody", set("user", map[string]any{}), "exactly one of the fields in [username email id] must be set"),
		Entry("a user who is two", set("user.email", "ada@example.org"), "exactly one of the fields in [username email id] must be set"),
		Entry("by id", set("endpoint", map[string]any{"id": "65f1c0ffee65f1c0ffee8001"}), ""),
		Entry("by nothing", set("endpoint", map[string]any{}), "exactly one of the fields in [id name] must be set"),
		Entry("by id and name", set("endpoint.id", "65f1c0ffee65f1c0ffee8001"), "exactly one of the fields in [id name] must be set"),
		Entry("by a long id", set("endpoint", map[string]any{"id": strings.Repeat("0", 65)}), "spec.endpoint.id: Too long"),
		Entry("by a long name", set("endpoint.name", long), "spec.endpoint.name: Too long"),
		Entry("a name", set("name", "Ada's new phone"), ""),
		Entry("an empty name", set("name", ""), "spec.name"),
		Entry("a long name", set("name", long), "spec.name: Too long"),
		Entry("inactive", set("state", "Inactive"), ""),
		Entry("a state of JumpCloud's", set("state", "active"), `spec.state: Unsupported value: "active": supported values: "Active", "Inactive"`),
		Entry("deletionPolicy Cancel", set("deletionPolicy", "Cancel"), `spec.deletionPolicy: Unsupported value: "Cancel": supported values: "Delete", "Retain"`),
		Entry("mode ApplyAfterApproval", set("mode", "ApplyAfterApproval"), `spec.mode: Unsupported value: "ApplyAfterApproval": supported values: "Apply", "Plan"`),
		Entry("a plan that is none", set("approvedPlan", "yes"), "spec.approvedPlan"),
	)
})

// Some fields identify what an object stands for: another value would be another object.
var _ = Describe("Immutable", Label("validation"), func() {
	DescribeTable("is the", isImmutable,
		Entry("Organization of an import", "BulkUserImport", validImport, set("organizationRef.name", "other"),
			"organizationRef is immutable: make a new BulkUserImport"),
		Entry("namespace of the Organization", "BulkUserImport", validImport, set("organizationRef.namespace", "identity"),
			"organizationRef is immutable: make a new BulkUserImport"),
		Entry("Organization of a group", "UserGroup", validGroup, set("organizationRef.name", "other"),
			"organizationRef is immutable: make a new UserGroup"),
		Entry("Organization of a scheduled state", "ScheduledUserState", validSchedule, set("organizationRef.name", "other"),
			"organizationRef is immutable: make a new ScheduledUserState"),
		Entry("Organization of a push endpoint", "PushEndpoint", validPush, set("organizationRef.name", "other"),
			"organizationRef is immutable: make a new PushEndpoint"),
		Entry("user of a push endpoint", "PushEndpoint", validPush, set("user.username", "chas"),
			"user is immutable: make a new PushEndpoint"),
		Entry("endpoint of a push endpoint", "PushEndpoint", validPush, set("endpoint.name", "Ada's other phone"),
			"endpoint is immutable: make a new PushEndpoint"),
		Entry("Organization of a Workday instance", "WorkdayInstance", validInstance, set("organizationRef.name", "other"),
			"organizationRef is immutable: make a new WorkdayInstance"),
		Entry("Organization of an import from Workday", "WorkdayImport", validWorkday, set("organizationRef.name", "other"),
			"organizationRef is immutable: make a new WorkdayImport"),
		Entry("instance of an import from Workday", "WorkdayImport", validWorkday, set("workdayInstanceRef.name", "other"),
			"workdayInstanceRef is immutable: make a new WorkdayImport"),
	)
})

func isImmutable(kind string, valid map[string]any, edit edit, says string) {
	o := object(kind, plane.Namespace(spec()), "thing", valid)
	Expect(plane.Client.Create(spec().Context(), o)).To(Succeed())
	edit(o.Object["spec"].(map[string]any))
	Expect(plane.Client.Update(spec().Context(), o, client.DryRunAll)).To(MatchError(ContainSubstring(says)))
}

// This spec reads back the defaults that the API server sets. Absent fields stay absent where
// that has a meaning of its own.
var _ = It("Defaults of groups, scheduled states and push endpoints are filled in", Label("validation"), func() {
	namespace := plane.Namespace(spec())
	stored := func(o *unstructured.Unstructured, typed interface {
		client.Object
		Common() *v1alpha1.CommonStatus
	}) {
		Expect(plane.Client.Create(spec().Context(), o)).To(Succeed())
		Expect(plane.Client.Get(spec().Context(), client.ObjectKeyFromObject(o), typed)).To(Succeed())
		Expect(typed.Common().ObservedGeneration).To(Equal(int64(-1)), "nobody takes an unseen object for ready")
		Expect(typed.GetFinalizers()).To(BeEmpty())
	}
	static, automated := &v1alpha1.UserGroup{}, &v1alpha1.UserGroup{}
	schedule, push := &v1alpha1.ScheduledUserState{}, &v1alpha1.PushEndpoint{}
	stored(object("UserGroup", namespace, "static", validGroup), static)
	stored(object("UserGroup", namespace, "automated", validGroup, dynamic), automated)
	stored(object("ScheduledUserState", namespace, "schedule", validSchedule), schedule)
	stored(object("PushEndpoint", namespace, "push", validPush), push)

	organization := v1alpha1.OrganizationReference{Name: "acme"}
	Expect(static.Spec).To(Equal(v1alpha1.UserGroupSpec{
		OrganizationRef: organization, MembershipMethod: v1alpha1.MembershipStatic, MemberPolicy: v1alpha1.MemberPolicyExact,
		AdoptionPolicy: v1alpha1.AdoptIfExists, Mode: v1alpha1.ModeApply,
	}), "members are not managed, and deletion keeps the group")
	Expect(automated.Spec.MemberQuery.QueryType).To(Equal(v1alpha1.QueryTypeFilterQuery))
	Expect(schedule.Spec).To(Equal(v1alpha1.ScheduledUserStateSpec{
		OrganizationRef: organization, Users: []v1alpha1.UserReference{{Username: "ada"}},
		State: v1alpha1.SchedulableSuspended, StartDate: "2026-12-31T18:00:00Z", SendActivationEmails: new(false),
		PastDuePolicy: v1alpha1.PastDueReject, Mode: v1alpha1.ModeApply,
	}))
	Expect(push.Spec).To(Equal(v1alpha1.PushEndpointSpec{
		OrganizationRef: organization, User: v1alpha1.UserReference{Username: "ada"},
		Endpoint: v1alpha1.PushEndpointReference{Name: "Ada's phone"}, Mode: v1alpha1.ModeApply,
	}), "name and state are not managed, and deletion keeps the endpoint")

	// Empty is not the same as absent: the group has no members.
	empty := &v1alpha1.UserGroup{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "empty"}, Spec: v1alpha1.UserGroupSpec{
		OrganizationRef: organization, Members: &[]v1alpha1.UserReference{},
	}}
	Expect(plane.Client.Create(spec().Context(), empty)).To(Succeed())
	Expect(plane.Client.Get(spec().Context(), client.ObjectKeyFromObject(empty), empty)).To(Succeed())
	Expect(empty.Spec.Members).To(HaveValue(BeEmpty()))
})
