package organization

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

const accepted = "JumpCloud accepts the credentials."

// readsContinue ends messages about credentials that are only for changes.
const readsContinue = " Changes need these credentials: nothing is sent until they work; reads continue."

// unusable says that no client can be made from the spec.
func unusable(o *v1alpha1.Organization, err error) string {
	return fmt.Sprintf("%s or spec.endpoint cannot be used: %s.", secrets(o), err)
}

func rejected(o *v1alpha1.Organization) lifecycle.Outcome {
	message := rejection(o, named(o, readingCredentials(o)))
	setAuthenticated(o, metav1.ConditionFalse, v1alpha1.AuthenticationFailedReason, message)
	return lifecycle.Stalled(v1alpha1.AuthenticationFailedReason, message)
}

func rejectedForChanges(o *v1alpha1.Organization) string {
	return rejection(o, named(o, o.Spec.Credentials)) + readsContinue
}

func rejection(o *v1alpha1.Organization, secret string) string {
	return fmt.Sprintf("JumpCloud rejects the credentials in %s: they are mistyped, expired, revoked, or of another region than %s. "+
		"Correct the Secret, or spec.region.", secret, o.Spec.Region)
}

// named names the Secret of some credentials and, if there are two, also the field.
func named(o *v1alpha1.Organization, declared *v1alpha1.Credentials) string {
	secret := "Secret " + credentialsSecret(declared)
	switch {
	case o.Spec.Credentials == nil || o.Spec.ReadCredentials == nil:
		return secret
	case declared == o.Spec.ReadCredentials:
		return secret + " (spec.readCredentials)"
	default:
		return secret + " (spec.credentials)"
	}
}

// secrets lists all Secrets of the credentials.
func secrets(o *v1alpha1.Organization) string {
	return "Secret " + strings.Join(secretsOf(o), " or Secret ")
}
