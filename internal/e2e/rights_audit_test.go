package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// The operators of all specs connect as the service account of config/default, with its rights
// and under its admission policy, and the API servers write audit logs. At the end of the
// suite the logs must show that nothing was refused, and that every granted right is needed.

const (
	serviceAccountName = "jumpcloud-operator-controller-manager"
	managerRole        = "jumpcloud-operator-manager-role"
	// namespacedManagerRole has the rules of managerRole, which the spec "The namespaced Role
	// is the manager's" verifies.
	namespacedManagerRole = "jumpcloud-operator-manager"
	leaderElectionRole    = "jumpcloud-operator-leader-election-role"
)

// grantRights gives the operators of a control plane the rights of config/default.
func grantRights(p *testenv.ControlPlane) error {
	if _, err := p.Kubectl(context.Background(), "apply", "--server-side", "-k", "config/default"); err != nil {
		return err
	}
	config, err := p.AsServiceAccount(systemNamespace, serviceAccountName)
	if err != nil {
		return err
	}
	p.OperatorConfig = config
	return nil
}

// inForce waits until the operator may create these resources: it takes the API server a
// moment to notice what was granted.
func inForce(p *testenv.ControlPlane, namespace string, resources ...string) {
	GinkgoHelper()
	groups := map[string]string{
		"leases": "coordination.k8s.io", "events": "events.k8s.io", "tokenreviews": "authentication.k8s.io",
	}
	for _, resource := range resources {
		attributes := authorizationv1.ResourceAttributes{Namespace: namespace, Verb: "create", Group: groups[resource], Resource: resource}
		Eventually(decision).WithArguments(p, attributes).Should(HaveField("Allowed", BeTrue()), resource)
	}
}

// decision returns the authorizer's decision about a request of the operator.
func decision(p *testenv.ControlPlane, attributes authorizationv1.ResourceAttributes) (authorizationv1.SubjectAccessReviewStatus, error) {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: "system:serviceaccount:" + systemNamespace + ":" + serviceAccountName, ResourceAttributes: &attributes,
	}}
	err := p.Client.Create(context.Background(), review)
	return review.Status, err
}

// electsLeaders grants operators the right to elect their leader in the world's namespace, as
// they have it in their own.
func (w *world) electsLeaders() {
	w.Helper()
	role := &rbacv1.Role{}
	w.Expect(plane.Client.Get(w.Context(), client.ObjectKey{Namespace: systemNamespace, Name: leaderElectionRole}, role)).To(Succeed())
	w.create(&rbacv1.Role{ObjectMeta: w.meta(role.Name), Rules: role.Rules})
	w.create(&rbacv1.RoleBinding{
		ObjectMeta: w.meta(role.Name),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: systemNamespace, Name: serviceAccountName}},
	})
	inForce(plane, w.namespace, "leases")
}

// right is one verb on one resource that a role grants.
type right struct{ role, verb, group, resource string }

func (r right) String() string {
	return fmt.Sprintf("%s: %s of %s", r.role, r.verb, strings.Trim(r.resource+"."+r.group, "."))
}

// granted returns the rights that config/default grants to the operator.
func granted(p *testenv.ControlPlane) sets.Set[right] {
	GinkgoHelper()
	objects := renderedBy(context.Background(), p, "default")
	rights := sets.New[right]()
	for key, object := range objects {
		if !strings.HasSuffix(object.GetKind(), "RoleBinding") {
			continue
		}
		binding := as[rbacv1.ClusterRoleBinding](objects, key) // a RoleBinding has the same fields
		Expect(binding.Subjects).To(ConsistOf(HaveField("Name", serviceAccountName)))
		role := as[rbacv1.ClusterRole](objects, binding.RoleRef.Kind+"/"+binding.RoleRef.Name)
		for _, rule := range role.Rules {
			for _, verb := range rule.Verbs {
				for _, group := range rule.APIGroups {
					for _, resource := range rule.Resources {
						Expect([]string{verb, group, resource}).NotTo(ContainElement("*"), role.Name)
						rights.Insert(right{role.Name, verb, group, resource})
					}
				}
			}
		}
	}
	return rights
}

