// Package manifest reads Kubernetes manifests from files, and tells where in a file
// each field is.
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
	// File that the object is in: for one that was built, the folder it was built from.
	File string
	// node is the object in the file, and offset how many lines are before its
	// document. There is no node for an object that was built.
	node   *yaml.Node
	offset int
}

// String names the object for people.
func (o *Object) String() string {
	name := o.GetName()
	if o.GetNamespace() != "" {
		name = o.GetNamespace() + "/" + name
	}
	return o.GetKind() + " " + name
}

// step is a part of a path: a name, an index or a key in brackets.
var step = regexp.MustCompile(`[^.\[\]]+|\[[^\]]*\]`)

// Line returns the line of a field, such as spec.users[3].email or
// metadata.annotations[example.org/team]. Where the object does not state the field,
// it is the line of the nearest field around it that it states; 0 if the object was built.
func (o *Object) Line(path string) int {
	if o.node == nil {
		return 0
	}
	at, line := o.node, o.node.Line
	for _, part := range step.FindAllString(path, -1) {
		next, where := child(at, strings.Trim(part, `[]"`))
		if next == nil {
			break
		}
		at, line = next, where
	}
	return o.offset + line
}

// TextLine returns the line of the file in which a line of a multi-line text is, such
// as a key of a ConfigMap; 0 where the text is written in another way.
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

// child returns a member of a mapping, or an item of a list, and its line.
func child(node *yaml.Node, name string) (value *yaml.Node, line int) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				return node.Content[i+1], node.Content[i].Line
			}
		}
	case yaml.SequenceNode:
		if at, err := strconv.Atoi(name); err == nil && at >= 0 && at < len(node.Content) {
			return node.Content[at], node.Content[at].Line
		}
	case yaml.AliasNode:
		return child(node.Alias, name)
	default:
	}
	return nil, 0
}

// Problem is what is wrong at a place in a manifest.
type Problem struct {
	File string `json:"file"`
	// Line from 1; 0 where it is not known.
	Line int `json:"line,omitempty"`
	// Object and Field that it is about, where it is about one.
	Object string `json:"object,omitempty"`
	Field  string `json:"field,omitempty"`
	// Message says what is wrong and what to do.
	Message string `json:"message"`
}

// Place is the file and line.
func (p Problem) Place() string {
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return p.File
}

// String is one line, in the form in which compilers and linters tell of places.
func (p Problem) String() string {
	parts := []string{p.Place()}
	for _, part := range []string{p.Object, p.Field, p.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Problem makes one about a field of the object.
func (o *Object) Problem(field, message string) Problem {
	return Problem{File: o.File, Line: o.Line(field), Object: o.String(), Field: field, Message: message}
}
