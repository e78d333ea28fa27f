package rows

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Options say what the rows are validated for.
type Options struct {
	// Operation is the operation of the import; "" means Upsert.
	Operation v1alpha1.Operation
	// MatchBy is that of the import; "" means Username.
	MatchBy v1alpha1.MatchBy
	// Duplicates says what happens to several rows of one user; "" makes them invalid like any
	// other rows.
	Duplicates v1alpha1.Duplicates
}

// Validate adds to each row's Problems what is wrong with it: values that are missing, too
// long or malformed, and values that must be unique within the run and are not. Every row of a
// set of duplicates is invalid, except the row that Options.Duplicates takes. It is the only
// validator of rows, whatever their source; call it once, with all rows of the run. Its run
// time is linear in the rows. The error is the context's: the rows are of no use then.
func Validate(ctx context.Context, rows []Row, options Options) error {
	for i := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := &rows[i]
		// A problem already says why there are no fields.
		if len(row.Fields) > 0 || len(row.Problems) == 0 {
			requireFields(row, options)
		}
		row.Problems = append(row.Problems, checkStated(row.Fields, !row.namedByCells)...)
		checkUsername(row, options)
		checkManager(row)
		checkPassword(row)
	}
	return checkDuplicates(ctx, rows, options)
}

// requireFields requires the key, and what JumpCloud needs to create a user.
func requireFields(row *Row, options Options) {
	required := []string{keyPath(options.MatchBy)}
	if options.Operation != v1alpha1.OperationUpdate {
		required = append(required, usernamePath, emailPath)
	}
	for i, path := range required {
		value, stated := row.Get(path)
		switch {
		case slices.Contains(required[:i], path) || row.hasProblem(path):
		case !stated && i == 0:
			row.problem(path, "is required: rows are matched by it")
		case !stated:
			row.problem(path, "is required to create a user")
		case value == "" && path == employeeIdentifierPath:
			row.problem(path, "cannot be cleared: rows are matched by it")
		}
	}
}

// checkFields checks each value separately; fields must be in order.
func checkFields(fields []Field) []Problem { return checkStated(fields, true) }

// checkStated is checkFields; unless quotable is set, it does not quote invalid names of
// attributes.
func checkStated(fields []Field, quotable bool) []Problem {
	var problems []Problem
	previous, items := -1, 0
	for i := range fields {
		path, value := fields[i].Path, fields[i].Value
		rank, ok := rankOf(path)
		if !ok {
			problems = append(problems, Problem{clip(path), "is no field of a user"})
			continue
		}
		if rank != previous {
			previous, items = rank, 0
		}
		items++
		field := &v1alpha1.UserFields[rank]
		name, ok := itemOf(field.Path, path)
		if message := checkValue(field, value); message != "" {
			where := clip(path)
			if rank == attributeRank && !quotable && !alphanumeric.MatchString(name) {
				where = attributesHead
			}
			problems = append(problems, Problem{where, message})
		}
		if !ok {
			continue
		}
		head, _, _ := strings.Cut(path, ".")
		l, _ := listOf(head)
		if message := checkName(l, name, quotable); message != "" {
			problems = append(problems, Problem{head, message})
		}
		if items == l.maxItems+1 {
			problems = append(problems, Problem{head, tooMany(l)})
		}
	}
	return problems
}

func tooMany(l list) string { return fmt.Sprintf("must have at most %d items", l.maxItems) }

func tooLong(limit int) string { return fmt.Sprintf("must have at most %d characters", limit) }

var alphanumeric = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// checkName checks the name or type of an item. JumpCloud answers 400 to a custom attribute
// whose name has anything but letters and digits (observed, PS-import).
func checkName(l list, name string, quotable bool) string {
	switch {
	case utf8.RuneCountInString(name) > l.maxLength:
		return fmt.Sprintf("has a %s of more than %d characters", l.item, l.maxLength)
	case l.head == attributesHead && !alphanumeric.MatchString(name) && !quotable:
		return "has a name with more than letters and digits: take out its spaces and punctuation"
	case l.head == attributesHead && !alphanumeric.MatchString(name):
		return "has the name " + quote(name) + ": names may have letters and digits only"
	default:
		return ""
	}
}

// usernamePattern is JumpCloud's naming convention (documented, KB "Naming
// Conventions for Users"; the hyphen is observed, PST-create).
var usernamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*$`)

// checkUsername checks a username against the convention, unless it only identifies an
// existing user to update, who may be older than the convention.
func checkUsername(row *Row, options Options) {
	if options.Operation == v1alpha1.OperationUpdate && keyPath(options.MatchBy) == usernamePath {
		return
	}
	if username := row.Username(); username != "" && !row.hasProblem(usernamePath) && !usernamePattern.MatchString(username) {
		row.problem(usernamePath, "must start with a letter, and have letters, digits, dots, underscores and hyphens only")
	}
}

// checkManager refuses users as their own manager, by the names in the row. By id, that is
// known when the row is compared with the directory.
func checkManager(row *Row) {
	manager, _ := row.Get(managerPath)
	if manager != "" && (manager == row.Username() || strings.EqualFold(manager, row.Email())) {
		row.problem(managerPath, OwnManager)
	}
}

// OwnManager is the problem of a row whose user would be their own manager.
const OwnManager = "is the user of this row: name another user, or leave it out"

// emailPattern matches the addresses that people have. It refuses what the standard allows
// beyond that and no directory contains: quotes, addresses of hosts, and leading characters
// that make a spreadsheet take the cell for a formula.
var emailPattern = regexp.MustCompile("^[\\pL\\pN_][\\pL\\pM\\pN.!#$%&'*+/=?^_`{|}~-]*@[\\pL\\pN]([\\pL\\pM\\pN.-]*[\\pL\\pM\\pN])?$")

