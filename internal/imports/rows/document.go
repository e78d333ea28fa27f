package rows

import (
	"bytes"
	"encoding/json"

	kjson "sigs.k8s.io/json"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Problems of a document that is no list of rows.
const (
	notAList     = "must be a list of rows"
	writtenTwice = "a key of a row is written twice: keep one"
	notYAML      = "is not YAML: check the indentation, and quote values that begin with a special character"
)

// parseJSON reads an array of rows, and keeps one of them in memory at a time.
func parseJSON(into *collection, origin string, content []byte, secret bool) error {
	content, err := PlainText(origin, content)
	if err != nil {
		return err
	}
	var whole json.RawMessage
	if err := json.Unmarshal(content, &whole); err != nil {
		return jsonError(origin, content, err)
	}
	items := json.NewDecoder(bytes.NewReader(content))
	if start, err := items.Token(); err != nil || start != json.Delim('[') {
		return &SourceError{origin, notAList}
	}
	if err := into.expect(origin, countItems(content)); err != nil {
		return err
	}
	builder := newBuilder()
	for i := 0; items.More(); i++ {
		place := itemOrigin(origin, i)
		if err := into.admit(place); err != nil {
			return err
		}
		var encoded json.RawMessage
		if err := items.Decode(&encoded); err != nil {
			return &SourceError{place, "is not JSON"}
		}
		var decoded any
		duplicates, err := kjson.UnmarshalStrict(encoded, &decoded, kjson.DisallowDuplicateFields)
		if err != nil {
			return &SourceError{place, "is not JSON"}
		}
		if len(duplicates) > 0 {
			return &SourceError{place, writtenTwice}
		}
		if err := builder.documentRow(into, place, decoded, secret); err != nil {
			return err
		}
	}
	return nil
}

// countItems returns the number of items of a JSON array, without decoding them.
func countItems(array []byte) (count int) {
	items := json.NewDecoder(bytes.NewReader(array))
	if _, err := items.Token(); err != nil {
		return 0
	}
	var item json.RawMessage
	for items.More() && items.Decode(&item) == nil {
		count++
	}
	return count
}

// documentRow adds the row that an item of a document states.
func (b *builder) documentRow(into *collection, place string, decoded any, secret bool) error {
	row := Row{Origin: place}
	object, ok := decoded.(map[string]any)
	if !ok {
		return &SourceError{place, "must be an object such as {username: ada.byron, email: ada@example.org}"}
	}
	if err := b.object(&row, object, secret); err != nil {
		return err
	}
	return into.take(row, fieldCells)
}

// inlineRow reads a row of the spec by the same rules as a row of a document.
func (b *builder) inlineRow(origin string, declared *v1alpha1.UserRow) (Row, error) {
	row := Row{Origin: origin}
	object, err := decodeObject(declared)
	if err != nil {
		return Row{}, err
	}
	err = b.object(&row, object, false)
	return row, err
}

// decodeObject returns what the JSON of an API type decodes to.
func decodeObject(declared any) (map[string]any, error) {
	encoded, err := json.Marshal(declared)
	if err != nil {
		return nil, err
	}
	var object map[string]any
	err = kjson.UnmarshalCaseSensitivePreserveInts(encoded, &object)
	return object, err
}

// FromAttributes returns the fields that the attributes of spec.defaults state, and what is
// wrong with them; nil states nothing.
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

// jsonError returns an error with the line, and without any of the content.
func jsonError(origin string, content []byte, err error) error {
	if ok, offset := kjson.SyntaxErrorOffset(err); ok {
		return &SourceError{AtLine(origin, lineAt(content, int(offset))), "is not JSON"}
	}
	return &SourceError{origin, "is not JSON"}
}
