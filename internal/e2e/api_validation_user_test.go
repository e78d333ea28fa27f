package e2e

import (
	. "github.com/onsi/ginkgo/v2"
)

// validUser is a User with the required fields only.
var validUser = map[string]any{"organizationRef": map[string]any{"name": "acme"}, "email": "ada@example.org"}

var _ = Describe("User", Label("validation"), func() {
	DescribeTable("is validated:", validates("User", validUser),
		Entry("as little as possible", set("mode", "Apply"), ""),
		Entry("no Organization", set("organizationRef", map[string]any{}), "spec.organizationRef.name: Required value"),
		Entry("an approval of each user", set("mode", "ApplyAfterApproval"), "spec.mode: Unsupported value"),
		Entry("suspended with the object", set("deletionPolicy", "Suspend"), ""),
		Entry("an unknown deletion policy", set("deletionPolicy", "Cancel"), "spec.deletionPolicy: Unsupported value"),
		Entry("reports without a manager", set("reportsTo", "Clear"), ""),
		Entry("an unknown policy for reports", set("reportsTo", "Move"), "spec.reportsTo: Unsupported value"),
		Entry("a state", set("state", "Suspended"), ""),
		Entry("an unknown state", set("state", "Locked"), "spec.state: Unsupported value"),
		Entry("a hash that is none", set("approvedPlan", "yes"), "spec.approvedPlan"),
	)
})

var _ = Describe("UserGroup", Label("validation"), func() {
	selector := map[string]any{"matchLabels": map[string]any{"team": "engines"}}
	file := map[string]any{"name": "hires", "key": "users.csv"}
	DescribeTable("takes members from one source each:", validates("UserGroup", validGroup),
		Entry("labels", set("membersFrom", []any{map[string]any{"userSelector": selector}}), ""),
		Entry("a ConfigMap", set("membersFrom", []any{map[string]any{"configMapKeyRef": file}}), ""),
		Entry("both", set("membersFrom", []any{map[string]any{"userSelector": selector, "configMapKeyRef": file}}), "exactly one of the fields in [configMapKeyRef userSelector] must be set"),
	)
})
