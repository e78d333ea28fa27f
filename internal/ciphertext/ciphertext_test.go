package ciphertext_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/ciphertext"
)

func TestIs(t *testing.T) {
	for value, want := range map[string]bool{
		"ENC[AES256_GCM,data:p673w==,iv:YY=,tag:UQ==,type:str]": true,
		"vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zo": true,
		"vault:secret/data/jumpcloud#api-key":                   true,
		"<path:secret/data/jumpcloud#api-key>":                  true,
		"ref+vault://secret/jumpcloud#/api-key":                 true,
		"$ANSIBLE_VAULT;1.1;AES256\n6238":                       true,
		"-----BEGIN PGP MESSAGE-----\n\nhQ":                     true,
		"\n-----BEGIN AGE ENCRYPTED FILE-----\nYWdl":            true,
		"":                          false,
		"Correct-Horse-9":           false,
		"ENCORE!9":                  false,
		"my vault: 9":               false,
		"username,password\nada,p9": false,
		"<path to enlightenment>":   false,
	} {
		NewWithT(t).Expect(ciphertext.Is(value)).To(Equal(want), value)
	}
}
