package workdayinstance

import (
	"context"
	"errors"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/credentials"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	// usernameKey and passwordKey are keys of the Secret; needed is the sentence that messages
	// end with.
	usernameKey = "username"
	passwordKey = "password"
	needed      = "It must hold the credentials of Workday's integration system user in the keys " + usernameKey + " and " + passwordKey + "."
)

// secret is what a Secret held when it was read; empty if the spec names none.
type secret struct {
	credentials          jumpcloud.WorkdayCredentials
	uid, resourceVersion string
}

// given reports whether there are credentials to send.
func (s *secret) given() bool { return s.uid != "" }

// version identifies the content, without anything computed from it; "" if there is none.
func (s *secret) version() string {
	if !s.given() {
		return ""
	}
	return s.uid + "/" + s.resourceVersion
}

// unsaid says why a spec without credentials cannot be carried out; "" if it can. live is nil
// if there is no instance.
func unsaid(object *v1alpha1.WorkdayInstance, live *jumpcloud.WorkdayInstance) string {
	switch {
	case object.Spec.CredentialsSecretRef != nil:
		return ""
	case live == nil:
		return "spec.credentialsSecretRef is missing: the organization has no Workday instance, and none is created without credentials. " +
			"Name the Secret that holds them. Nothing was sent."
	case hostOf(live.ReportURL) != hostOf(object.Spec.ReportURL):
		return fmt.Sprintf("spec.credentialsSecretRef is missing: the instance has credentials for %s only, and they are not sent to another host. "+
			"Name the Secret that holds those for the host in spec.reportURL, or correct spec.reportURL. Nothing was sent.", named(live.ReportURL))
	default:
		return ""
	}
}

// readSecret reads the credentials, if the spec names any. If they are missing or cipher text,
// it ends the pass; the watch of the Secret wakes the object.
func readSecret(ctx context.Context, reader client.Reader, object *v1alpha1.WorkdayInstance) (secret, error) {
	reference := object.Spec.CredentialsSecretRef
	if reference == nil {
		return secret{}, nil
	}
	stored, err := credentials.Read(ctx, reader, client.ObjectKey{Namespace: object.Namespace, Name: reference.Name}, needed)
	if err != nil {
		return secret{}, without(object, err)
	}
	username, err := stored.Value(usernameKey)
	if err != nil {
		return secret{}, without(object, err)
	}
	password, err := stored.Value(passwordKey)
	if err != nil {
		return secret{}, without(object, err)
	}
	return secret{
		credentials: jumpcloud.WorkdayCredentials{Username: username, Password: jumpcloud.Password(password)},
		uid:         string(stored.UID), resourceVersion: stored.ResourceVersion,
	}, nil
}

// without ends a pass that lacks credentials.
func without(object *v1alpha1.WorkdayInstance, err error) error {
	unusable, ok := errors.AsType[*credentials.UnusableError](err)
	if !ok {
		return err
	}
	message := unusable.Error()
	if unusable.Reason == v1alpha1.InvalidSpecReason {
		message += " Nothing was sent."
	}
	setAuthenticated(object, false, unusable.Reason, message)
	return continuous.Stalled(unusable.Reason, message)
}
