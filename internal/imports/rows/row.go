package rows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Field is one stated value of a row.
type Field struct {
	// Path is concrete, such as "department", "attributes.EmployeeID",
	// "addresses.home.locality", "phoneNumbers.mobile" or "mfa.exclusionDays".
	Path string
	// Value is canonical, so that equal meanings are equal strings: "true", "42", a time as
	// RFC 3339 in UTC, an email in lower case, "Activated", compact JSON with sorted items for
	// relationships and the like. "" means cleared.
	Value string
}

// Row declares one user.
type Row struct {
	// Number is the number within the run, from 1.
	Number int
	// Origin says where people find the row: "spec.users[3]" or "ConfigMap hires, key
	// users.csv, line 4".
	Origin string
	// Fields are the stated fields, in the order of v1alpha1.UserFields and then by path, each
	// path once. Passwords are never among them.
	Fields []Field
	// Password is for a user that is created; nil if none is stated.
	Password *Password
	// Problems make the row invalid: it must not be sent.
	Problems []Problem
	// Duplicate is set if the row's only problem is that other rows state one of its unique
	// values, and Options.Duplicates lets such rows fail individually.
	Duplicate bool
	// Superseded is the origin of the row that is taken in place of this one, because both are
	// about one user; "" if there is none.
	Superseded string
	// namedByCells is set if names of attributes come from cells, and must not be in messages.
	namedByCells bool
}

// Problem is one reason why a row is invalid.
type Problem struct {
	// Field is the path, or the column or key if there is no path; "" for the whole row.
	Field string
	// Message says what is wrong and what to do. It contains no value of the row except words
	// of enumerations.
	Message string
}

// String joins field and message.
func (p Problem) String() string {
	if p.Field == "" {
		return p.Message
	}
	return p.Field + ": " + p.Message
}

// Get returns the value stated at a path, and whether one is stated.
func (r *Row) Get(path string) (string, bool) {
	for i := range r.Fields {
		if r.Fields[i].Path == path {
			return r.Fields[i].Value, true
		}
	}
	return "", false
}

// Username returns the username that the row states, or "".
func (r *Row) Username() string { return r.value(usernamePath) }

// Email returns the email that the row states, in lower case, or "".
func (r *Row) Email() string { return r.value(emailPath) }

// EmployeeIdentifier returns the identifier that the row states, or "".
func (r *Row) EmployeeIdentifier() string { return r.value(employeeIdentifierPath) }

// State returns the state that the row states; "" if it states none.
func (r *Row) State() v1alpha1.UserState { return v1alpha1.UserState(r.value("state")) }

// Manager returns the manager that the row states by username or email; it is empty for an id.
func (r *Row) Manager() v1alpha1.UserReference {
	switch manager := r.value(managerPath); {
	case manager == "" || IsID(manager):
		return v1alpha1.UserReference{}
	case strings.Contains(manager, "@"):
		return v1alpha1.UserReference{Email: manager}
	default:
		return v1alpha1.UserReference{Username: manager}
	}
}

// WithoutManager returns a copy of the row that does not state a manager.
func (r *Row) WithoutManager() *Row {
	rest := *r
	rest.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f Field) bool { return f.Path == managerPath })
	return &rest
}

// Key returns the value that identifies the user of the row, or "".
func (r *Row) Key(matchBy v1alpha1.MatchBy) string { return r.value(keyPath(matchBy)) }

func (r *Row) value(path string) string {
	value, _ := r.Get(path)
	return value
}

// maxListed is how many problems, columns or rows a message names before it only counts the
// rest.
const maxListed = 3

// Complaint returns one line with the row's origin and its first problems; "" for a valid row.
func (r *Row) Complaint() string {
	if len(r.Problems) == 0 {
		return ""
	}
	texts := make([]string, len(r.Problems))
	for i, problem := range r.Problems {
		texts[i] = problem.String()
	}
	return r.Origin + ": " + enumerate(texts, "; ", "problems")
}

// Set is the result of a Loader.
type Set struct {
	// Rows are the rows of all sources, in order, numbered.
	Rows []Row
	// Sources are the objects that were read, in the order in which they are first named:
	// usersFrom, then the Secrets of passwords. There are at most 128, the limit of the
	// status.
	Sources []v1alpha1.SourceStatus
	// Empty are the sources of usersFrom that have no rows, before the filter.
	Empty []string
	// LeftOut is the number of rows that the filter dropped.
	LeftOut int
	// Conversion is the part of RunKey's inputs that describes the conversion.
	Conversion []string
	// Versions are those of every Secret that was read, as "uid/resourceVersion", in the same
	// order. They stand for the passwords in the run key.
	Versions []string
}

// problem records why the row is invalid.
func (r *Row) problem(field, message string) {
	r.Problems = append(r.Problems, Problem{clip(field), message})
}

// Brief returns the beginning of a text of any length, for places that must not grow with it:
// at most 256 bytes, with "…" in place of what is cut off.
func Brief(text string) string {
	const limit, end = 256, "…"
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit-len(end)], "") + end
}

// clip makes a path or column fit for a message: names of items come from the source.
func clip(field string) string {
	const limit = 300
	if len(field) > limit {
		field = strings.ToValidUTF8(field[:limit], "") + "…"
	}
	return strings.Map(printable, field)
}

// hasProblem reports whether the row already has a problem with the field.
func (r *Row) hasProblem(field string) bool {
	for i := range r.Problems {
		if r.Problems[i].Field == field {
			return true
		}
	}
	return false
}

// enumerate joins the first few texts and counts the others.
func enumerate(texts []string, separator, noun string) string {
	if len(texts) <= maxListed {
		return strings.Join(texts, separator)
	}
	return fmt.Sprintf("%s%sand %d more %s", strings.Join(texts[:maxListed], separator), separator, len(texts)-maxListed, noun)
}
