package manifest

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	sigsyaml "sigs.k8s.io/yaml"
)

// byteOrderMark is at the beginning of files of some Windows editors.
var byteOrderMark = []byte("\xef\xbb\xbf")

// separator matches a line between two documents.
var separator = regexp.MustCompile(`^---(\s.*)?$`)

// Parse reads all objects of a file, as kubectl does. It reports a problem for each document
// that cannot be read, and reads the others nevertheless.
func Parse(file string, content []byte) (objects []*Object, problems []Problem) {
	content = bytes.TrimPrefix(content, byteOrderMark)
	if !utf8.Valid(content) {
		return nil, []Problem{{File: file, Message: "is not UTF-8: save it as UTF-8"}}
	}
	for _, document := range split(content) {
		found, problem := parse(file, document)
		if problem != nil {
			problems = append(problems, *problem)
		}
		objects = append(objects, found...)
	}
	return objects, problems
}

// document is a part of a file, with the number of lines before it.
type document struct {
	content []byte
	offset  int
}

func split(content []byte) []document {
	documents, number := []document{{}}, 0
	for line := range bytes.Lines(content) {
		number++
		last := &documents[len(documents)-1]
		if separator.Match(bytes.TrimRight(line, "\r\n")) {
			documents = append(documents, document{offset: number})
			continue
		}
		last.content = append(last.content, line...)
	}
	return documents
}

// parse reads one document: an object, a list of them, or nothing.
func parse(file string, d document) ([]*Object, *Problem) {
	root := &yaml.Node{}
	switch err := yaml.NewDecoder(bytes.NewReader(d.content)).Decode(root); {
	case errors.Is(err, io.EOF):
		return nil, nil // blank, or comments only
	case err != nil:
		return nil, broken(file, d, err)
	}
	content, err := sigsyaml.YAMLToJSONStrict(d.content)
	if err != nil {
		return nil, broken(file, d, err)
	}
	value, err := decode(content)
	if err != nil {
		return nil, broken(file, d, err)
	}
	if len(value) == 0 || len(root.Content) == 0 {
		return nil, nil
	}
	object := &Object{Unstructured: &unstructured.Unstructured{Object: value}, File: file, node: root.Content[0], offset: d.offset}
	if object.GetKind() == "" || object.GetAPIVersion() == "" {
		problem := object.Problem("", "has no apiVersion or no kind: every manifest states both")
		problem.Object = ""
		return nil, &problem
	}
	if !object.IsList() {
		return []*Object{object}, nil
	}
	return items(object), nil
}

// items returns the objects of a List.
func items(list *Object) []*Object {
	nodes, _ := child(list.node, "items")
	declared, _, _ := unstructured.NestedSlice(list.Object, "items")
	var objects []*Object
	for i := range declared {
		if item, ok := declared[i].(map[string]any); ok && nodes != nil && i < len(nodes.Content) {
			objects = append(objects, &Object{
				Unstructured: &unstructured.Unstructured{Object: item}, File: list.File, node: nodes.Content[i], offset: list.offset,
			})
		}
	}
	return objects
}

// decode decodes an object from JSON, with the number types of the API server.
func decode(content []byte) (map[string]any, error) {
	value := map[string]any{}
	err := utiljson.Unmarshal(content, &value)
	return value, err
}

// inLine matches how YAML's errors name a line.
var inLine = regexp.MustCompile(`line (\d+): `)

// broken returns the problem of a document that is not YAML. The parsers' messages quote at
// most keys.
func broken(file string, d document, err error) *Problem {
	message := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "error converting YAML to JSON: "), "yaml: unmarshal errors:\n  ")
	problem := &Problem{File: file, Line: d.offset + 1}
	if found := inLine.FindStringSubmatch(message); found != nil {
		if line, err := strconv.Atoi(found[1]); err == nil {
			problem.Line = d.offset + line
		}
		message = strings.Replace(message, found[0], "", 1)
	}
	problem.Message = "is not YAML: " + strings.TrimPrefix(strings.ReplaceAll(message, "\n", " "), "yaml: ")
	return problem
}
