package rows

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Flatten returns a live user's values by concrete path, canonical like those of Field, so
// that a row's field is as declared if it equals the value at its path. What is empty or
// absent at JumpCloud is absent here too, and so equals a cleared field; but an absent
// comparable boolean is "false", like a flag that was never set. What cannot be read equals
// nothing that a row states: see Unread. Of two items with the same name or type the first
// counts, as in UpdatePayload.
func Flatten(u *jumpcloud.User) map[string]string {
	record, err := decodeObject(u)
	if err != nil {
		panic(notEncodable(u, err))
	}
	values := make(map[string]string, len(v1alpha1.UserFields))
	for rank, field := range v1alpha1.UserFields {
		if head, _, found := strings.Cut(field.JumpCloud, ".*"); found {
			flattenItems(values, rank, head, record[head])
			continue
		}
		if Unread(u, field.Path) {
			values[field.Path] = unknown
		} else if value := fromRecord(field, at(record, field.JumpCloud)); value != "" {
			values[field.Path] = value
		}
	}
	return values
}

// unknown is a value that no field of a row has.
const unknown = "\x00"

// Unread reports whether a live user's value at a concrete path is unknown: then it neither
// equals what a row states nor differs from it.
func Unread(u *jumpcloud.User, path string) bool {
	field, ok := FieldOf(path)
	member, _, _ := strings.Cut(field.JumpCloud, ".")
	return ok && u.Unread.Has(member)
}

// flattenItems adds the values of one entry of v1alpha1.UserFields for all items of a list.
func flattenItems(values map[string]string, rank int, head string, decoded any) {
	l, _ := listOf(head)
	field := v1alpha1.UserFields[rank]
	prefix, suffix, _ := strings.Cut(field.Path, "*")
	items, _ := decoded.([]any)
	seen := make(map[string]bool, len(items))
	for _, decoded := range items {
		item, _ := decoded.(map[string]any)
		name, _ := item[l.item].(string)
		name = canonicalItem(l.head, name)
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		if value := fromRecord(field, item[valueKey(l, suffix)]); value != "" {
			values[prefix+name+suffix] = value
		}
	}
}

// valueKey returns the key of an item's value at a path that ends in the suffix.
func valueKey(l list, suffix string) string {
	if l.value != "" {
		return l.value
	}
	return strings.TrimPrefix(suffix, ".")
}

// at follows a dotted path into decoded JSON; it returns nil if there is nothing.
func at(record map[string]any, path string) any {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		return record[head]
	}
	inner, _ := record[head].(map[string]any)
	return at(inner, rest)
}

// fromRecord converts a value of JumpCloud's to its canonical form. A value that cannot be
// parsed stays as it is, and so equals nothing stated.
func fromRecord(field v1alpha1.UserField, decoded any) string {
	switch decoded := decoded.(type) {
	case nil:
		if field.Type == v1alpha1.FieldBoolean && field.Class == v1alpha1.Comparable {
			return "false"
		}
		return ""
	case bool:
		return strconv.FormatBool(decoded)
	case int64:
		return strconv.FormatInt(decoded, 10)
	case string:
		if decoded == "" {
			return ""
		}
		if value, problem := fromText(field, decoded); problem == "" {
			return value
		}
		return decoded
	}
	encoded, err := json.Marshal(decoded)
	if err != nil {
		return ""
	}
	if w, ok := wholes[field.Path]; ok {
		if value, ok := w.canonical(encoded, false); ok {
			return value
		}
	}
	return string(encoded)
}
