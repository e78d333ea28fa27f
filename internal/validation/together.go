package validation

import (
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/pushendpoint"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/user"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/usergroup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/workdayinstance"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
)

// admission adds the reason why the Organization refuses the object.
func (v *validator) admission(d declared, organization *v1alpha1.Organization) {
	member, ok := d.typed.(lifecycle.Member)
	if !ok {
		return
	}
	namespace, allowed := d.GetNamespace(), organization.Spec.AllowedNamespaces.From
	admitted := namespace == organization.Namespace || allowed == v1alpha1.NamespacesFromAll
	if !admitted && allowed == v1alpha1.NamespacesFromSelector {
		v.absent(d, "spec.organizationRef", fmt.Sprintf("Whether Organization %s admits namespace %s depends on the labels of the namespace: they were not looked at",
			client.ObjectKeyFromObject(organization), namespace))
		admitted = true
	}
	if reason, message := lifecycle.Refusal(member, organization, admitted); reason != "" {
		v.report.Problems = append(v.report.Problems, d.Problem("spec.organizationRef", message))
	}
}

// claim is something in an organization for which only one object can stand.
type claim struct {
	organization client.ObjectKey
	kind, key    string
}

// ownership adds a problem if another object stands for the same thing. Which of the two wins,
// the operator decides by their age.
func (v *validator) ownership(d declared) {
	member, ok := d.typed.(lifecycle.Member)
	if !ok {
		return
	}
	thing, identity := standsFor(d.typed)
	for _, key := range identity.Declared() {
		c := claim{lifecycle.KeyOfOrganization(member), d.GetKind(), key}
		owner, taken := v.owners[c]
		if !taken || client.ObjectKeyFromObject(owner) == client.ObjectKeyFromObject(d) { // the object is declared twice
			v.owners[c] = d
			continue
		}
		v.report.Problems = append(v.report.Problems, d.whole(identity.Taken(key, owner.GetKind(), client.ObjectKeyFromObject(owner), thing)))
		return
	}
}

// standsFor returns what a new object stands for exclusively; there are no keys if it stands
// for nothing. In mode Plan, an object does not contend.
func standsFor(object client.Object) (thing string, identity continuous.Identity) {
	switch object := object.(type) {
	case *v1alpha1.User:
		return claims(&user.Kind{}, object)
	case *v1alpha1.UserGroup:
		return claims(&usergroup.Kind{}, object)
	case *v1alpha1.PushEndpoint:
		return claims(pushendpoint.Kind{}, object)
	case *v1alpha1.WorkdayInstance:
		return claims(&workdayinstance.Kind{}, object)
	default:
		return "", continuous.Identity{}
	}
}

// contest adds a problem if another object declares the same change of the same user.
func (v *validator) contest(d declared, object *v1alpha1.ScheduledUserState) {
	if object.Spec.Mode == v1alpha1.ModePlan {
		return
	}
	key := lifecycle.KeyOfOrganization(object)
	if problem := schedules.Contested(object, v.schedules[key]); problem != "" {
		v.report.Problems = append(v.report.Problems, d.whole(problem))
	}
	v.schedules[key] = append(v.schedules[key], object)
}

// whole returns a problem of the whole object, not of a field.
func (d declared) whole(message string) manifest.Problem {
	problem := d.Problem("spec", message)
	problem.Field = ""
	return problem
}

// owned returns the Users among the manifests that stand for users of an import's
// organization. It omits those in mode Plan, which are not carried out.
func (v *validator) owned(object *v1alpha1.BulkUserImport) plan.Declared {
	key := lifecycle.KeyOfOrganization(object)
	owners := plan.Declared{Foreign: key.Namespace != object.Namespace}
	for _, other := range v.set.all() {
		owner, ok := other.(*v1alpha1.User)
		if ok && lifecycle.KeyOfOrganization(owner) == key && owner.Spec.Mode != v1alpha1.ModePlan {
			owners.Add(owner)
		}
	}
	return owners
}

func claims[T continuous.Object, M any](kind continuous.Kind[T, M], object T) (thing string, identity continuous.Identity) {
	settings := kind.Settings(object)
	if settings.Mode == v1alpha1.ModePlan {
		return "", continuous.Identity{}
	}
	return settings.Thing, kind.Identity(object)
}
