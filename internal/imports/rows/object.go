package rows

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// passwordSecretRefKey is the key of a row that refers to a Secret.
const passwordSecretRefKey = "passwordSecretRef"

// documentKeys are the keys of a row: our names and JumpCloud's. The value is the first part
// of our path.
var documentKeys = func() map[string]string {
	keys := map[string]string{passwordSecretRefKey: passwordSecretRefKey}
	for _, field := range v1alpha1.UserFields {
		head, _, _ := strings.Cut(field.Path, ".")
		alias, _, _ := strings.Cut(field.JumpCloud, ".")
		keys[head], keys[alias] = head, head
	}
	return keys
}()

// object states what one decoded row says. null states nothing, and neither does an empty
// password outside of Secrets. An unknown key is a SourceError: it is wrong in every row that
// has it, and ignoring it would lose what it says.
func (b *builder) object(row *Row, object map[string]any, secret bool) error {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		head, ok := documentKeys[key]
		if !ok {
			return unknownKey(row.Origin, key, key, slices.Collect(maps.Keys(documentKeys)))
		}
		value := object[key]
		if value == nil || head == passwordPath && value == "" && !secret {
			continue
		}
		if head == passwordPath && !secret {
			return &SourceError{row.Origin, "has a key password: passwords are read from Secrets only, use passwordSecretRef, or put the rows into a Secret and name it by secretKeyRef"}
		}
		if err := b.key(row, head, value); err != nil {
			return err
		}
	}
	b.finish(row)
	return nil
}

// key states the non-null value of one key.
func (b *builder) key(row *Row, head string, value any) error {
	switch head {
	case passwordPath:
		statePassword(row, value)
		return nil
	case passwordSecretRefKey:
		return statePasswordReference(row, value)
	}
	if l, ok := listOf(head); ok {
		return b.items(row, l, value)
	}
	if rank, ok := ranks[head]; ok {
		b.value(row, rank, head, value)
		return nil
	}
	nested, ok := value.(map[string]any)
	if !ok {
		row.problem(head, "must be an object")
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(nested)) {
		path := head + "." + key
		rank, ok := ranks[path]
		if !ok {
			return unknownKey(row.Origin, path, key, keysUnder(head+"."))
		}
		b.value(row, rank, v1alpha1.UserFields[rank].Path, nested[key])
	}
	return nil
}

// value states one field; null states nothing.
func (b *builder) value(row *Row, rank int, path string, decoded any) {
	if decoded == nil {
		return
	}
	field := v1alpha1.UserFields[rank]
	value, problem := fromDocument(field, decoded)
	switch {
	case problem != "":
		row.problem(path, problem)
	case value == "" && field.Type == v1alpha1.FieldList:
		// An empty list states nothing.
	default:
		b.state(rank, path, value)
	}
}

// items states the items of a list.
func (b *builder) items(row *Row, l list, value any) error {
	items, ok := value.([]any)
	if !ok {
		row.problem(l.head, "must be a list of objects with "+l.item)
		return nil
	}
	if len(items) > l.maxItems {
		row.problem(l.head, tooMany(l))
		return nil
	}
	for i, decoded := range items {
		where := fmt.Sprintf("%s[%d]", l.head, i)
		object, ok := decoded.(map[string]any)
		if !ok {
			row.problem(where, "must be an object with "+l.item)
			continue
		}
		name, ok := object[l.item].(string)
		if !ok || name == "" {
			row.problem(where, "must have a "+l.item+", as text in quotes")
			continue
		}
		if err := b.item(row, l, canonicalItem(l.head, name), where, object); err != nil {
			return err
		}
	}
	return nil
}

// item states the values of one item of a list.
func (b *builder) item(row *Row, l list, name, where string, object map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if key == l.item {
			continue
		}
		pattern := l.head + ".*"
		if key != l.value {
			pattern += "." + key
		}
		rank, ok := ranks[pattern]
		if !ok {
			return unknownKey(row.Origin, where+"."+key, key, append(keysUnder(l.head+".*."), l.item, l.value))
		}
		b.value(row, rank, b.paths.path(rank, name), object[key])
	}
	if l.value != "" && object[l.value] == nil {
		row.problem(where, "must have a "+l.value)
	}
	return nil
}

// keysUnder returns what follows a prefix in v1alpha1.UserFields.
func keysUnder(prefix string) []string {
	var keys []string
	for _, field := range v1alpha1.UserFields {
		if key, ok := strings.CutPrefix(field.Path, prefix); ok && key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

func statePassword(row *Row, value any) {
	text, ok := value.(string)
	switch {
	case !ok:
		row.problem(passwordPath, needsText)
	case row.Password != nil:
		row.problem(passwordPath, "is stated beside "+passwordSecretRefKey+": keep one")
	default:
		row.Password = NewPassword(text)
	}
}

func statePasswordReference(row *Row, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		row.problem(passwordSecretRefKey, "must be an object with name and key")
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if key != "name" && key != "key" {
			return unknownKey(row.Origin, passwordSecretRefKey+"."+key, key, []string{"name", "key"})
		}
	}
	name, _ := object["name"].(string)
	key, _ := object["key"].(string)
	switch {
	case name == "" || key == "":
		row.problem(passwordSecretRefKey, "must have a name and a key")
	case row.Password != nil:
		row.problem(passwordPath, "is stated beside "+passwordSecretRefKey+": keep one")
	default:
		row.Password = &Password{reference: &v1alpha1.KeyReference{Name: name, Key: key}}
	}
	return nil
}

func unknownKey(origin, path, key string, candidates []string) error {
	if advice, ok := alternativeTo(strings.ToLower(key)); ok && path == key {
		return &SourceError{origin, "unknown key " + quote(path) + ": " + advice}
	}
	if !namesColumns([]string{key}) {
		return &SourceError{origin, "has a key that is not an attribute (not shown: may be personal data): write the attribute, a colon, and its value in quotes"}
	}
	slices.Sort(candidates)
	return &SourceError{origin, "unknown key " + quote(path) + didYouMean(key, candidates)}
}
