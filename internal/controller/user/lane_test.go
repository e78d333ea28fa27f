package user

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
)

func TestASuspensionGoesFirst(t *testing.T) {
	for state, first := range map[v1alpha1.UserState]bool{v1alpha1.UserStateSuspended: true, v1alpha1.UserStateActivated: false} {
		NewWithT(t).Expect(setState(&directory.User{}, state, false).Urgent).To(Equal(first), string(state))
	}
}
