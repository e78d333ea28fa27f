package workdayinstance

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Plans, their hashes and approvals are the same for any two passwords.
func TestChangesDoNotDependOnThePassword(t *testing.T) {
	g := NewWithT(t)
	changes := func(password jumpcloud.Password) []change {
		object := &v1alpha1.WorkdayInstance{Spec: v1alpha1.WorkdayInstanceSpec{ReportURL: "https://wd.example.com"}}
		present := secret{uid: "uid", resourceVersion: "1", credentials: jumpcloud.WorkdayCredentials{Username: "isu", Password: password}}
		p := &pass{Pass: &lifecycle.Pass[*v1alpha1.WorkdayInstance]{Object: object}, Memory: &Memory{secret: present}}
		all := append(differences(p, &jumpcloud.WorkdayInstance{ID: "id", Name: "Workday Import"}), create(object))
		for i := range all {
			all[i].Do = nil
		}
		return all
	}
	g.Expect(changes("one")).To(HaveLen(4))
	g.Expect(changes("one")).To(Equal(changes("another")))
}
