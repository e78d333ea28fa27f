package workdayinstance

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/ciphertext"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Keys of the Secret.
const (
	usernameKey = "username"
	passwordKey = "password"
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
	if object.Spec.CredentialsSecretRef == nil {
		return secret{}, nil
	}
	var stored corev1.Secret
	name := object.Spec.CredentialsSecretRef.Name
	err := reader.Get(ctx, client.ObjectKey{Namespace: object.Namespace, Name: name}, &stored)
	if apierrors.IsNotFound(err) {
		return secret{}, without(object, fmt.Sprintf("Secret %s does not exist", name))
	}
	if err != nil {
		return secret{}, err
	}
	found := secret{uid: string(stored.UID), resourceVersion: stored.ResourceVersion}
	for _, value := range []struct {
		key string
		set func(string)
	}{
		{usernameKey, func(text string) { found.credentials.Username = text }},
		{passwordKey, func(text string) { found.credentials.Password = jumpcloud.Password(text) }},
	} {
		// Files and editors add white space.
		text := strings.TrimSpace(string(stored.Data[value.key]))
		if text == "" {
			return secret{}, without(object, fmt.Sprintf("Secret %s has no key %s, or nothing in it", name, value.key))
		}
		if ciphertext.Is(text) {
			message := ciphertext.Problem(name, value.key) + ". Nothing was sent."
			setAuthenticated(object, false, v1alpha1.InvalidSpecReason, message)
			return secret{}, continuous.Stalled(v1alpha1.InvalidSpecReason, message)
		}
		value.set(text)
	}
	return found, nil
}

// without ends a pass that lacks credentials.
func without(object *v1alpha1.WorkdayInstance, what string) error {
	message := fmt.Sprintf("%s. It must hold the credentials of Workday's integration system user in the keys %s and %s.", what, usernameKey, passwordKey)
	setAuthenticated(object, false, v1alpha1.CredentialsNotFoundReason, message)
	return continuous.Stalled(v1alpha1.CredentialsNotFoundReason, message)
}
