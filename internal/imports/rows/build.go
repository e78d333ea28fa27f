package rows

import (
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// item identifies an item of a list in a path.
type item struct{ prefix, name, suffix string }

// paths shares one string per concrete path, however many rows state it.
type paths map[item]string

// path returns the concrete path for an entry of v1alpha1.UserFields with a *.
func (p paths) path(rank int, name string) string {
	prefix, suffix, _ := strings.Cut(v1alpha1.UserFields[rank].Path, "*")
	key := item{prefix, name, suffix}
	path, ok := p[key]
	if !ok {
		path = prefix + name + suffix
		// The map outlives the text that name is a part of.
		key.name = path[len(prefix) : len(path)-len(suffix)]
		p[key] = path
	}
	return path
}

// builder collects the fields of one row after another, and reuses its scratch space.
type builder struct {
	paths  paths
	stated []statement
}

type statement struct {
	rank  int
	field Field
}

func newBuilder() *builder { return &builder{paths: paths{}} }

func (b *builder) state(rank int, path, value string) {
	b.stated = append(b.stated, statement{rank, Field{path, value}})
}

// finish moves what was stated into the row, in order, and empties the builder.
func (b *builder) finish(row *Row) {
	slices.SortStableFunc(b.stated, func(x, y statement) int {
		if x.rank != y.rank {
			return x.rank - y.rank
		}
		return strings.Compare(x.field.Path, y.field.Path)
	})
	row.Fields = make([]Field, 0, len(b.stated))
	for _, statement := range b.stated {
		if last := len(row.Fields) - 1; last >= 0 && row.Fields[last].Path == statement.field.Path {
			if !row.hasProblem(statement.field.Path) {
				row.problem(statement.field.Path, "is stated more than once: keep one")
			}
			continue
		}
		row.Fields = append(row.Fields, statement.field)
	}
	b.stated = b.stated[:0]
}
