package workdayimport

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/cel-go/cel"
	"k8s.io/utils/lru"
	kjson "sigs.k8s.io/json"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// own are the fields that come from a worker's own members, unless they are
// mapped, and which member it is.
var own = []struct {
	field, member string
}{
	{"email", memberEmail}, {"username", memberUsername}, {"firstname", memberFirstName}, {"lastname", memberLastName},
}

// converter makes rows of workers. It is for one goroutine at a time.
type converter struct {
	filter  *expression // nil: every worker
	columns []column
	layout  *rows.Layout
}

// column is where the cells of a column come from: a worker's own member, or an
// expression.
type column struct {
	name, member string
	from         *expression
}

// interpret compiles a spec. The problem is "", or says what is wrong with it,
// with the position in an expression.
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

// Validate says what is wrong with a spec that the API server accepts; "" if nothing is.
func Validate(spec *v1alpha1.WorkdayImportSpec) string {
	_, _, _, problem := interpret(spec)
	return problem
}

func newConverter(spec *v1alpha1.WorkdayImportSpec) (c *converter, problem string) {
	c = &converter{}
	if spec.Filter != "" {
		if c.filter, problem = compiled(spec.Filter); problem != "" {
			return nil, "spec.filter:" + problem
		}
		if !c.filter.gives(cel.BoolType) {
			return nil, "spec.filter:1:1: must be true or false for a worker"
		}
	}
	mapped := map[string]bool{}
	for i := range spec.Mapping {
		m, where := &spec.Mapping[i], fmt.Sprintf("spec.mapping[%d].from", i)
		from, problem := compiled(m.From)
		if problem != "" {
			return nil, where + ":" + problem
		}
		if !from.gives(cel.StringType, cel.IntType, cel.UintType, cel.DoubleType, cel.BoolType, cel.TimestampType, cel.NullType) {
			return nil, where + ":1:1: must be a text, number, boolean or time for a worker"
		}
		path, _ := rows.ColumnPath(m.Attribute)
		mapped[path] = true
		c.columns = append(c.columns, column{name: m.Attribute, from: from})
	}
	for _, o := range own {
		if !mapped[o.field] {
			c.columns = append(c.columns, column{name: o.field, member: o.member})
		}
	}
	names := make([]string, len(c.columns))
	for i := range c.columns {
		names[i] = c.columns[i].name
	}
	if c.layout, problem = rows.NewLayout(names); problem != "" {
		return nil, "spec.mapping: attributes are named as the columns of a CSV: " + problem
	}
	return c, ""
}

// convert makes the row of a worker; false: the filter leaves the worker out.
// What fails for a worker makes an invalid row. The error is that of the context.
func (c *converter) convert(ctx context.Context, place int, w *jumpcloud.WorkdayWorker) (row rows.Row, wanted bool, _ error) {
	of, problem := known(w)
	if problem == "" && c.filter != nil {
		passes, err := c.passes(ctx, of)
		if problem, err = apart(err); err != nil {
			return rows.Row{}, false, err
		}
		if problem == "" && !passes {
			return rows.Row{}, false, nil
		}
		if problem != "" {
			problem = "spec.filter " + problem
		}
	}
	row, err := c.row(ctx, fmt.Sprintf("worker %d of the report", place+1), of, problem)
	return row, true, err
}

// row makes the row of a worker. Where there is a problem, it has the worker's
// own members only, by which the worker may be found to be in the directory.
func (c *converter) row(ctx context.Context, origin string, of worker, problem string) (rows.Row, error) {
	cells, failures := make([]string, len(c.columns)), make([]string, len(c.columns))
	for i := range c.columns {
		from := c.columns[i].from
		if from == nil {
			cells[i], _ = of[c.columns[i].member].(string)
			continue
		}
		if problem != "" {
			continue
		}
		cell, err := from.text(ctx, of)
		if failures[i], err = apart(err); err != nil {
			return rows.Row{}, err
		}
		cells[i] = cell
	}
	row := c.layout.Row(origin, cells)
	if problem != "" {
		row.Invalid("", problem)
	}
	for i, failure := range failures {
		if failure != "" {
			row.Invalid(c.columns[i].name, "its expression "+failure)
		}
	}
	return row, nil
}

// apart tells what is wrong for a worker from what is wrong with the pass.
func apart(err error) (problem string, _ error) {
	if evaluation, ok := errors.AsType[*evaluationError](err); ok {
		return evaluation.message, nil
	}
	return "", err
}

func (c *converter) passes(ctx context.Context, of worker) (bool, error) {
	value, err := c.filter.evaluate(ctx, of)
	if err != nil {
		return false, err
	}
	return boolean(value)
}

// known makes a worker one that expressions know. The problem is "", or why its
// attributes cannot be used.
func known(w *jumpcloud.WorkdayWorker) (of worker, problem string) {
	attributes := map[string]any{}
	switch {
	case len(w.Attributes) == 0:
	case len(w.Attributes) > maxWorker:
		problem = fmt.Sprintf("the report has more than %d bytes of attributes for this worker: take out what is not needed", maxWorker)
	case kjson.UnmarshalCaseSensitivePreserveInts(w.Attributes, &attributes) != nil || attributes == nil:
		problem = "the report has attributes for this worker that are no object"
	case len(attributes) > maxAttributes:
		problem = fmt.Sprintf("the report has more than %d attributes for this worker: take out what is not needed", maxAttributes)
	}
	return worker{
		memberEmail: w.Email, memberUsername: w.Username, memberFirstName: w.FirstName, memberLastName: w.LastName,
		memberAttributes: attributes,
	}, problem
}

// compilations are the latest results of compile: a spec is read in every pass.
var compilations = lru.New(256)

type compilation struct {
	expression *expression
	problem    string
}

func compiled(source string) (e *expression, problem string) {
	if cached, ok := compilations.Get(source); ok {
		if c, ok := cached.(compilation); ok {
			return c.expression, c.problem
		}
	}
	e, problem = compile(source)
	compilations.Add(source, compilation{e, problem})
	return e, problem
}
