package plan

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// An unreadable value is neither equal, different, absent nor free.
func TestWhatCannotBeReadIsUnknown(t *testing.T) {
	adaRow := func(more ...string) *rows.Row {
		return row(1, append([]string{"username", "ada.byron", "email", "ada@example.org"}, more...)...)
	}
	const (
		ada   = `"_id":"` + adaID + `","username":"ada.byron","email":"ada@example.org"`
		other = `"_id":"` + chasID + `","username":"chas","email":"chas@example.org"`
	)
	for name, c := range map[string]struct {
		opts   Options
		row    *rows.Row
		live   string
		action Action
		says   string
	}{
		"a field that the row states":          {Options{}, adaRow("department", "x"), ada + `,"department":7`, Fail, "department: JumpCloud's value for this user"},
		"a field that the row clears":          {Options{}, adaRow("department", ""), ada + `,"department":7`, Fail, "department: JumpCloud's value for this user"},
		"a flag that is not set":               {Options{}, adaRow("sudo", "false"), ada + `,"sudo":"no"`, Fail, "sudo: JumpCloud's value for this user"},
		"an item of a list":                    {Options{}, adaRow("attributes.Floor", ""), ada + `,"attributes":[{"name":"Other","value":7}]`, Fail, "attributes.Floor"},
		"a manager":                            {Options{}, adaRow("manager", ""), ada + `,"manager":{}`, Fail, "manager"},
		"a state that may be lifted":           {Options{StateOnUpdate: v1alpha1.StateOnUpdateApply}, adaRow("state", "Activated"), ada + `,"state":1`, Fail, "state"},
		"a state that is to be suspended":      {Options{StateOnUpdate: v1alpha1.StateOnUpdateApply}, adaRow("state", "Suspended"), ada + `,"state":1`, Update, ""},
		"a state that does not matter":         {Options{}, adaRow("state", "Suspended"), ada + `,"state":1`, Unchanged, ""},
		"a field that the row does not state":  {Options{}, adaRow("company", "x"), ada + `,"department":7,"attributes":"x"`, Update, ""},
		"an id":                                {Options{}, adaRow("company", "x"), `"_id":5,"username":"ada.byron"`, Fail, "id: JumpCloud's value for this user"},
		"who may be protected":                 {Options{Protected: []v1alpha1.UserReference{{Email: "root@example.org"}}}, row(1, "username", "ada.byron", "company", "x"), `"_id":"` + adaID + `","username":"ada.byron","email":1`, Fail, "protected"},
		"who is an administrator":              {Options{}, adaRow("company", "x"), ada + `,"admin":"x"`, Fail, "protected"},
		"another's identifier, none stated":    {Options{}, adaRow(), other + `,"employeeIdentifier":42`, Create, ""},
		"another's identifier, one stated":     {Options{}, adaRow("employeeIdentifier", "42"), other + `,"employeeIdentifier":42`, Fail, "employeeIdentifier: another user's value cannot be read"},
		"another's username":                   {Options{}, adaRow(), `"_id":"` + chasID + `","username":[],"email":"c@x"`, Fail, "username: another user's value"},
		"another's email":                      {Options{}, adaRow(), `"_id":"` + chasID + `","username":"c","email":true`, Fail, "email: another user's value"},
		"a record that is none":                {Options{}, adaRow(), ``, Fail, "username: another user's value"},
		"by identifier, and not found":         {Options{MatchBy: v1alpha1.MatchByEmployeeIdentifier, Operation: v1alpha1.OperationUpdate}, row(1, "employeeIdentifier", "42"), other + `,"employeeIdentifier":42`, Fail, "employeeIdentifier: another user's value"},
		"a manager who may be one of them":     {Options{}, adaRow("manager", "boss@example.org"), `"_id":"` + chasID + `","username":"ada.byron","email":true`, Fail, "email"},
		"another's identifier and an update":   {Options{}, adaRow("company", "x"), ada, Update, ""},
		"an administrator's row that is equal": {Options{}, adaRow(), ada + `,"admin":7`, Unchanged, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var u jumpcloud.User
			g.Expect(json.Unmarshal([]byte("{"+c.live+"}"), &u)).To(Succeed())
			m := NewMatcher(c.opts, []*rows.Row{c.row})
			m.Visit(&u)
			d := m.Decide()[0]
			g.Expect(d.Action).To(Equal(c.action), d.Message)
			g.Expect(d.Message).To(ContainSubstring(c.says))
		})
	}
}

// The new identifier may be taken by a user whose own cannot be read.
func TestAnUpdateToAValueThatMayBeTaken(t *testing.T) {
	g := NewWithT(t)
	r := row(1, "username", "ada.byron", "employeeIdentifier", "42")
	var other jumpcloud.User
	g.Expect(json.Unmarshal([]byte(`{"_id":"`+chasID+`","username":"chas","employeeIdentifier":42}`), &other)).To(Succeed())
	m := NewMatcher(Options{}, []*rows.Row{r})
	m.Visit(user(adaID, "ada.byron", "ada@example.org"))
	m.Visit(&other)
	g.Expect(m.Decide()[0].Message).To(HavePrefix("employeeIdentifier: another user's value cannot be read"))
}
