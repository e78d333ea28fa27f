package organization

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/credentials"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Keys of the Secret of a service account, and of an API key by default.
const (
	apiKeyKey       = "api-key"
	clientIDKey     = "client-id"
	clientSecretKey = "client-secret"
)

// access is what a check of an Organization connects with.
type access struct {
	connection session.Connection
	reading    jumpcloud.Credentials
	// writing are separate credentials for mutating calls; nil: they are those for reads, or
	// there are none.
	writing jumpcloud.Credentials
	// unwritable says why mutating calls must not be made; "": they may, as far as known.
	unwritable string
}

// access reads the Secrets past the cache, so that what is used is what is stored. A missing
// Secret is an error if it is the one for reads. Without the other one, reads continue.
func (a *actuator) access(ctx context.Context, o *v1alpha1.Organization) (*access, error) {
	c := &access{}
	c.connection.BaseURL, _, _ = endpoint(&o.Spec)
	var err error
	if c.reading, c.connection.Reading, err = a.credentials(ctx, o, readingCredentials(o)); err != nil {
		return nil, err
	}
	switch {
	case o.Spec.ReadCredentials == nil:
		c.connection.Writing = c.connection.Reading
		return c, nil
	case o.Spec.Credentials == nil:
		return c, nil
	}
	c.writing, c.connection.Writing, err = a.credentials(ctx, o, o.Spec.Credentials)
	if unusable, ok := errors.AsType[*credentials.UnusableError](err); ok {
		c.withhold(unusable.Reason, unusable.Error()+readsContinue)
		return c, nil
	}
	if c.connection.Writing == c.connection.Reading {
		c.writing = nil
	}
	return c, err
}

// credentials returns the credentials for all calls.
func (c *access) credentials() jumpcloud.Credentials {
	switch {
	case c.unwritable != "":
		return jumpcloud.Separate(c.reading, jumpcloud.Unusable())
	case c.writing == nil && c.connection.Writing == c.connection.Reading:
		return c.reading
	default:
		return jumpcloud.Separate(c.reading, c.writing)
	}
}

// withhold prevents the use of the credentials for mutating calls.
func (c *access) withhold(reason, message string) {
	c.connection.Unwritable, c.unwritable, c.writing = reason, message, nil
}

// credentials reads the declared Secret.
func (a *actuator) credentials(
	ctx context.Context, o *v1alpha1.Organization, declared *v1alpha1.Credentials,
) (_ jumpcloud.Credentials, from session.Source, _ error) {
	key := client.ObjectKey{Namespace: o.Namespace, Name: credentialsSecret(declared)}
	secret, err := credentials.Read(ctx, a.reader, key, neededKeys(declared))
	if err != nil {
		return nil, from, err
	}
	from = session.Source{UID: secret.UID, Version: secret.ResourceVersion}
	if reference := declared.APIKeySecretRef; reference != nil {
		from.Key = cmp.Or(reference.Key, apiKeyKey)
		key, err := secret.Value(from.Key)
		return jumpcloud.APIKey(key), from, err
	}
	_, from.TokenURL, _ = endpoint(&o.Spec)
	id, err := secret.Value(clientIDKey)
	if err != nil {
		return nil, from, err
	}
	clientSecret, err := secret.Value(clientSecretKey)
	return jumpcloud.ServiceAccount(jumpcloud.ServiceAccountOptions{
		TokenURL: from.TokenURL, ClientID: id, ClientSecret: clientSecret,
	}), from, err
}

// readingCredentials returns the credentials for all reads.
func readingCredentials(o *v1alpha1.Organization) *v1alpha1.Credentials {
	return cmp.Or(o.Spec.ReadCredentials, o.Spec.Credentials)
}

// secretsOf returns the names of the Secrets with the Organization's credentials.
func secretsOf(o *v1alpha1.Organization) []string {
	var names []string
	for _, declared := range []*v1alpha1.Credentials{o.Spec.Credentials, o.Spec.ReadCredentials} {
		if name := credentialsSecret(declared); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// neededKeys says what the Secret must hold.
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

// endpoint returns the URLs of the API and of the token endpoint.
func endpoint(spec *v1alpha1.OrganizationSpec) (baseURL, tokenURL string, known bool) {
	if spec.Endpoint != nil {
		return spec.Endpoint.URL, spec.Endpoint.TokenURL, true
	}
	return jumpcloud.BaseURL(string(spec.Region))
}
