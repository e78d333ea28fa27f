package validation

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/bulkuserimport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/usergroup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// bulkUserImport checks the rows of an import. It changes the object: it removes sources that
// cannot be read, so that it can check the others.
func (v *validator) bulkUserImport(ctx context.Context, d declared, object *v1alpha1.BulkUserImport) error {
	loader, whole := rows.Loader{Reader: v.set}, true
	read, err := bulkuserimport.Rows(ctx, &loader, object)
	for err != nil {
		kind, of, ok := v.unread(err, d.GetNamespace())
		if !ok {
			return v.refused(ctx, d, err)
		}
		field, out := leaveOut(object, kind, of)
		v.note(d.Object, field, unreadText(err))
		if !out {
			return nil
		}
		whole = false
		read, err = bulkuserimport.Rows(ctx, &loader, object)
	}
	if problem := oneshot.NoRows(object, read); problem != "" && whole {
		v.spec(d, problem)
	}
	owners := v.owned(object)
	for i := range read.Rows {
		v.row(d, &read.Rows[i])
		if problem := owners.Problem(&read.Rows[i]); problem != "" {
			v.at(d, read.Rows[i].Origin, "", problem)
		}
	}
	return nil
}

// leaveOut removes from an import what is read from a ConfigMap or Secret. It returns the
// field that names the source, and whether there was anything.
func leaveOut(object *v1alpha1.BulkUserImport, kind, of string) (field string, out bool) {
	spec := &object.Spec
	for i := range spec.UsersFrom {
		reference := spec.UsersFrom[i].ConfigMapKeyRef
		if kind == secretKind {
			reference = spec.UsersFrom[i].SecretKeyRef
		}
		if reference != nil && reference.Name == of {
			spec.UsersFrom = slices.Delete(spec.UsersFrom, i, i+1)
			return "spec.usersFrom", true
		}
	}
	for i := range spec.Users {
		if reference := spec.Users[i].PasswordSecretRef; kind == secretKind && reference != nil && reference.Name == of {
			spec.Users[i].PasswordSecretRef = nil
			field, out = fmt.Sprintf("spec.users[%d].passwordSecretRef", i), true
		}
	}
	return field, out
}

// user checks the row of a User.
func (v *validator) user(ctx context.Context, d declared, object *v1alpha1.User) error {
	loader := rows.Loader{Reader: v.set}
	row, missing, err := loader.User(ctx, object)
	if missing != nil {
		err = missing
	}
	if _, _, ok := v.unread(err, d.GetNamespace()); ok {
		v.note(d.Object, "spec.passwordSecretRef", unreadText(err))
		object.Spec.PasswordSecretRef = nil
		row, _, err = loader.User(ctx, object)
	}
	if err != nil {
		return v.refused(ctx, d, err)
	}
	v.row(d, row)
	return nil
}

// userGroup checks the declared members.
func (v *validator) userGroup(ctx context.Context, d declared, object *v1alpha1.UserGroup) error {
	kind := usergroup.Kind{Sources: rows.Loader{Reader: v.set}, Users: v.set}
	err := kind.Validate(ctx, object)
	if err == nil {
		return nil
	}
	if _, _, ok := v.unread(err, d.GetNamespace()); ok {
		v.note(d.Object, "spec.membersFrom", unreadText(err))
		return nil
	}
	return v.refused(ctx, d, err)
}

// unread returns the ConfigMap or Secret that cannot be read, because it is not among the
// manifests or because it is encrypted.
func (v *validator) unread(err error, namespace string) (kind, of string, ok bool) {
	if encrypted, is := errors.AsType[*rows.CipherTextError](err); is {
		return secretKind, encrypted.Name, true
	}
	missing, is := errors.AsType[*rows.NotFoundError](err)
	if !is {
		return "", "", false
	}
	_, there := v.set.objects[name{missing.Kind, client.ObjectKey{Namespace: namespace, Name: missing.Name}}]
	return missing.Kind, missing.Name, !there
}

func unreadText(err error) string {
	if missing, ok := errors.AsType[*rows.NotFoundError](err); ok {
		return fmt.Sprintf("%s %s is not among the manifests: what it holds was not looked at", missing.Kind, missing.Name)
	}
	return err.Error() + ". What it holds was not looked at"
}

// refused adds the problem that an error of a kind's own code describes.
func (v *validator) refused(ctx context.Context, d declared, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if broken, ok := errors.AsType[*rows.SourceError](err); ok {
		v.at(d, broken.Origin, "", broken.Message)
		return nil
	}
	v.spec(d, err.Error())
	return nil
}

// row adds the problems of a row.
func (v *validator) row(d declared, row *rows.Row) {
	for _, problem := range row.Problems {
		v.at(d, row.Origin, problem.Field, problem.Message)
	}
}

// inSource matches an origin in a ConfigMap or Secret, as package rows writes it.
var inSource = regexp.MustCompile(`^(ConfigMap|Secret) (\S+), key ([^,]+)(?:, line (\d+))?`)

// at adds a problem at the place of an origin: in the spec, or in a ConfigMap or Secret of the
// set.
func (v *validator) at(d declared, origin, field, message string) {
	found := inSource.FindStringSubmatch(origin)
	if found == nil {
		if field != "" {
			origin += "." + field
		}
		v.problem(d.Object, origin, message)
		return
	}
	if field != "" {
		message = field + ": " + message
	}
	problem := d.Problem("spec", origin+": "+message)
	problem.Field = ""
	source, ok := v.set.objects[name{found[1], client.ObjectKey{Namespace: d.GetNamespace(), Name: found[2]}}]
	if ok {
		line, _ := strconv.Atoi(found[4])
		path := "data[" + found[3] + "]"
		problem.File = source.File
		problem.Line, problem.Column = source.Position(path)
		if exact := source.TextLine(path, line); exact > 0 {
			problem.Line, problem.Column = exact, 0
		}
	}
	v.report.Problems = append(v.report.Problems, problem)
}

// stated matches a field at the beginning of a message.
var stated = regexp.MustCompile(`^spec[A-Za-z.\[\]0-9]*`)

// fieldOf returns the field that a message begins with, or "spec" if it names none.
func fieldOf(message string) string {
	if field := stated.FindString(message); field != "" {
		return field
	}
	return "spec"
}
