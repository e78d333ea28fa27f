package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// parseYAML reads an array of rows. It works on the document's nodes, whose memory depends
// only on the length of the text: it refuses aliases, and expands nothing.
func parseYAML(into *collection, origin string, content []byte, secret bool) error {
	content, err := PlainText(origin, content)
	if err != nil {
		return err
	}
	if severalDocuments(content) {
		return &SourceError{origin, "holds more than one YAML document: put all rows into one list"}
	}
	var document yaml.Node
	err = yaml.NewDecoder(bytes.NewReader(content)).Decode(&document)
	if err != nil && !errors.Is(err, io.EOF) {
		return yamlError(origin, err)
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.SequenceNode {
		return &SourceError{origin, notAList}
	}
	items := document.Content[0].Content
	if err := into.expect(origin, len(items)); err != nil {
		return err
	}
	builder := newBuilder()
	for i, item := range items {
		place := itemOrigin(origin, i)
		if err := into.admit(place); err != nil {
			return err
		}
		decoded, err := plainValue(origin, item)
		if err != nil {
			return err
		}
		if err := builder.documentRow(into, place, decoded, secret); err != nil {
			return err
		}
	}
	return nil
}

// digits is a number in a YAML document that is not written in plain decimal digits: parsers
// disagree about its meaning.
type digits struct{}

// MarshalJSON implements json.Marshaler.
func (digits) MarshalJSON() ([]byte, error) { return []byte("0.5"), nil }

var (
	decimal = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)$`)
	// numeric matches whatever YAML 1.1 or 1.2 may read as a number: octal, hexadecimal,
	// binary, with underscores, base 60, with a fraction.
	numeric = regexp.MustCompile(`^[-+]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|\.[0-9][0-9_]*([eE][-+]?[0-9]+)?|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|\.(inf|Inf|INF))$|^\.(nan|NaN|NAN)$`)
)

// words are the plain scalars that YAML 1.1 reads as something else than text.
var words = map[string]any{
	"": nil, "~": nil, "null": nil, "Null": nil, "NULL": nil,
	"true": true, "True": true, "TRUE": true, "yes": true, "Yes": true, "YES": true, "y": true, "Y": true, "on": true, "On": true, "ON": true,
	"false": false, "False": false, "FALSE": false, "no": false, "No": false, "NO": false, "n": false, "N": false, "off": false, "Off": false, "OFF": false,
}

// plainValue returns the value of a node, in the form that JSON decodes to.
func plainValue(origin string, node *yaml.Node) (any, error) {
	at := AtLine(origin, node.Line)
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		return nil, &SourceError{at, "has a YAML anchor or alias (& or *): write each row out, and quote values that begin with one"}
	case node.Style&yaml.TaggedStyle != 0 && node.ShortTag() != "!!str":
		return nil, &SourceError{at, "has a YAML tag (!): leave it out, and quote values that begin with one"}
	}
	switch node.Kind {
	case yaml.SequenceNode:
		items := make([]any, len(node.Content))
		for i, child := range node.Content {
			item, err := plainValue(origin, child)
			if err != nil {
				return nil, err
			}
			items[i] = item
		}
		return items, nil
	case yaml.MappingNode:
		return plainObject(origin, node)
	default:
		return scalar(node), nil
	}
}

func plainObject(origin string, node *yaml.Node) (any, error) {
	object := make(map[string]any, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		at := AtLine(origin, key.Line)
		if key.Kind != yaml.ScalarNode {
			return nil, &SourceError{at, notYAML}
		}
		if _, err := plainValue(origin, key); err != nil {
			return nil, err
		}
		if _, twice := object[key.Value]; twice {
			return nil, &SourceError{at, writtenTwice}
		}
		value, err := plainValue(origin, node.Content[i+1])
		if err != nil {
			return nil, err
		}
		object[key.Value] = value
	}
	return object, nil
}

// scalar resolves a scalar. Only plain decimal digits are a number: some parsers read 0100 as
// 64, others as 100.
func scalar(node *yaml.Node) any {
	text := node.Value
	if node.Style&^yaml.FlowStyle != 0 {
		return text // quoted, a block, or tagged as text
	}
	if value, ok := words[text]; ok {
		return value
	}
	if decimal.MatchString(text) {
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			return number
		}
		return digits{}
	}
	if numeric.MatchString(text) {
		return digits{}
	}
	return text
}

func itemOrigin(origin string, i int) string { return fmt.Sprintf("%s, item %d", origin, i+1) }

var yamlLine = regexp.MustCompile(`line ([0-9]+)`)

// yamlError returns an error with the line, and nothing else of the parser's text: that may
// quote the content, such as a password that begins with an unquoted *.
func yamlError(origin string, err error) error {
	if parts := yamlLine.FindStringSubmatch(err.Error()); parts != nil {
		origin += ", line " + parts[1]
	}
	return &SourceError{origin, notYAML}
}

var documentStart = regexp.MustCompile(`(?m)^---(\s|$)`)

// severalDocuments reports whether there is content before a second "---". The parser reads
// only the first document, and would lose the rows of the others.
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

// commentsOnly reports whether a part of a YAML stream has no content.
func commentsOnly(content []byte) bool {
	for line := range bytes.Lines(content) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}
