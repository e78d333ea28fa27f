// Package workdayimport creates users for the workers in the report of a Workday instance, as
// a WorkdayImport declares.
package workdayimport

import (
	"context"
	"fmt"
	"strings"

	kjson "sigs.k8s.io/json"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/expression"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// worker is what expressions see as worker.
type worker map[string]any

// own are the fields that come from a worker's own members unless they are mapped, with the
// names of these members.
var own = []struct {
	field, member string
}{
	{"email", expression.MemberEmail}, {"username", expression.MemberUsername},
	{"firstname", expression.MemberFirstName}, {"lastname", expression.MemberLastName},
}

// converter makes rows of workers. It must not be used concurrently.
type converter struct {
	program *expression.Program
	// names are the columns: the mapped ones, and then those from the worker's members.
	names   []string
	members []string
	layout  *rows.Layout
}

// interpret compiles a spec. The problem is "", or says what is wrong with the spec, with the
// position in an expression.
func interpret(spec *v1alpha1.WorkdayImportSpec) (c *converter, defaults []rows.Field, times *schedule, problem string) {
	defaults, problems := rows.FromAttributes(spec.Defaults)
	if len(problems) > 0 {
		return nil, nil, nil, "spec.defaults." + problems[0].String()
	}
	if times, problem = parseSchedule(spec); problem != "" {
		return nil, nil, nil, problem
	}
	c, problem = newConverter(spec)
	return c, defaults, times, problem
}

// Validate returns what is wrong with a spec that the API server accepts; "" if nothing is.
func Validate(spec *v1alpha1.WorkdayImportSpec) string {
	_, _, _, problem := interpret(spec)
	return problem
}

func newConverter(spec *v1alpha1.WorkdayImportSpec) (c *converter, problem string) {
	c = &converter{}
	if c.program, problem = expression.Workers.Program(spec.Filter, spec.Mapping); problem != "" {
		return nil, problem
	}
	mapped := map[string]bool{}
	for _, attribute := range c.program.Attributes() {
		path, _ := rows.ColumnPath(attribute)
		mapped[path] = true
		c.names = append(c.names, attribute)
	}
	for _, o := range own {
		if !mapped[o.field] {
			c.names, c.members = append(c.names, o.field), append(c.members, o.member)
		}
	}
	if c.layout, problem = rows.NewMapping(c.names); problem != "" {
		return nil, problem
	}
	return c, ""
}

// convert makes the row of a worker; false: the filter leaves the worker out. A failure for a
// worker makes the row invalid. The error is that of the context.
func (c *converter) convert(ctx context.Context, place int, w *jumpcloud.WorkdayWorker) (row rows.Row, wanted bool, _ error) {
	of, problem := known(w)
	if problem == "" {
		var err error
		if wanted, problem, err = c.program.Keeps(ctx, map[string]any(of)); err != nil {
			return rows.Row{}, false, err
		}
		if problem == "" && !wanted {
			return rows.Row{}, false, nil
		}
	}
	row, err := c.row(ctx, fmt.Sprintf("worker %d of the report", place+1), of, problem)
	return row, true, err
}

// row makes the row of a worker. If there is a problem, the row has only values from the
// worker's members, by which the worker may be found in the directory.
func (c *converter) row(ctx context.Context, origin string, of worker, problem string) (rows.Row, error) {
	attributes := c.program.Attributes()
	cells, failures := make([]string, len(c.names)), make([]string, len(attributes))
	for i := range attributes {
		if problem != "" {
			break
		}
		var err error
		if cells[i], failures[i], err = c.program.Cell(ctx, i, map[string]any(of)); err != nil {
			return rows.Row{}, err
		}
	}
	for i, member := range c.members {
		cells[len(attributes)+i], _ = of[member].(string)
	}
	row := c.layout.Row(origin, cells)
	if problem != "" {
		row.Invalid("", problem)
	}
	for i, failure := range failures {
		if failure != "" {
			row.Invalid(attributes[i], failure)
		}
	}
	return row, nil
}

// known returns a worker as expressions see it. The problem is "", or why the worker cannot be
// used.
func known(w *jumpcloud.WorkdayWorker) (of worker, problem string) {
	attributes := map[string]any{}
	switch {
	case len(w.Unread) > 0:
		problem = fmt.Sprintf("the report has values for this worker that are no text (%s): correct the report", strings.Join(w.Unread, ", "))
	case len(w.Attributes) == 0:
	case len(w.Attributes) > expression.MaxBytes:
		problem = fmt.Sprintf("the report has more than %d bytes of attributes for this worker: take out what is not needed", expression.MaxBytes)
	case kjson.UnmarshalCaseSensitivePreserveInts(w.Attributes, &attributes) != nil || attributes == nil:
		problem = "the report has attributes for this worker that are no object"
	case len(attributes) > expression.MaxMembers:
		problem = fmt.Sprintf("the report has more than %d attributes for this worker: take out what is not needed", expression.MaxMembers)
	}
	return worker{
		expression.MemberEmail: w.Email, expression.MemberUsername: w.Username, expression.MemberFirstName: w.FirstName, expression.MemberLastName: w.LastName,
		expression.MemberAttributes: attributes,
	}, problem
}
