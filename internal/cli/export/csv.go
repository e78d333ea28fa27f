package export

import (
	"bytes"
	"encoding/csv"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const (
	// bytesPerFile keeps a ConfigMap of rows under the limit of 1 MiB.
	bytesPerFile = 700 << 10
	rowsKey      = "users.csv"
)

// rows writes a BulkUserImport and the CSV files that it reads.
func (m *maker) rows(found []person) error {
	found = slices.DeleteFunc(found, func(p person) bool {
		if p.existing {
			m.omit(p.row.Origin, "a row cannot have this username or email: use --users-as User to write it")
		}
		return p.existing
	})
	if len(found) == 0 {
		return nil
	}
	m.Counts["row"] = len(found)
	spec := v1alpha1.BulkUserImportSpec{OrganizationRef: m.reference()}
	header := columns(found)
	for len(found) > 0 {
		content, n, err := csvFile(header, found)
		if err != nil {
			return err
		}
		generated := m.generate("users", len(spec.UsersFrom), rowsKey, content)
		spec.UsersFrom = append(spec.UsersFrom, v1alpha1.RowsSource{ConfigMapKeyRef: generated})
		found = found[n:]
	}
	return m.add("BulkUserImport", "", "users", &v1alpha1.BulkUserImport{Spec: spec})
}

// columns returns the paths that any row states, starting with those that every user has.
func columns(found []person) []string {
	var paths []string
	seen := map[string]bool{}
	for i := range found {
		for _, field := range found[i].row.Fields {
			if !seen[field.Path] {
				seen[field.Path] = true
				paths = append(paths, field.Path)
			}
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		if x, y := place(a), place(b); x != y {
			return x - y
		}
		return bytes.Compare([]byte(a), []byte(b))
	})
	return paths
}

func place(path string) int {
	first := []string{"username", "email", "firstname", "lastname"}
	if at := slices.Index(first, path); at >= 0 {
		return at
	}
	return len(first)
}

// csvFile returns a file of the first n rows, as many as fit.
func csvFile(header []string, found []person) (content []byte, n int, err error) {
	var b bytes.Buffer
	lines := csv.NewWriter(&b)
	if err := lines.Write(header); err != nil {
		return nil, 0, err
	}
	for ; n < len(found) && b.Len() < bytesPerFile; n++ {
		record := make([]string, len(header))
		for i, path := range header {
			record[i], _ = found[n].row.Get(path)
		}
		if err := lines.Write(record); err != nil {
			return nil, 0, err
		}
		lines.Flush()
	}
	return b.Bytes(), n, lines.Error()
}
