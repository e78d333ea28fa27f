package directory

import (
	"context"

	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Reports searches for the users whose manager has this id, each time that it is called. It is
// assumed that searches know the member manager: if one also returns somebody else, it ends
// there, because it would return the whole directory.
func (u *Users) Reports(ctx context.Context, managerID string) ([]User, error) {
	var reports []User
	search := jumpcloud.UserSearch{AnyOf: []jumpcloud.Condition{{Field: "manager", Operator: jumpcloud.Equal, Value: managerID}}}
	for page, err := range u.client().SearchUserPages(ctx, search) {
		if err != nil {
			return nil, err
		}
		for i := range page.Users {
			if ptr.Deref(page.Users[i].Manager, "") != managerID {
				return reports, nil
			}
			reports = append(reports, UserOf(&page.Users[i]))
		}
	}
	return reports, nil
}
