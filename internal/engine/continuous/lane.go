package continuous

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// lane returns how the change's call waits for the limiter.
func (c *Change[T, M]) lane() jumpcloud.Lane {
	if c.Urgent || c.Action == v1alpha1.ChangeRemoveMember || c.Action == v1alpha1.ChangeDelete {
		return jumpcloud.Urgent
	}
	return jumpcloud.Normal
}
