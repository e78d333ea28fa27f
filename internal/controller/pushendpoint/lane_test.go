package pushendpoint

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestADeactivationGoesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		fields continuous.Fields
		first  bool
	}{
		"deactivated":             {continuous.Fields{{Name: fieldState, New: string(v1alpha1.PushEndpointInactive)}}, true},
		"deactivated and renamed": {continuous.Fields{{Name: fieldName, New: "Phone"}, {Name: fieldState, New: string(v1alpha1.PushEndpointInactive)}}, true},
		"activated":               {continuous.Fields{{Name: fieldState, New: string(v1alpha1.PushEndpointActive)}}, false},
		"renamed":                 {continuous.Fields{{Name: fieldName, New: "Phone"}}, false},
	} {
		NewWithT(t).Expect(update("user", &jumpcloud.PushEndpoint{}, c.fields).Urgent).To(Equal(c.first), name)
	}
}