func isEmail(text string) bool {
	local, _, _ := strings.Cut(text, "@")
	return emailPattern.MatchString(text) && !strings.Contains(text, "..") && !strings.HasSuffix(local, ".") &&
		!strings.Contains(text, ".-") && !strings.Contains(text, "-.")
}

// checkValue checks a canonical value.
func checkValue(field *v1alpha1.UserField, value string) string {
	if field.MaxLength > 0 && utf8.RuneCountInString(value) > field.MaxLength {
		return tooLong(field.MaxLength)
	}
	if value == "" {
		return checkCleared(field)
	}
	if message := checkVisible(field, value); message != "" {
		return message
	}
	switch field.Type {
	case v1alpha1.FieldEmail:
		if !isEmail(value) {
			return "must be an email address such as ada@example.org"
		}
	case v1alpha1.FieldBoolean:
		if value != "true" && value != "false" {
			return needsBoolean
		}
	case v1alpha1.FieldInteger:
		if number, err := strconv.ParseInt(value, 10, 64); err != nil || number < 1 {
			return needsNumber
		}
	case v1alpha1.FieldTime:
		if _, ok := canonicalTime(value); !ok {
			return needsTime
		}
	case v1alpha1.FieldState:
		if !slices.Contains(states, v1alpha1.UserState(value)) {
			return needsState
		}
	case v1alpha1.FieldList:
		return checkWhole(field.Path, value)
	case v1alpha1.FieldString:
	}
	return ""
}

// identifying are the fields that identify users, besides emails.
var identifying = []string{usernamePath, employeeIdentifierPath, managerPath, "managedAppleId"}

// checkVisible refuses invisible characters in values that identify users: an address with a
// zero-width space looks right but is a different one.
func checkVisible(field *v1alpha1.UserField, value string) string {
	email := field.Type == v1alpha1.FieldEmail
	if !email && !slices.Contains(identifying, field.Path) {
		return ""
	}
	spaces := email || field.Path == usernamePath // these have their own rules against spaces
	for _, r := range value {
		if unicode.In(r, unicode.Cc, unicode.Cf) && (!spaces || !unicode.IsSpace(r)) {
			return fmt.Sprintf("has the invisible character %U: remove it", r)
		}
	}
	return ""
}

// checkCleared returns a problem if a field must not be "".
func checkCleared(field *v1alpha1.UserField) string {
	switch {
	case field.Path == usernamePath || field.Path == emailPath:
		return "cannot be cleared: every user has one"
	case field.Class == v1alpha1.CreateOnly || !clearable(field.Type):
		return needsValue
	default:
		return ""
	}
}

// The words that JumpCloud accepts in restrictedFields (documented, SW1).
var (
	restrictableFields = []string{
		"addresses", "company", "costCenter", "department", "description", "displayname", "email", "employeeIdentifier", "employeeType",
		"firstname", "jobTitle", "lastname", "location", "middlename", "password", "phoneNumbers", "sudo", "username",
	}
	restrictingTypes = []string{"active_directory", "federated_identity_provider", "scim"}
)

// checkWhole checks the values within a field of type List.
func checkWhole(path, value string) string {
	switch path {
	case "delegatedAuthority":
		var authority v1alpha1.DelegatedAuthority
		if json.Unmarshal([]byte(value), &authority) != nil || authority.ID == "" || len(authority.ID) > 64 || authority.Name != "ActiveDirectory" {
			return "must have an id of at most 64 characters and the name ActiveDirectory"
		}
	case "relationships":
		var relationships []v1alpha1.Relationship
		if json.Unmarshal([]byte(value), &relationships) != nil || len(relationships) > 16 ||
			slices.ContainsFunc(relationships, func(r v1alpha1.Relationship) bool {
				return r.Type == "" || utf8.RuneCountInString(r.Type) > 256 || utf8.RuneCountInString(r.Value) > 1024
			}) {
			return "must have at most 16 items, each with a type of at most 256 characters and a value of at most 1024"
		}
	case "restrictedFields":
		var fields []v1alpha1.RestrictedField
		if json.Unmarshal([]byte(value), &fields) != nil || len(fields) > 32 ||
			slices.ContainsFunc(fields, func(f v1alpha1.RestrictedField) bool {
				return !slices.Contains(restrictableFields, f.Field) || !slices.Contains(restrictingTypes, f.Type) || len(f.ID) > 24
			}) {
			return "must have at most 32 items, each with a field that JumpCloud can restrict, an id of at most 24 characters, and one of the types " + strings.Join(restrictingTypes, ", ")
		}
	}
	return ""
}

// maxPasswordLength is the limit of JumpCloud's strings, in characters.
const maxPasswordLength = 1024

func checkPassword(row *Row) {
	if row.Password == nil || row.hasProblem(passwordPath) {
		return
	}
	switch value := row.Password.Reveal(); {
	case value == "":
		row.problem(passwordPath, "is empty: state one, or leave it out")
	case !utf8.ValidString(value):
		row.problem(passwordPath, "is not UTF-8")
	case utf8.RuneCountInString(value) > maxPasswordLength:
		row.problem(passwordPath, tooLong(maxPasswordLength))
	}
}
