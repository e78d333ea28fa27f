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

// The operators of all specs connect as the service account of config/default,
// with its rights and under its admission policy, and the API servers write audit
// logs. At the end of the suite these say that nothing was refused, and that
// everything that is granted is needed.

const (
	serviceAccountName = "jumpcloud-operator-controller-manager"
	managerRole        = "jumpcloud-operator-manager-role"
	// namespacedManagerRole has the rules of managerRole, as "The namespaced Role is
	// the manager's" says.
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

// inForce waits until the operator may create these resources: the API server
// takes a moment to see what was granted.
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

// decision is what the authorizer says to a request of the operator.
func decision(p *testenv.ControlPlane, attributes authorizationv1.ResourceAttributes) (authorizationv1.SubjectAccessReviewStatus, error) {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: "system:serviceaccount:" + systemNamespace + ":" + serviceAccountName, ResourceAttributes: &attributes,
	}}
	err := p.Client.Create(context.Background(), review)
	return review.Status, err
}

// electsLeaders lets operators elect their leader in the world's namespace, as
// they may in their own.
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

// right is one verb of one resource that a role grants.
type right struct{ role, verb, group, resource string }

func (r right) String() string {
	return fmt.Sprintf("%s: %s of %s", r.role, r.verb, strings.Trim(r.resource+"."+r.group, "."))
}

// granted are the rights of config/default that are the operator's.
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

// used is the right that an access made use of.
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

// unused are the rights that no access made use of.
//
//   - A watch that streams what is there needs no list. An API server that does not
//     stream it, or does not at the moment, has client-go list instead: where watch
//     is needed, list is.
//   - Update of finalizers is asked for by the admission plugin
//     OwnerReferencesPermissionEnforcement, which is not on here, whenever a ledger
//     is created that blocks the deletion of its owner. It is no request.
//   - The engines read an object past the cache only where another process may have
//     written it, which depends on time. They do it for all kinds alike: where one kind
//     is read, all may be.
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

// forbidden are the accesses that no role granted.
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

// whole says that every spec of the suite is to run.
var whole bool

var _ = ReportBeforeSuite(func(report Report) {
	whole = report.PreRunStats.SpecsThatWillRun == report.PreRunStats.TotalSpecs
})

// rightsAreNeeded checks the audit logs of all control planes, once all operators
// have ended. That every right is used is said of the whole suite only.
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

// accessesSuffix is of the files that keep the accesses of control planes that
// other processes started.
const accessesSuffix = "-accesses.json"

// withoutRights are namespaces whose specs take the operator's rights away.
var withoutRights = sets.New[string]()

// keepAccesses keeps those of a control plane that is about to be stopped.
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
