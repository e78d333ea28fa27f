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
	// Value is canonical, so that equal meanings are equal strings: "true",
	// "42", a time as RFC 3339 in UTC, an email in lower case, "Activated",
	// compact JSON with sorted items for relationships and the like.
	// "" is cleared.
	Value string
}

// Row declares one user.
type Row struct {
	// Number within the run, from 1.
	Number int
	// Origin says where a person finds the row: "spec.users[3]" or
	// "ConfigMap hires, key users.csv, line 4".
	Origin string
	// Fields that the row states, in the order of v1alpha1.UserFields and then
	// by path, each path once. Passwords are never among them.
	Fields []Field
	// Password for a user that is created; nil if none is stated.
	Password *Password
	// Problems make the row invalid: it must not be sent.
	Problems []Problem
	// Duplicate is set where nothing is wrong with the row but that other rows state
	// one of its unique values, and Options.Duplicates lets such rows fail by themselves.
	Duplicate bool
	// Superseded names the row that is taken in place of this one, as both are about
	// one user; "" if none is.
	Superseded string
	// namedByCells rows have attributes whose names are cells, and not for messages.
	namedByCells bool
}

// Problem is one reason why a row is invalid.
type Problem struct {
	// Field is the path, or the column or key where there is none; "" for the whole row.
	Field string
	// Message says what is wrong and what to do. It holds no value of the row
	// but words of enumerations.
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

// Username that the row states, or "".
func (r *Row) Username() string { return r.value(usernamePath) }

// Email that the row states, in lower case, or "".
func (r *Row) Email() string { return r.value(emailPath) }

// EmployeeIdentifier that the row states, or "".
func (r *Row) EmployeeIdentifier() string { return r.value(employeeIdentifierPath) }

// Manager that the row states by username or email; none if it does so by id.
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

// WithoutManager returns the row as it is where it does not state a manager.
func (r *Row) WithoutManager() *Row {
	rest := *r
	rest.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f Field) bool { return f.Path == managerPath })
	return &rest
}

// Key returns the value that says which user the row is, or "".
func (r *Row) Key(matchBy v1alpha1.MatchBy) string { return r.value(keyPath(matchBy)) }

func (r *Row) value(path string) string {
	value, _ := r.Get(path)
	return value
}

// maxListed is how many problems, columns or rows a message names before it only counts.
const maxListed = 3

// Complaint is one line that names the row's origin and its first problems;
// "" for a valid row.
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

// Set is what a Loader found.
type Set struct {
	// Rows of all sources, in order, numbered.
	Rows []Row
	// Sources that were read, one per object, in the order in which they are
	// first named: usersFrom, then the Secrets of passwords. At most 128, the
	// limit of the status.
	Sources []v1alpha1.SourceStatus
	// Empty are the sources of usersFrom that hold no rows, before the filter.
	Empty []string
	// LeftOut are how many rows the filter left out.
	LeftOut int
	// Conversion of the rows as RunKey knows it.
	Conversion []string
	// Versions of every Secret that was read, as "uid/resourceVersion", in the
	// same order. They stand for the passwords in the run key.
	Versions []string
}

// problem records why the row is invalid.
func (r *Row) problem(field, message string) {
	r.Problems = append(r.Problems, Problem{clip(field), message})
}

// Brief is the beginning of a text that may be of any length, for places that
// must not grow with it: at most 256 bytes, and what is cut off ends in "…".
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

// hasProblem reports whether a problem of the field is known already.
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
