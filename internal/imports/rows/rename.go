package rows

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// resolveRenamed returns what a column means in a source that names attributes for some of its
// columns.
func resolveRenamed(name string, renamed Columns) (column, bool) {
	own, known := resolveColumn(name)
	attribute, ok := renamed[name]
	if !ok {
		own.secret = own.meaning == passwordColumn
		return own, known
	}
	resolved := column{meaning: leftOutColumn}
	if attribute != "" {
		if resolved, ok = resolveColumn(string(attribute)); !ok {
			return column{}, false
		}
	}
	resolved.name = name
	resolved.secret = own.meaning == passwordColumn || resolved.meaning == passwordColumn
	return resolved, true
}

// absent returns a problem for a column that should state an attribute and is missing from the
// header: without it, users would be created without that attribute. It quotes only the spec.
func absent(header []string, renamed Columns) (problem string) {
	there := make(map[string]bool, len(header))
	for _, cell := range header {
		there[strings.TrimSpace(cell)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(renamed)) {
		if renamed[name] != "" && !there[name] {
			return "has no column " + quote(name) + ", which the source's columns name: write it as the first line has it, or take it out"
		}
	}
	return ""
}

// others are words for attributes that people use and JumpCloud does not.
var others = map[string]string{
	"employeeid": employeeIdentifierPath, "emailaddress": emailPath, "givenname": "firstname", "surname": "lastname",
}

// attributesOf maps names without spaces, case and punctuation to attributes.
var attributesOf = func() map[string]string {
	attributes := maps.Clone(others)
	for name, known := range plainColumns {
		attributes[bare(name)] = known.path
	}
	return attributes
}()

// bare returns a name without spaces, case and punctuation.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// maxOffered limits the number of entries that one message offers.
const maxOffered = 20

// offer suggests entries of columns for unknown columns, at positions counted from 1, whose
// names differ from those of attributes only by spaces, case and punctuation; "" if there are
// none.
func offer(header []string, places []int) string {
	var entries []string
	for _, place := range places {
		name := strings.TrimSpace(header[place-1])
		attribute, ok := attributesOf[bare(name)]
		if quoted := quote(name); ok && strings.Trim(quoted, `"`) == name && len(entries) < maxOffered {
			entries = append(entries, quoted+": "+attribute)
		}
	}
	if len(entries) == 0 {
		return ""
	}
	return "; write beside the source's key: columns: {" + strings.Join(entries, ", ") + "}"
}
