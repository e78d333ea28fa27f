package plan

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// If only new users count, any unique value makes a row a known one.
func TestOnlyNew(t *testing.T) {
	all := []*rows.Row{
		row(1, "username", "ADA.byron", "email", "new1@example.org"),
		row(2, "username", "new2", "email", "Ada@example.org"),
		row(3, "username", "new3", "email", "new3@example.org", "employeeIdentifier", "E1"),
		row(4, "username", "new4", "email", "new4@example.org", "employeeIdentifier", "E2"),
	}
	opts := Options{Operation: v1alpha1.OperationCreate, OnlyNew: true}
	ada := user(adaID, "ada.byron", "ada@example.org", func(u *jumpcloud.User) { u.EmployeeIdentifier = new("E1") })
	matcher := NewMatcher(opts, all)
	matcher.Visit(ada)

	g := NewWithT(t)
	decisions := matcher.Decide()
	for i, action := range []Action{Skip, Skip, Skip, Create} {
		g.Expect(matcher.Known(i)).To(Equal(action == Skip), "row %d", i+1)
		g.Expect(decisions[i].Action).To(Equal(action), "row %d", i+1)
	}
}

// The rest of a user that the run itself created is completed.
func TestOnlyNewAndCreated(t *testing.T) {
	g := NewWithT(t)
	all := []*rows.Row{row(1, "username", "ada.byron", "email", "ada@example.org", "manager", chasID)}
	matcher := NewMatcher(Options{Operation: v1alpha1.OperationCreate, OnlyNew: true, Created: map[int]bool{1: true}}, all)
	matcher.Visit(user(adaID, "ada.byron", "ada@example.org"))
	g.Expect(matcher.Decide()[0].Action).To(Equal(Update))
}

// A row that is not sent creates no manager.
func TestExcludedRows(t *testing.T) {
	g := NewWithT(t)
	all := []*rows.Row{
		row(1, "username", "lead", "email", "lead@example.org"),
		row(2, "username", "member", "email", "member@example.org", "manager", "lead"),
	}
	matcher := NewMatcher(Options{Operation: v1alpha1.OperationCreate, OnlyNew: true}, all)
	matcher.Exclude(0)
	decisions := matcher.Decide()
	g.Expect(decisions[0].Action).To(Equal(Fail))
	g.Expect(decisions[1].Action).To(Equal(Fail))
	g.Expect(decisions[1].Message).To(ContainSubstring("no such user in the directory or among those created by this run"))
}
