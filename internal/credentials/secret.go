// Package credentials reads credentials from Secrets.
package credentials

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/ciphertext"
)

// Secret is a Secret as it was when it was read.
type Secret struct {
	// UID and ResourceVersion identify its content.
	UID             types.UID
	ResourceVersion string

	name  string
	needs string // a sentence that says what it must hold
	data  map[string][]byte
}

// UnusableError says which Secret or key does not exist or holds no credentials, and what is
// needed. It quotes no value.
type UnusableError struct {
	// Reason is that of a condition.
	Reason  string
	message string
}

func (e *UnusableError) Error() string { return e.message }

// Read reads a Secret. needs is a sentence that says what it must hold. The error is an
// *UnusableError if there is no such Secret; otherwise it is the reader's own. To use what is
// stored, pass a reader without a cache.
func Read(ctx context.Context, reader client.Reader, key client.ObjectKey, needs string) (*Secret, error) {
	var stored corev1.Secret
	err := reader.Get(ctx, key, &stored)
	if apierrors.IsNotFound(err) {
		return nil, &UnusableError{v1alpha1.CredentialsNotFoundReason, fmt.Sprintf("Secret %s does not exist. %s", key.Name, needs)}
	}
	if err != nil {
		return nil, err
	}
	return &Secret{UID: stored.UID, ResourceVersion: stored.ResourceVersion, name: key.Name, needs: needs, data: stored.Data}, nil
}

// Value returns the value of a key without surrounding white space, which files and editors
// add. The error is an *UnusableError if there is none, or if it is cipher text.
func (s *Secret) Value(key string) (string, error) {
	value := strings.TrimSpace(string(s.data[key]))
	switch {
	case value == "":
		return "", &UnusableError{v1alpha1.CredentialsNotFoundReason, fmt.Sprintf("Secret %s has no key %s, or nothing in it. %s", s.name, key, s.needs)}
	case ciphertext.Is(value):
		return "", &UnusableError{v1alpha1.InvalidSpecReason, ciphertext.Problem(s.name, key) + "."}
	default:
		return value, nil
	}
}
