package controller

import (
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
	name := credentialsSecret(&o.Spec.Credentials)
	if err := a.reader.Get(ctx, client.ObjectKey{Namespace: o.Namespace, Name: name}, &secret); err != nil {
		if apierrors.IsNotFound(err) {
			err = &missingCredentialsError{fmt.Sprintf("Secret %s does not exist", name)}
		}
		return nil, session.Connection{}, err
	}
	connection := session.Connection{SecretUID: secret.UID, SecretVersion: secret.ResourceVersion}
	connection.BaseURL, connection.TokenURL, _ = endpoint(&o.Spec)

	if reference := o.Spec.Credentials.APIKeySecretRef; reference != nil {
		connection.TokenURL, connection.SecretKey = "", reference.Key
		if connection.SecretKey == "" {
			connection.SecretKey = apiKeyKey
		}
		key, err := value(&secret, connection.SecretKey)
		return jumpcloud.APIKey(key), connection, err
	}
	id, err := value(&secret, clientIDKey)
	if err != nil {
		return nil, session.Connection{}, err
	}
	clientSecret, err := value(&secret, clientSecretKey)
	return jumpcloud.ServiceAccount(jumpcloud.ServiceAccountOptions{
		TokenURL: connection.TokenURL, ClientID: id, ClientSecret: clientSecret,
	}), connection, err
}

// value returns a value of the Secret without the white space around it, which
// files and editors add.
func value(secret *corev1.Secret, key string) (string, error) {
	content := strings.TrimSpace(string(secret.Data[key]))
	if content == "" {
		return "", &missingCredentialsError{fmt.Sprintf("Secret %s has no key %s, or nothing in it", secret.Name, key)}
	}
	return content, nil
}

// credentialsSecret returns the name of the Secret.
func credentialsSecret(c *v1alpha1.Credentials) string {
	switch {
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
