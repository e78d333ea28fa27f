package controller

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Keys of the Secret of a service account, and of an API key by default.
const (
	apiKeyKey       = "api-key"
	clientIDKey     = "client-id"
	clientSecretKey = "client-secret"
)

// missingCredentialsError says which Secret or key does not exist.
type missingCredentialsError struct{ what string }

func (e *missingCredentialsError) Error() string { return e.what }

// credentials reads the Secret live, so that what is used is what is stored now.
func (a *organizationActuator) credentials(ctx context.Context, o *v1alpha1.Organization) (jumpcloud.Credentials, session.Connection, error) {
	var secret corev1.Secret
	name := credentialsSecret(o.Spec.Credentials)
	if err := a.reader.Get(ctx, client.ObjectKey{Namespace: o.Namespace, Name: name}, &secret); err != nil {
		if apierrors.IsNotFound(err) {
			err = &missingCredentialsError{fmt.Sprintf("Secret %s does not exist. %s", name, neededKeys(o.Spec.Credentials))}
		}
		return nil, session.Connection{}, err
	}
	connection := session.Connection{SecretUID: secret.UID, SecretVersion: secret.ResourceVersion}
	connection.BaseURL, connection.TokenURL, _ = endpoint(&o.Spec)

	if reference := o.Spec.Credentials.APIKeySecretRef; reference != nil {
		connection.TokenURL, connection.SecretKey = "", cmp.Or(reference.Key, apiKeyKey)
		key, err := value(o, &secret, connection.SecretKey)
		return jumpcloud.APIKey(key), connection, err
	}
	id, err := value(o, &secret, clientIDKey)
	if err != nil {
		return nil, session.Connection{}, err
	}
	clientSecret, err := value(o, &secret, clientSecretKey)
	return jumpcloud.ServiceAccount(jumpcloud.ServiceAccountOptions{
		TokenURL: connection.TokenURL, ClientID: id, ClientSecret: clientSecret,
	}), connection, err
}

// value returns a value of the Secret without the white space around it, which
// files and editors add.
func value(o *v1alpha1.Organization, secret *corev1.Secret, key string) (string, error) {
	content := strings.TrimSpace(string(secret.Data[key]))
	if content == "" {
		return "", &missingCredentialsError{fmt.Sprintf("Secret %s has no key %s, or nothing in it. %s", secret.Name, key, neededKeys(o.Spec.Credentials))}
	}
	return content, nil
}

// neededKeys tells what the Secret must hold.
func neededKeys(c *v1alpha1.Credentials) string {
	if c.ServiceAccountSecretRef != nil {
		return fmt.Sprintf("It must hold a service account in the keys %s and %s.", clientIDKey, clientSecretKey)
	}
	return fmt.Sprintf("It must hold an API key in the key %s.", cmp.Or(c.APIKeySecretRef.Key, apiKeyKey))
}

// credentialsSecret returns the name of the Secret.
func credentialsSecret(c *v1alpha1.Credentials) string {
	switch {
	case c == nil:
		return ""
	case c.APIKeySecretRef != nil:
		return c.APIKeySecretRef.Name
	case c.ServiceAccountSecretRef != nil:
		return c.ServiceAccountSecretRef.Name
	default:
		return ""
	}
}

// endpoint returns where the API and the token endpoint are.
func endpoint(spec *v1alpha1.OrganizationSpec) (baseURL, tokenURL string, known bool) {
	if spec.Endpoint != nil {
		return spec.Endpoint.URL, spec.Endpoint.TokenURL, true
	}
	return jumpcloud.BaseURL(string(spec.Region))
}
