package jumpcloudtest

import (
	"cmp"
	"encoding/json"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"
)

// condition decides which users match a filter.
type condition interface {
	matches(u *user) bool
}

// comparison consists of field, operator and value. Values are compared as text, but the
// ordering operators compare two numbers, or two instants, as such.
type comparison struct {
	field    string
	operator string // without $
	value    string
}

func (c comparison) matches(u *user) bool {
	switch c.operator {
	case "eq":
		return u.texts(c.field, func(text string) bool { return text == c.value })
	case "ne":
		return !u.texts(c.field, func(text string) bool { return text == c.value })
	}
	return u.texts(c.field, func(text string) bool {
		order := compareValues(text, c.value)
		switch c.operator {
		case "gt":
			return order > 0
		case "gte":
			return order >= 0
		case "lt":
			return order < 0
		default: // lte
			return order <= 0
		}
	})
}

var operators = []string{"eq", "ne", "gt", "gte", "lt", "lte"}

func compareValues(a, b string) int {
	if x, err := strconv.ParseFloat(a, 64); err == nil {
		if y, err := strconv.ParseFloat(b, 64); err == nil {
			return cmp.Compare(x, y)
		}
	}
	if x, err := time.Parse(time.RFC3339, a); err == nil {
		if y, err := time.Parse(time.RFC3339, b); err == nil {
			return x.Compare(y)
		}
	}
	return strings.Compare(a, b)
}

// pattern is a regular expression on a field.
type pattern struct {
	field      string
	expression *regexp.Regexp
}

func (p pattern) matches(u *user) bool { return u.texts(p.field, p.expression.MatchString) }

// sameFolded is a pattern that amounts to equality without regard to case.
type sameFolded struct{ field, folded string }

func (c sameFolded) matches(u *user) bool {
	return u.texts(c.field, func(text string) bool { return fold(text) == c.folded })
}

// newPattern compiles a regular expression. A literal between ^ and $ becomes an equality,
// which anyOf can look up.
func newPattern(field, expression string) (condition, error) {
	compiled, err := regexp.Compile(expression)
	if err != nil {
		return nil, err
	}
	if literal, folded, ok := anchoredLiteral(expression); ok {
		if folded {
			return sameFolded{field, fold(literal)}, nil
		}
		return comparison{field, "eq", literal}, nil
	}
	return pattern{field, compiled}, nil
}

func anchoredLiteral(expression string) (literal string, folded, ok bool) {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return "", false, false
	}
	tree = tree.Simplify()
	if tree.Op != syntax.OpConcat || len(tree.Sub) != 3 ||
		tree.Sub[0].Op != syntax.OpBeginText || tree.Sub[1].Op != syntax.OpLiteral || tree.Sub[2].Op != syntax.OpEndText {
		return "", false, false
	}
	middle := tree.Sub[1]
	return string(middle.Rune), middle.Flags&syntax.FoldCase != 0, true
}

// allOf matches a user that every condition matches; without conditions: every user.
type allOf []condition

func (all allOf) matches(u *user) bool {
	return !slices.ContainsFunc(all, func(c condition) bool { return !c.matches(u) })
}

// anyOf matches a user that at least one condition matches. Equalities are looked up by field,
// so that hundreds of them cost as much as one.
type anyOf struct {
	equal  map[string]map[string]bool
	folded map[string]map[string]bool
	rest   []condition
}

func newAnyOf(conditions []condition) anyOf {
	out := anyOf{equal: map[string]map[string]bool{}, folded: map[string]map[string]bool{}}
	put := func(sets map[string]map[string]bool, field, value string) {
		if sets[field] == nil {
			sets[field] = map[string]bool{}
		}
		sets[field][value] = true
	}
	for _, c := range conditions {
		switch c := c.(type) {
		case sameFolded:
			put(out.folded, c.field, c.folded)
		case comparison:
			if c.operator == "eq" {
				put(out.equal, c.field, c.value)
				continue
			}
			out.rest = append(out.rest, c)
		default:
			out.rest = append(out.rest, c)
		}
	}
	return out
}

func (some anyOf) matches(u *user) bool {
	for field, values := range some.equal {
		if u.texts(field, func(text string) bool { return values[text] }) {
			return true
		}
	}
	for field, values := range some.folded {
		if u.texts(field, func(text string) bool { return values[fold(text)] }) {
			return true
		}
	}
	return slices.ContainsFunc(some.rest, func(c condition) bool { return c.matches(u) })
}

// canonical returns a scalar in the form that filters compare.
func canonical(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case bool:
		return strconv.FormatBool(value), true
	case json.Number:
		return value.String(), true
	case int:
		return strconv.Itoa(value), true
	}
	return "", false
}
