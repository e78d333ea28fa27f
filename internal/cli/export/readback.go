package export

import (
	"context"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// faithful keeps those fields of a person that the operator reads back from the manifest
// unchanged, and lists the others as omissions. It reports whether the person can be written:
// a changed username would belong to another user.
func (m *maker) faithful(ctx context.Context, p person) (person, bool, error) {
	read, err := m.readBack(ctx, p)
	if err != nil {
		return p, false, err
	}
	name, kept := p.row.Origin, []rows.Field{}
	for _, field := range p.row.Fields {
		if value, stated := read.Get(field.Path); stated && value == field.Value {
			kept = append(kept, field)
			continue
		}
		m.omit(name, field.Path+": a manifest cannot state this value exactly, for example because of leading or trailing spaces or fractions of a second")
		p.existing = p.existing || field.Path == "email"
	}
	p.row.Fields = kept
	_, named := p.row.Get("username")
	return p, named, nil
}

// readBack reads what will be written about a person as the operator does.
func (m *maker) readBack(ctx context.Context, p person) (*rows.Row, error) {
	if m.options.CSV {
		return readBackCSV(p)
	}
	read, err := (&rows.Loader{}).Load(ctx, m.options.Namespace, []v1alpha1.UserRow{p.row.Declared()}, nil, nil)
	if err != nil {
		return nil, err
	}
	return &read.Rows[0], nil
}

func readBackCSV(p person) (*rows.Row, error) {
	content, _, err := csvFile(columns([]person{p}), []person{p})
	if err != nil {
		return nil, err
	}
	table, err := rows.NewTable(p.row.Origin, content, 0)
	if err != nil {
		return nil, err
	}
	layout, problem := rows.NewLayout(slices.Clone(table.Header))
	if problem != "" {
		return &rows.Row{}, nil // so none of it can be stated
	}
	record, _, err := table.Next()
	if err != nil {
		return nil, err
	}
	row := layout.Row(p.row.Origin, record)
	return &row, nil
}
