package pushendpoint

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestADeactivationGoesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		fields fielddiff.Fields
		first  bool
	}{
		"deactivated":             {fielddiff.Fields{{Name: fieldState, New: string(v1alpha1.PushEndpointInactive)}}, true},
		"deactivated and renamed": {fielddiff.Fields{{Name: fieldName, New: "Phone"}, {Name: fieldState, New: string(v1alpha1.PushEndpointInactive)}}, true},
		"activated":               {fielddiff.Fields{{Name: fieldState, New: string(v1alpha1.PushEndpointActive)}}, false},
		"renamed":                 {fielddiff.Fields{{Name: fieldName, New: "Phone"}}, false},
	} {
		NewWithT(t).Expect(update("user", &jumpcloud.PushEndpoint{}, c.fields).Urgent).To(Equal(c.first), name)
	}
}
