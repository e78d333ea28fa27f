// Package references reads texts that name users.
package references

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// The columns that name a user.
const (
	usernameColumn = "username"
	emailColumn    = "email"
)

// comment begins a line that is ignored.
const comment = '#'

// separators are the possible separators of a table's columns.
const separators = ",;\t"

// maxName is the maximum length of a username or an email, in bytes.
const maxName = 1024

// Parse reads the users that a text names: one username or email per line, or CSV whose first
// line is a header with a column for one of them. Blank lines and lines that begin with # are
// ignored. Errors are *rows.SourceError; they name the line and quote nothing of it.
func Parse(text rows.Text) ([]v1alpha1.UserReference, error) {
	content, err := rows.PlainText(text.Origin, text.Content)
	if err != nil {
		return nil, err
	}
	if isTable(content) {
		return parseTable(text.Origin, content)
	}
	return parseLines(text.Origin, content)
}

// isTable reports whether the first line that is not ignored is a header with a column that
// names users.
func isTable(content []byte) bool {
	for line := range bytes.Lines(content) {
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == comment {
			continue
		}
		for _, cell := range bytes.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(separators, c) }) {
			if column := columnOf(string(bytes.Trim(cell, ` "`))); column != "" {
				return true
			}
		}
		return false
	}
	return false
}

// columnOf returns the column that a header names, or "" for any other header.
func columnOf(header string) string {
	switch name := strings.ToLower(strings.TrimSpace(header)); name {
	case usernameColumn, emailColumn:
		return name
	default:
		return ""
	}
}

func parseLines(origin string, content []byte) ([]v1alpha1.UserReference, error) {
	var references []v1alpha1.UserReference
	number := 0
	for line := range bytes.Lines(content) {
		number++
		name := strings.TrimSpace(string(line))
		if name == "" || name[0] == comment {
			continue
		}
		if at := strings.IndexAny(name, separators); at >= 0 {
			return nil, &rows.SourceError{
				Origin: rows.AtLine(origin, number),
				Message: fmt.Sprintf("holds %s: write one username or email a line, or CSV with a header that has a column %s or %s",
					separator(name[at]), usernameColumn, emailColumn),
			}
		}
		reference := v1alpha1.UserReference{Username: name}
		if strings.Contains(name, "@") {
			reference = v1alpha1.UserReference{Email: name}
		}
		if err := check(rows.AtLine(origin, number), name); err != nil {
			return nil, err
		}
		references = append(references, reference)
	}
	return references, nil
}

func separator(c byte) string {
	switch c {
	case ',':
		return "a comma"
	case ';':
		return "a semicolon"
	default:
		return "a tab"
	}
}

// parseTable reads users from the columns that name them. If a record has both a username and
// an email, the username counts. Other columns are ignored.
func parseTable(origin string, content []byte) ([]v1alpha1.UserReference, error) {
	table, err := rows.NewTable(origin, content, comment)
	if err != nil {
		return nil, err
	}
	places := map[string]int{}
	for i, header := range table.Header {
		column := columnOf(header)
		if column == "" {
			continue
		}
		if _, twice := places[column]; twice {
			return nil, &rows.SourceError{Origin: origin, Message: "has two columns " + column + ": keep one"}
		}
		places[column] = i
	}
	var references []v1alpha1.UserReference
	for {
		record, place, err := table.Next()
		if errors.Is(err, io.EOF) {
			return references, nil
		}
		if err != nil {
			return nil, err
		}
		if len(record) != len(table.Header) {
			return nil, &rows.SourceError{Origin: place, Message: fmt.Sprintf(
				"has %d cells where the header has %d columns: quote cells that hold %s", len(record), len(table.Header), table.Separators())}
		}
		reference, err := recordedName(place, record, places)
		if err != nil {
			return nil, err
		}
		references = append(references, reference)
	}
}

// recordedName returns the user that a record names.
func recordedName(place string, record []string, places map[string]int) (v1alpha1.UserReference, error) {
	cell := func(column string) string {
		if at, ok := places[column]; ok {
			return strings.TrimSpace(record[at])
		}
		return ""
	}
	if username := cell(usernameColumn); username != "" {
		return v1alpha1.UserReference{Username: strings.Clone(username)}, check(place, username)
	}
	if email := cell(emailColumn); email != "" {
		return v1alpha1.UserReference{Email: strings.Clone(email)}, check(place, email)
	}
	return v1alpha1.UserReference{}, &rows.SourceError{Origin: place, Message: "names no user: fill in the username or the email, or take the line out"}
}

func check(place, name string) error {
	if len(name) > maxName {
		return &rows.SourceError{Origin: place, Message: fmt.Sprintf("names a user by more than %d characters", maxName)}
	}
	return nil
}
