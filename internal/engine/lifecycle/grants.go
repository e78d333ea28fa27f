package lifecycle

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Permitted fails, with an error of Stop, if the Organization's grants refuse the pass's
// object something that only the observation shows. What spec and status demand was checked
// before the pass.
func (p *Pass[T]) Permitted(demands v1alpha1.Demands) error {
	a := applicant{namespace: p.Object.GetNamespace(), demands: demands}
	if why := a.refusal(p.Session.Organization, &p.Session.Spec); why != "" {
		return Stop(denied(why))
	}
	return nil
}

// PrivilegeRefusal says why rows of the pass's object may not state privileges; "" if they
// may.
func (p *Pass[T]) PrivilegeRefusal() string {
	a := applicant{namespace: p.Object.GetNamespace(), demands: v1alpha1.Demands{Privileges: []string{"rows that state a privilege"}}}
	return a.refusal(p.Session.Organization, &p.Session.Spec)
}

// Refusal says why an Organization refuses an object, according to what both declare and to
// the object's status; no reason: it does not. admitted says whether its allowedNamespaces
// admit the object's namespace.
func Refusal(member Member, organization *v1alpha1.Organization, admitted bool) (reason, message string) {
	key := client.ObjectKeyFromObject(organization)
	if !admitted {
		return v1alpha1.NamespaceNotAllowedReason,
			fmt.Sprintf("Organization %s does not admit namespace %s: see its spec.allowedNamespaces.", key, member.GetNamespace())
	}
	if why := applicantOf(member).refusal(key, &organization.Spec); why != "" {
		return v1alpha1.PermissionDeniedReason, deniedText(why)
	}
	return "", ""
}

func denied(why string) Outcome { return Stalled(v1alpha1.PermissionDeniedReason, deniedText(why)) }

func deniedText(why string) string {
	return why + ". Nothing is sent. Ask the Organization's owner for the grant, or remove what needs it."
}

// applicant is an object that asks for an Organization's grants.
type applicant struct {
	// kind of the object; "": the kind was checked before.
	kind      string
	namespace string
	demands   v1alpha1.Demands
}

// applicantOf returns the applicant that a member is.
func applicantOf(member Member) applicant {
	return applicant{kind: kindOf(member), namespace: member.GetNamespace(), demands: member.Demands()}
}

// refusal names the grant that an Organization withholds, and from which namespace; "": it
// withholds none. Objects in its own namespace need no grants.
func (a applicant) refusal(organization types.NamespacedName, spec *v1alpha1.OrganizationSpec) string {
	if a.namespace == organization.Namespace {
		return ""
	}
	grant, what := withheld(a.kind, a.demands, spec)
	if grant == "" {
		return ""
	}
	return fmt.Sprintf("%s of Organization %s does not admit %s from namespace %s", grant, organization, what, a.namespace)
}

// withheld returns the grant that is missing for demands, and for what; "": none is missing.
func withheld(kind string, demands v1alpha1.Demands, spec *v1alpha1.OrganizationSpec) (grant, what string) {
	const allowed = "spec.allowedNamespaces."
	granted := &spec.AllowedNamespaces
	if kind != "" && !granted.GrantsKind(kind) {
		return allowed + "kinds", "kind " + kind
	}
	for _, group := range slices.Concat(demands.Has, demands.Groups) {
		if spec.ProtectsGroup(group) {
			return "spec.protectedGroups", fmt.Sprintf("the group %q", group)
		}
	}
	for _, group := range demands.Groups {
		switch {
		case !granted.GrantsGroup(group):
			return allowed + "groups", fmt.Sprintf("the group %q", group)
		case demands.Adopts && len(granted.Groups) == 0:
			return allowed + "groups", fmt.Sprintf("the adoption of the group %q", group)
		case demands.Adopts && !granted.Adopt:
			return allowed + "adopt", fmt.Sprintf("the adoption of the group %q", group)
		}
	}
	switch {
	case demands.Adopts && !granted.Adopt:
		return allowed + "adopt", "the adoption of what exists at JumpCloud"
	case len(demands.Privileges) > 0 && !granted.Privileged:
		return allowed + "privileged", demands.Privileges[0]
	default:
		return "", ""
	}
}
