package rows

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// meaning is what a CSV column contains.
type meaning int

const (
	fieldColumn meaning = iota
	passwordColumn
	// attributeNameColumn has names of custom attributes; its pair has their values.
	attributeNameColumn
	attributeValueColumn
	// refusedColumn must be empty.
	refusedColumn
	// leftOutColumn may contain anything.
	leftOutColumn
)

// Columns maps the columns of a source to the attributes that they state; "" leaves a column
// out.
type Columns = map[string]v1alpha1.ColumnAttribute

type column struct {
	// name is the name in the header.
	name string
	// label is how messages name the column: its name in quotes, or its position if the first
	// line may not be a header.
	label string
	// secret is set if the column may contain passwords.
	secret bool
	meaning
	rank int
	// path is the path of a fieldColumn; for other columns it is what two columns must not
	// share.
	path string
	// pair is the index of the column with the values of an attributeNameColumn, and vice
	// versa.
	pair int
	// advice names the alternative to a refusedColumn.
	advice string
}

// field returns the name of the column for the field of a problem.
func (c *column) field() string {
	if c.label == quote(c.name) {
		return c.name
	}
	return "column " + c.label
}

// plainColumns are the columns whose names contain no item name, in lower case: our paths,
// JumpCloud's names, and the names of the template that JumpCloud's PowerShell module writes
// (New-JCImportTemplate).
var plainColumns = func() map[string]column {
	columns := map[string]column{}
	for rank, field := range v1alpha1.UserFields {
		if strings.Contains(field.Path, "*") {
			continue
		}
		for _, name := range []string{field.Path, field.JumpCloud} {
			columns[strings.ToLower(name)] = column{rank: rank, path: field.Path}
		}
	}
	columns[passwordPath] = column{meaning: passwordColumn, path: passwordPath}
	template := map[string]string{
		"preferredname":  "displayname",
		"enrollmentdays": "mfa.exclusionDays",
		"recoveryemail":  "recoveryEmail.address",
	}
	for _, place := range []string{"home", "work"} {
		for _, part := range []string{"streetAddress", "extendedAddress", "poBox", "locality", "region", "postalCode", "country"} {
			template[place+"_"+strings.ToLower(part)] = "addresses." + place + "." + part
		}
		template[place+"_city"] = "addresses." + place + ".locality"
		template[place+"_state"] = "addresses." + place + ".region"
	}
	for _, kind := range phoneTypes {
		template[kind+"_number"] = "phoneNumbers." + kind
	}
	for name, path := range template {
		rank, _ := rankOf(path)
		columns[name] = column{rank: rank, path: path}
	}
	return columns
}()

// alternatives say what to do instead of a column or key that is no attribute of a user; group
// columns are recognized by their prefix.
var alternatives = map[string]string{
	"systemid":      "devices are not bound by an import: bind the user's group to a device group at JumpCloud",
	"administrator": "devices are not bound by an import: declare sudo, or bind the user's group to a device group at JumpCloud",
	"ldapserver_id": "LDAP servers are not bound by an import: bind the user's group to the LDAP server at JumpCloud",
	"suspended":     "declare state: Suspended",
	"activated":     "declare state: Activated",
}

const groupAlternative = "groups are not joined by an import: add the user to the members of a UserGroup"

// alternativeTo returns the advice for a column or key, in lower case.
func alternativeTo(name string) (string, bool) {
	if strings.HasPrefix(name, "group") {
		return groupAlternative, true
	}
	advice, ok := alternatives[name]
	return advice, ok
}

var attributePair = regexp.MustCompile(`^attribute([0-9]+)_(name|value)$`)

// resolveColumn returns what one header cell means.
func resolveColumn(name string) (column, bool) {
	lower := strings.ToLower(name)
	if known, ok := plainColumns[lower]; ok {
		known.name = name
		return known, true
	}
	if parts := attributePair.FindStringSubmatch(lower); parts != nil {
		meaning := attributeNameColumn
		if parts[2] == "value" {
			meaning = attributeValueColumn
		}
		return column{name: name, meaning: meaning, path: lower}, true
	}
	if rank, path, ok := itemColumn(name, lower); ok {
		return column{name: name, rank: rank, path: path}, true
	}
	if advice, ok := alternativeTo(lower); ok {
		return column{name: name, meaning: refusedColumn, path: lower, advice: advice}, true
	}
	return column{}, false
}

