package organization

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/credentials"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// ValidateSecrets returns what is wrong with the Secrets of the credentials; "" if nothing is,
// or if not all of them exist. The note says that one is encrypted, so that its content is not
// known. Nothing is sent. The error is the reader's.
func ValidateSecrets(ctx context.Context, reader client.Reader, o *v1alpha1.Organization) (problem, note string, _ error) {
	a := &actuator{reader: reader, pool: session.NewPool(session.PoolOptions{})}
	for _, name := range secretsOf(o) {
		if err := reader.Get(ctx, client.ObjectKey{Namespace: o.Namespace, Name: name}, &corev1.Secret{}); err != nil {
			return "", "", client.IgnoreNotFound(err)
		}
	}
	for _, declared := range []*v1alpha1.Credentials{o.Spec.Credentials, o.Spec.ReadCredentials} {
		if declared == nil {
			continue
		}
		_, _, err := a.credentials(ctx, o, declared)
		switch unusable, ok := errors.AsType[*credentials.UnusableError](err); {
		case ok && unusable.Reason == v1alpha1.InvalidSpecReason:
			return "", unusable.Error(), nil // it holds cipher text
		case ok:
			return unusable.Error(), "", nil
		case err != nil:
			return "", "", err
		}
	}
	c, err := a.access(ctx, o)
	if err != nil {
		return "", "", err
	}
	if _, err := a.pool.Dial(o, c.connection, c.credentials()); err != nil {
		return unusable(o, err), "", nil
	}
	return "", "", nil
}
