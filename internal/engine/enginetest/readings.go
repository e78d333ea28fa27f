package enginetest

import (
	"time"

	"github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// ReadDirectory reads users for another object of the organization, as an import does when it
// proves its outcome; without names, it reads all users.
func (w *World[T]) ReadDirectory(usernames ...string) {
	w.T.Helper()
	<-time.After(time.Second) // this reading is newer than earlier ones
	connected, ok := w.Pool.Get(organizationKey)
	w.Expect(ok).To(gomega.BeTrue())
	read := connected.Users.Read(directory.Keys{Usernames: usernames}, func(*jumpcloud.User) {})
	w.Expect(read.Advance(w.T.Context())).To(gomega.Succeed())
}
