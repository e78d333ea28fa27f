package packaging_test

import (
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

var (
	reading = []string{"get", "list", "watch"}
	writing = []string{"create", "update", "patch", "delete"}
)

// Users with Kubernetes' role view, edit or admin in a namespace have that role for the kinds
// too: the controller manager aggregates labeled roles. Approving requires admin, or the role
// of approvers.
func TestRolesAggregate(t *testing.T) {
	objects := kustomized(t, "default")
	plurals := kinds(objects)
	view := aggregated(t, objects, "view")
	edit := slices.Concat(view, aggregated(t, objects, "edit"))
	admin := slices.Concat(edit, aggregated(t, objects, "admin"))
	g := NewWithT(t)
	for _, plural := range plurals {
		g.Expect(verbs(view, plural)).To(ConsistOf(reading), plural)
		if plural != "planapprovals" {
			g.Expect(verbs(edit, plural)).To(ConsistOf(slices.Concat(reading, writing)), plural)
		}
		g.Expect(verbs(admin, plural)).To(ConsistOf(slices.Concat(reading, writing, []string{"deletecollection"})), plural)
		for _, rules := range [][]rbacv1.PolicyRule{view, edit, admin} {
			g.Expect(verbs(rules, plural+"/status")).To(ConsistOf("get"), plural)
		}
	}
	g.Expect(verbs(edit, "planapprovals")).To(ConsistOf(reading), "who edits does not approve")
	for _, rule := range admin {
		g.Expect(rule.APIGroups).To(ConsistOf("jumpcloud-operator.io"), "nothing else is granted")
	}
}

// The operator's own rights must not aggregate to people's roles.
func TestRightsOfTheOperatorDoNotAggregate(t *testing.T) {
	for key, object := range kustomized(t, "default") {
		for label := range object.GetLabels() {
			if strings.HasPrefix(label, "rbac.authorization.k8s.io/aggregate-to-") {
				NewWithT(t).Expect(key).To(Or(HaveSuffix("-viewer-role"), HaveSuffix("-editor-role"), HaveSuffix("-admin-role"), HaveSuffix("/jumpcloud-approver")))
			}
		}
	}
}

func kinds(all objects) []string {
	var plurals []string
	for key := range all {
		if name, ok := strings.CutPrefix(key, "CustomResourceDefinition /"); ok {
			plural, _, _ := strings.Cut(name, ".")
			plurals = append(plurals, plural)
		}
	}
	return plurals
}

// aggregated returns the rules that are aggregated to Kubernetes' role.
func aggregated(t *testing.T, all objects, to string) []rbacv1.PolicyRule {
	t.Helper()
	var rules []rbacv1.PolicyRule
	for _, object := range all {
		if object.GetKind() != "ClusterRole" || object.GetLabels()["rbac.authorization.k8s.io/aggregate-to-"+to] != "true" {
			continue
		}
		role := &rbacv1.ClusterRole{}
		NewWithT(t).Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, role)).To(Succeed())
		rules = append(rules, role.Rules...)
	}
	return rules
}

// verbs returns what rules allow for a resource.
func verbs(rules []rbacv1.PolicyRule, resource string) []string {
	var allowed []string
	for _, rule := range rules {
		if slices.Contains(rule.Resources, resource) {
			allowed = append(allowed, rule.Verbs...)
		}
	}
	slices.Sort(allowed)
	return slices.Compact(allowed)
}
