package workdayinstance_test

import (
	"testing"

	. "github.com/onsi/gomega"
)

// The operator never logs in with what a pipeline failed to decrypt: the account would be
// locked.
func TestCipherTextIsNotSent(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Sim.ForgetHistory()
		w.rotate(isu, "ENC[AES256_GCM,data:p673w==,type:str]")

		w.Rest()
		w.Resync()

		w.ExpectReady("False/InvalidSpec")
		w.expectAuthenticated("False/InvalidSpec")
		w.Expect(w.changed()).To(BeEmpty())
		for _, condition := range w.Get().Status.Conditions {
			w.Expect(condition.Message).NotTo(ContainSubstring("AES256"))
		}

		w.rotate(isu, password)
		w.Rest()
		w.ExpectReady("True/UpToDate")
	})
}
