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

// Position returns the line and the column of a field, such as spec.users[3].email or
// metadata.annotations[example.org/team], both from 1. Where the object does not state the
// field, they are those of the nearest field around it that it states; 0 if the object was
// built.
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

// child returns a member of a mapping, or an item of a list, and what it begins with.
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
	// Line from 1; 0 where it is not known.
	Line int `json:"line,omitempty"`
	// Column from 1; 0 where it is not known, such as in the text of a ConfigMap.
	Column int `json:"column,omitempty"`
	// Object and Field that it is about, where it is about one.
	Object string `json:"object,omitempty"`
	Field  string `json:"field,omitempty"`
	// Message says what is wrong and what to do.
	Message string `json:"message"`
}

// Place is the file, the line and the column, as far as they are known.
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
	line, column := o.Position(field)
	return Problem{File: o.File, Line: line, Column: column, Object: o.String(), Field: field, Message: message}
}
