package rows

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// passwordSecretRefKey is the key of a row that names a Secret.
const passwordSecretRefKey = "passwordSecretRef"

// parseYAML reads an array of rows.
func parseYAML(origin string, content []byte, secret bool) ([]Row, error) {
	content, err := plainText(origin, content)
	if err != nil {
		return nil, err
	}
	if severalDocuments(content) {
		return nil, &SourceError{origin, "holds more than one YAML document: put all rows into one list"}
	}
	encoded, err := yaml.YAMLToJSONStrict(content)
	if err != nil {
		return nil, yamlError(origin, err)
	}
	return parseArray(origin, encoded, secret)
}

// parseJSON reads an array of rows.
func parseJSON(origin string, content []byte, secret bool) ([]Row, error) {
	content, err := plainText(origin, content)
	if err != nil {
		return nil, err
	}
	return parseArray(origin, content, secret)
}

func parseArray(origin string, encoded []byte, secret bool) ([]Row, error) {
	var document any
	duplicates, err := kjson.UnmarshalStrict(encoded, &document, kjson.DisallowDuplicateFields)
	if err != nil {
		return nil, jsonError(origin, encoded, err)
	}
	if len(duplicates) > 0 {
		return nil, &SourceError{origin, "a key of a row is written twice: keep one"}
	}
	items, ok := document.([]any)
	if !ok {
		return nil, &SourceError{origin, "must be a list of rows"}
	}
	rows, builder := make([]Row, len(items)), newBuilder()
	for i, item := range items {
		rows[i].Origin = origin + ", item " + itoa(i+1)
		object, ok := item.(map[string]any)
		if !ok {
			return nil, &SourceError{rows[i].Origin, "must be an object such as {username: ada.byron, email: ada@example.org}"}
		}
		if err := builder.object(&rows[i], object, secret); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// inlineRow reads a row of the spec by the same rules as one of a document.
func (b *builder) inlineRow(origin string, declared *v1alpha1.UserRow) (Row, error) {
	row := Row{Origin: origin}
	object, err := decodeObject(declared)
	if err != nil {
		return Row{}, err
	}
	return row, b.object(&row, object, false)
}

// decodeObject turns an API type into what its JSON decodes to.
func decodeObject(declared any) (map[string]any, error) {
	encoded, err := json.Marshal(declared)
	if err != nil {
		return nil, err
	}
	var object map[string]any
	return object, kjson.UnmarshalCaseSensitivePreserveInts(encoded, &object)
}

// FromAttributes returns what the attributes state, for spec.defaults, and
// what is wrong with it; nil states nothing.
func FromAttributes(declared *v1alpha1.UserAttributes) ([]Field, []Problem) {
	if declared == nil {
		return nil, nil
	}
	row, err := newBuilder().inlineRow("", &v1alpha1.UserRow{UserAttributes: *declared})
	if err != nil {
		return nil, []Problem{{Message: "cannot be read"}}
	}
	return row.Fields, append(row.Problems, checkFields(row.Fields)...)
}

// documentKeys are the keys of a row: our names and JumpCloud's. The value is
// the first part of our path.
var documentKeys = func() map[string]string {
	keys := map[string]string{passwordSecretRefKey: passwordSecretRefKey}
	for _, field := range v1alpha1.UserFields {
		head, _, _ := strings.Cut(field.Path, ".")
		alias, _, _ := strings.Cut(field.JumpCloud, ".")
		keys[head], keys[alias] = head, head
	}
	return keys
}()

// object states what one decoded row says. An unknown key is a SourceError:
// it is wrong in every row that has it, and silence would lose what it says.
func (b *builder) object(row *Row, object map[string]any, secret bool) error {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		head, ok := documentKeys[key]
		if !ok {
			return unknownKey(row.Origin, key, key, slices.Collect(maps.Keys(documentKeys)))
		}
		value := object[key]
		if head == passwordPath && !secret {
			return &SourceError{row.Origin, "has a key password: passwords are read from Secrets only, use passwordSecretRef, or put the rows into a Secret and name it by secretKeyRef"}
		}
		if value == nil {
			continue
		}
		if err := b.key(row, head, value); err != nil {
			return err
		}
	}
	b.finish(row)
	return nil
}

// key states the value, not null, of one key.
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
		row.problem(l.head, "must have at most "+itoa(l.maxItems)+" items")
		return nil
	}
	for i, decoded := range items {
		where := l.head + "[" + itoa(i) + "]"
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
		if err := b.item(row, l, name, where, object); err != nil {
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
		suffix := ""
		if key != l.value {
			suffix = "." + key
		}
		rank, ok := rankOf(l.head + ".x" + suffix)
		if !ok || (l.value != "" && key != l.value) {
			return unknownKey(row.Origin, where+"."+key, key, append(keysUnder(l.head+".*."), l.item, l.value))
		}
		b.value(row, rank, b.paths.path(rank, name), object[key])
	}
	if l.value != "" && object[l.value] == nil {
		row.problem(where, "must have a "+l.value)
	}
	return nil
}

// keysUnder lists what follows a prefix in v1alpha1.UserFields.
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
	slices.Sort(candidates)
	return &SourceError{origin, "unknown key " + quote(path) + didYouMean(key, candidates)}
}

// jsonError tells the line, and nothing of the content.
func jsonError(origin string, content []byte, err error) error {
	if ok, offset := kjson.SyntaxErrorOffset(err); ok {
		return &SourceError{origin + ", line " + itoa(lineAt(content, int(offset))), "is not JSON"}
	}
	return &SourceError{origin, "is not JSON"}
}

var yamlLine = regexp.MustCompile(`line ([0-9]+)`)

// yamlError tells the line, and nothing else of the parser's text: it may
// quote the content, such as a password that begins with a * unquoted.
func yamlError(origin string, err error) error {
	message := "is not YAML: check the indentation, and quote values that begin with a special character"
	if strings.Contains(err.Error(), "already set in map") {
		message = "a key of a row is written twice: keep one"
	}
	if parts := yamlLine.FindStringSubmatch(err.Error()); parts != nil {
		origin += ", line " + parts[1]
	}
	return &SourceError{origin, message}
}

var documentStart = regexp.MustCompile(`(?m)^---(\s|$)`)

// severalDocuments tells whether anything stands before a second "---". The
// parser reads the first document only, and would lose the rows of the others.
func severalDocuments(content []byte) bool {
	starts := documentStart.FindAllIndex(content, 2)
	switch len(starts) {
	case 0:
		return false
	case 1:
		return !commentsOnly(content[:starts[0][0]])
	default:
		return true
	}
}

// commentsOnly tells whether a part of a YAML stream holds no content.
func commentsOnly(content []byte) bool {
	for line := range bytes.Lines(content) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}
