package rows

import (
	"context"
	"errors"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// specOrigin is the origin of the row that a User declares.
const specOrigin = "spec"

// User returns the validated row that a User declares. It reads the password only while the
// status has no user id. If there is no password, the row lacks it, and missing says so: a user
// who exists needs none, and nobody may be created without it. Its errors are those of Load.
func (l *Loader) User(ctx context.Context, object *v1alpha1.User) (row *Row, missing *NotFoundError, _ error) {
	declared := object.Row()
	if object.Status.ID != "" {
		declared.PasswordSecretRef = nil // it is sent on create only
	}
	set, err := l.Load(ctx, object.Namespace, []v1alpha1.UserRow{declared}, nil, nil)
	if missing, _ = errors.AsType[*NotFoundError](err); missing != nil {
		declared.PasswordSecretRef = nil
		set, err = l.Load(ctx, object.Namespace, []v1alpha1.UserRow{declared}, nil, nil)
	}
	if err != nil {
		return nil, nil, err
	}
	set.Rows[0].Origin = specOrigin
	options := Options{}
	if object.Spec.AdoptionPolicy == v1alpha1.AdoptMustExist {
		options.Operation = v1alpha1.OperationUpdate
	}
	return &set.Rows[0], missing, Validate(ctx, set.Rows, options)
}

// SpecComplaint is Complaint for the row of a User; it names the first field as a path.
func (r *Row) SpecComplaint() string {
	return strings.Replace(r.Complaint(), specOrigin+": ", specOrigin+".", 1)
}