// itemColumn resolves "attributes.<Name>", "phoneNumbers.<type>" and
// "addresses.<type>.<part>". The names of attributes are case-sensitive.
func itemColumn(name, lower string) (rank int, path string, ok bool) {
	for _, entry := range wildcards {
		if !(wildcard{strings.ToLower(entry.prefix), strings.ToLower(entry.suffix), entry.rank}).matches(lower) {
			continue
		}
		if len(lower) != len(name) {
			return 0, "", false // lower-casing moved the bytes; it does not for any name that JumpCloud accepts
		}
		head, _, _ := strings.Cut(entry.prefix, ".")
		item := canonicalItem(head, name[len(entry.prefix):len(name)-len(entry.suffix)])
		return entry.rank, entry.prefix + item + entry.suffix, true
	}
	return 0, "", false
}

// columnNames are the names that an unknown column is compared with.
var columnNames = func() []string {
	names := []string{"attributes.", "Attribute1_name", "Attribute1_value"}
	for name, known := range plainColumns {
		if strings.EqualFold(name, known.path) {
			name = known.path
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}()

// resolveHeader returns what all columns mean, or what is wrong with them.
func resolveHeader(header []string, secret bool, renamed Columns) (columns []column, problem string) {
	columns = make([]column, len(header))
	named := namesColumns(header)
	var unknown []string
	var places []int
	for i, cell := range header {
		name := strings.TrimSpace(cell)
		if name == "" {
			return nil, fmt.Sprintf("column %d has no name: name it or remove it", i+1)
		}
		known, ok := resolveRenamed(name, renamed)
		if !ok {
			// Only the first few are named, because each takes a comparison with all names.
			text := ""
			if len(unknown) < maxListed {
				text = quote(name) + didYouMean(name, columnNames)
			}
			unknown, places = append(unknown, text), append(places, i+1)
			continue
		}
		if known.meaning == passwordColumn && !secret {
			return nil, fmt.Sprintf("has a column %s: passwords are read from Secrets only, put the rows into a Secret and name it by secretKeyRef", quote(name))
		}
		if known.label = quote(name); !named {
			known.label = strconv.Itoa(i + 1)
		}
		columns[i] = known
	}
	switch {
	case len(unknown) == len(header):
		// The first line may be a row, so its cells are not quoted.
		return nil, "no column of the first line is known: the first line must name the columns, separated by commas, such as username,email,firstname,lastname"
	case len(unknown) > 0 && !named:
		return nil, unknownPlaces(places)
	case len(unknown) == 1:
		return nil, "unknown column " + unknown[0] + offer(header, places)
	case len(unknown) > 0:
		return nil, "unknown columns " + enumerate(unknown, ", ", "columns") + offer(header, places)
	}
	if problem := absent(header, renamed); problem != "" {
		return nil, problem
	}
	return columns, relate(columns)
}

// namesColumns reports whether the first line looks like a header. If it does not, its cells
// may be personal data and are not quoted.
func namesColumns(header []string) bool {
	return !slices.ContainsFunc(header, func(cell string) bool {
		cell = strings.TrimSpace(cell)
		return strings.Contains(cell, "@") || cell != "" && strings.Trim(cell, "0123456789") == ""
	})
}

// unknownPlaces identifies columns by their positions.
func unknownPlaces(places []int) string {
	const advice = " of the first line %s unknown: the first line must name the columns, such as username,email,firstname,lastname"
	if len(places) == 1 {
		return fmt.Sprintf("column %d"+advice, places[0], "is")
	}
	names := make([]string, len(places))
	for i, place := range places {
		names[i] = strconv.Itoa(place)
	}
	last := names[len(names)-1]
	if names = names[:len(names)-1]; len(places) > maxListed {
		names, last = names[:maxListed], fmt.Sprintf("%d more", len(places)-maxListed)
	}
	return fmt.Sprintf("columns %s and %s"+advice, strings.Join(names, ", "), last, "are")
}

// relate finds columns that mean the same, and pairs names of attributes with their values.
func relate(columns []column) (problem string) {
	first := make(map[string]int, len(columns))
	for i, c := range columns {
		if c.meaning == leftOutColumn {
			continue
		}
		if earlier, ok := first[c.path]; ok {
			return fmt.Sprintf("columns %s and %s mean the same: keep one", columns[earlier].label, c.label)
		}
		first[c.path] = i
	}
	for i, c := range columns {
		if c.meaning != attributeNameColumn && c.meaning != attributeValueColumn {
			continue
		}
		number := attributePair.FindStringSubmatch(c.path)[1]
		name, hasName := first["attribute"+number+"_name"]
		value, hasValue := first["attribute"+number+"_value"]
		if !hasName || !hasValue {
			return fmt.Sprintf("column %s has no partner: attribute%s_name and attribute%s_value belong together", c.label, number, number)
		}
		columns[i].pair = value
		if c.meaning == attributeValueColumn {
			columns[i].pair = name
		}
	}
	return ""
}
