package rows

import (
	"context"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// specOrigin is the origin of the row that a User declares.
const specOrigin = "spec"

// User returns the validated row that a User declares. It reads the password only while the
// status has no user id. Its errors are those of Load.
func (l *Loader) User(ctx context.Context, object *v1alpha1.User) (*Row, error) {
	declared := object.Row()
	if object.Status.ID != "" {
		declared.PasswordSecretRef = nil // it is sent on create only
	}
	set, err := l.Load(ctx, object.Namespace, []v1alpha1.UserRow{declared}, nil, nil)
	if err != nil {
		return nil, err
	}
	set.Rows[0].Origin = specOrigin
	options := Options{}
	if object.Spec.AdoptionPolicy == v1alpha1.AdoptMustExist {
		options.Operation = v1alpha1.OperationUpdate
	}
	return &set.Rows[0], Validate(ctx, set.Rows, options)
}

// SpecComplaint is Complaint for the row of a User; it names the first field as a path.
func (r *Row) SpecComplaint() string {
	return strings.Replace(r.Complaint(), specOrigin+": ", specOrigin+".", 1)
}
