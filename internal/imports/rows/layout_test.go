package rows

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestLayout(t *testing.T) {
	g := NewWithT(t)
	layout, problem := NewLayout([]string{"Username", "email", "attributes.Badge", "mobile_number"})
	g.Expect(problem).To(BeEmpty())
	row := layout.Row("worker 1", []string{" ada ", "Ada@Example.org", "", "+44 1"})
	g.Expect(row).To(Equal(Row{Origin: "worker 1", Fields: []Field{
		{Path: "username", Value: "ada"}, {Path: "email", Value: "ada@example.org"}, {Path: "phoneNumbers.mobile", Value: "+44 1"},
	}}))
	row.Invalid("", "is wrong")
	g.Expect(row.Complaint()).To(Equal("worker 1: is wrong"))
}

func TestLayoutsThatAreRefused(t *testing.T) {
	for name, names := range map[string][]string{
		"unknown": {"username", "departments"}, "twice": {"username", "Username"}, "password": {"username", "password"}, "no name": {"username", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, problem := NewLayout(names)
			NewWithT(t).Expect(problem).NotTo(BeEmpty())
		})
	}
}

func TestColumnPath(t *testing.T) {
	g := NewWithT(t)
	for name, path := range map[string]string{
		"Username": "username", "department": "department", "preferredName": "displayname", "attributes.Badge": "attributes.Badge",
		"password": "", "Attribute1_name": "", "SystemID": "", "unknown": "",
	} {
		got, ok := ColumnPath(name)
		g.Expect(ok).To(Equal(path != ""), name)
		if ok {
			g.Expect(got).To(Equal(path), name)
		}
	}
}