// used returns the right that an access used.
func used(access testenv.Access) right {
	resource := access.Resource
	if access.Subresource != "" {
		resource += "/" + access.Subresource
	}
	role := access.Role
	if role == namespacedManagerRole {
		role = managerRole
	}
	return right{role, access.Verb, access.Group, resource}
}

// unused returns the rights that no access used.
//
//   - A watch that streams the initial list needs no list. If an API server does not
//     support that, or not at the moment, client-go lists instead: where watch is needed,
//     list is needed too.
//   - The admission plugin OwnerReferencesPermissionEnforcement, which is off here, checks
//     update of finalizers when a ledger is created that blocks the deletion of its owner.
//     That is not a request.
//   - The engines bypass the cache only where another process may have written an object,
//     which depends on timing. They do that for all kinds alike: if they read one kind, they
//     may read every kind.
func unused(granted sets.Set[right], accesses sets.Set[testenv.Access]) []string {
	rest := granted.Clone()
	for access := range accesses {
		use := used(access)
		rest.Delete(use)
		switch {
		case use.verb == "watch":
			use.verb = "list"
		case use.verb == "update" && strings.HasSuffix(use.resource, "imports/status"):
			use.resource = strings.TrimSuffix(use.resource, "status") + "finalizers"
		case use.verb == "get" && use.group == v1alpha1.GroupVersion.Group:
			for other := range rest {
				if other.role == use.role && other.verb == use.verb && other.group == use.group {
					rest.Delete(other)
				}
			}
		}
		rest.Delete(use)
	}
	var names []string
	for right := range rest {
		names = append(names, right.String())
	}
	slices.Sort(names)
	return names
}

// forbidden returns the accesses that were refused.
func forbidden(accesses sets.Set[testenv.Access]) []string {
	var names []string
	for access := range accesses {
		if access.Refused {
			names = append(names, access.Verb+" "+access.Path)
		}
	}
	slices.Sort(names)
	return names
}

// whole reports whether every spec of the suite will run.
var whole bool

var _ = ReportBeforeSuite(func(report Report) {
	whole = report.PreRunStats.SpecsThatWillRun == report.PreRunStats.TotalSpecs
})

// rightsAreNeeded checks the audit logs of all control planes, after all operators have ended.
// It requires that every right is used only if the whole suite ran.
func rightsAreNeeded(dir string, started map[string]*testenv.ControlPlane) {
	GinkgoHelper()
	all := sets.New[testenv.Access]()
	var granting *testenv.ControlPlane
	for _, p := range started {
		accesses, err := p.Accesses()
		Expect(err).NotTo(HaveOccurred())
		all = all.Union(accesses)
		granting = p
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"+accessesSuffix))
	Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		content, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		var accesses []testenv.Access
		Expect(json.Unmarshal(content, &accesses)).To(Succeed())
		all.Insert(accesses...)
	}
	left := unused(granted(granting), all)
	Expect(forbidden(all)).To(BeEmpty(), "the operator asked for what it may not")
	if !whole {
		GinkgoWriter.Printf("some specs did not run, so these rights may be needed that were not used:\n%s\n", strings.Join(left, "\n"))
		return
	}
	Expect(left).To(BeEmpty(), "the operator may do what it never does")
}

// accessesSuffix ends the names of files with the accesses of control planes that other
// processes started.
const accessesSuffix = "-accesses.json"

// withoutRights are namespaces whose specs revoke the operator's rights.
var withoutRights = sets.New[string]()

// keepAccesses saves the accesses of a control plane that is about to be stopped.
func keepAccesses(p *testenv.ControlPlane) {
	GinkgoHelper()
	accesses, err := p.Accesses()
	Expect(err).NotTo(HaveOccurred())
	kept := slices.DeleteFunc(accesses.UnsortedList(), func(a testenv.Access) bool { return a.Refused && withoutRights.Has(a.Namespace) })
	content, err := json.Marshal(kept)
	Expect(err).NotTo(HaveOccurred())
	file, err := os.CreateTemp(shareDir, "*"+accessesSuffix)
	Expect(err).NotTo(HaveOccurred())
	_, err = file.Write(content)
	Expect(err).NotTo(HaveOccurred())
	Expect(file.Close()).To(Succeed())
}
