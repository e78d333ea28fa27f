package rows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// parseYAML reads an array of rows.
func parseYAML(origin string, content []byte, secret bool) ([]Row, error) {
	content, err := PlainText(origin, content)
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
	content, err := PlainText(origin, content)
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
		rows[i].Origin = fmt.Sprintf("%s, item %d", origin, i+1)
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
	err = b.object(&row, object, false)
	return row, err
}

// decodeObject turns an API type into what its JSON decodes to.
func decodeObject(declared any) (map[string]any, error) {
	encoded, err := json.Marshal(declared)
	if err != nil {
		return nil, err
	}
	var object map[string]any
	err = kjson.UnmarshalCaseSensitivePreserveInts(encoded, &object)
	return object, err
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

// jsonError tells the line, and nothing of the content.
func jsonError(origin string, content []byte, err error) error {
	if ok, offset := kjson.SyntaxErrorOffset(err); ok {
		return &SourceError{AtLine(origin, lineAt(content, int(offset))), "is not JSON"}
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
