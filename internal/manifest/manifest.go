// Package manifest reads Kubernetes manifests from files, and locates each field in its file.
package manifest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Object is one object of a manifest.
type Object struct {
	*unstructured.Unstructured
	// File is the file with the object, or the folder that it was built from.
	File string
	// node is the object in the file, and offset the number of lines before its document. node
	// is nil if the object was built.
	node   *yaml.Node
	offset int
}

// String returns the name of the object for people.
func (o *Object) String() string {
	name := o.GetName()
	if o.GetNamespace() != "" {
		name = o.GetNamespace() + "/" + name
	}
	return o.GetKind() + " " + name
}

// step matches a part of a path: a name, an index or a key in brackets.
var step = regexp.MustCompile(`[^.\[\]]+|\[[^\]]*\]`)

// Position returns the line and the column, both counted from 1, of a field such as
// spec.users[3].email or metadata.annotations[example.org/team]. If the object does not state
// the field, they are those of the nearest enclosing field that it states; they are 0 if the
// object was built.
func (o *Object) Position(path string) (line, column int) {
	if o.node == nil {
		return 0, 0
	}
	at, place := o.node, o.node
	for _, part := range step.FindAllString(path, -1) {
		next, where := child(at, strings.Trim(part, `[]"`))
		if next == nil {
			break
		}
		at, place = next, where
	}
	return o.offset + place.Line, place.Column
}

// TextLine returns the line of the file with the given line of a multi-line text, such as a
// key of a ConfigMap; 0 if the text is not a literal block.
func (o *Object) TextLine(path string, line int) int {
	if o.node == nil {
		return 0
	}
	at := o.node
	for _, part := range step.FindAllString(path, -1) {
		if at, _ = child(at, strings.Trim(part, `[]"`)); at == nil {
			return 0
		}
	}
	if at.Style&yaml.LiteralStyle == 0 {
		return 0
	}
	return o.offset + at.Line + line
}

// child returns a member of a mapping or an item of a list, and the node where it begins.
func child(node *yaml.Node, name string) (value, place *yaml.Node) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				return node.Content[i+1], node.Content[i]
			}
		}
	case yaml.SequenceNode:
		if at, err := strconv.Atoi(name); err == nil && at >= 0 && at < len(node.Content) {
			return node.Content[at], node.Content[at]
		}
	case yaml.AliasNode:
		return child(node.Alias, name)
	default:
	}
	return nil, nil
}

// Problem is what is wrong at a place in a manifest.
type Problem struct {
	File string `json:"file"`
	// Line counts from 1; 0 if it is unknown.
	Line int `json:"line,omitempty"`
	// Column counts from 1; 0 if it is unknown, as in the text of a ConfigMap.
	Column int `json:"column,omitempty"`
	// Object and Field are what the problem is about, if it is about one.
	Object string `json:"object,omitempty"`
	Field  string `json:"field,omitempty"`
	// Message says what is wrong and what to do.
	Message string `json:"message"`
}

// Place returns the file, the line and the column, as far as they are known.
func (p Problem) Place() string {
	switch {
	case p.Line > 0 && p.Column > 0:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	case p.Line > 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return p.File
	}
}

// String returns one line, in the format of compilers and linters.
func (p Problem) String() string {
	parts := []string{p.Place()}
	for _, part := range []string{p.Object, p.Field, p.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Problem returns a problem of a field of the object.
func (o *Object) Problem(field, message string) Problem {
	line, column := o.Position(field)
	return Problem{File: o.File, Line: line, Column: column, Object: o.String(), Field: field, Message: message}
}
