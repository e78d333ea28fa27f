package credentials_test

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/credentials"
)

const needs = "It must hold an API key in the key api-key."

func TestValuesOfASecret(t *testing.T) {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "jumpcloud", UID: "uid"},
		Data: map[string][]byte{
			"api-key": []byte(" of-acme\n"), "blank": []byte(" \n"), "encrypted": []byte("ENC[AES256_GCM,data:p673w==,type:str]"),
		},
	}
	reader := fake.NewClientBuilder().WithObjects(secret).Build()
	for key, want := range map[string]struct{ value, reason, message string }{
		"api-key":   {value: "of-acme"},
		"blank":     {reason: v1alpha1.CredentialsNotFoundReason, message: "Secret jumpcloud has no key blank, or nothing in it. " + needs},
		"absent":    {reason: v1alpha1.CredentialsNotFoundReason, message: "Secret jumpcloud has no key absent, or nothing in it. " + needs},
		"encrypted": {reason: v1alpha1.InvalidSpecReason, message: "Secret jumpcloud, key encrypted, holds cipher text"},
	} {
		t.Run(key, func(t *testing.T) {
			g := NewWithT(t)
			read, err := credentials.Read(t.Context(), reader, client.ObjectKeyFromObject(secret), needs)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(read.UID).To(Equal(secret.UID))
			g.Expect(read.ResourceVersion).NotTo(BeEmpty())
			value, err := read.Value(key)
			g.Expect(value).To(Equal(want.value))
			if want.reason == "" {
				g.Expect(err).NotTo(HaveOccurred())
				return
			}
			expectUnusable(g, err, want.reason, want.message)
		})
	}
}

func TestASecretThatDoesNotExist(t *testing.T) {
	_, err := credentials.Read(t.Context(), fake.NewClientBuilder().Build(), client.ObjectKey{Namespace: "identity", Name: "jumpcloud"}, needs)
	expectUnusable(NewWithT(t), err, v1alpha1.CredentialsNotFoundReason, "Secret jumpcloud does not exist. "+needs)
}

// expectUnusable expects an UnusableError with a message that begins so and quotes no value.
func expectUnusable(g *WithT, err error, reason, message string) {
	unusable, ok := errors.AsType[*credentials.UnusableError](err)
	g.Expect(ok).To(BeTrue(), "%v", err)
	g.Expect(unusable.Reason).To(Equal(reason))
	g.Expect(unusable.Error()).To(HavePrefix(message))
	g.Expect(unusable.Error()).NotTo(ContainSubstring("p673w"))
}
