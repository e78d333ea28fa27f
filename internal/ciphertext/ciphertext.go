// Package ciphertext recognizes values of Secrets that a pipeline should have decrypted, or
// replaced, before it applied them. A login attempt with such a value fails, and may lock the
// account.
package ciphertext

import (
	"fmt"
	"regexp"
)

// encrypted matches the marks of SOPS, Vault's transit engine and its injectors, Argo CD's
// Vault plugin, vals, Ansible, PGP and age.
var encrypted = regexp.MustCompile(`^\s*(ENC\[|vault:|<path:|ref\+[a-z0-9]+://|\$ANSIBLE_VAULT;|-----BEGIN (PGP MESSAGE|AGE ENCRYPTED FILE)-----)`)

// Is reports whether the value is cipher text, or a placeholder for a secret.
func Is(value string) bool { return encrypted.MatchString(value) }

// Problem returns the message about such a value. It names the place and quotes nothing.
func Problem(secret, key string) string {
	return fmt.Sprintf("Secret %s, key %s, holds cipher text or a placeholder instead of the secret: have it decrypted before it is applied", secret, key)
}
