package expression

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/cel-go/cel"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// maxTotal is what the expressions of an import may cost in total for everything that one pass
// evaluates: some seconds.
const maxTotal = 100_000_000

// Program is the filter and the mapping of an import. It must be used by one goroutine at a
// time.
type Program struct {
	language   *Language
	filter     *Expression // nil keeps all
	attributes []string
	from       []*Expression
	// limited is set if the program may cost at most maxTotal.
	limited bool
	cost    uint64
}

// ErrTooExpensive means that the expressions of a Program took too long in total.
var ErrTooExpensive = errors.New("spec.filter and spec.mapping take too long for all rows together: make them simpler, or split the import")

// Program compiles the filter, "" for none, and the mapping of a spec. The problem is "", or
// says which expression is wrong, where and how.
func (l *Language) Program(filter string, mapping []v1alpha1.AttributeMapping) (p *Program, problem string) {
	p = &Program{language: l}
	if filter != "" {
		if p.filter, problem = l.Compile(filter); problem != "" {
			return nil, "spec.filter:" + problem
		}
		if !p.filter.gives(cel.BoolType) {
			return nil, l.about("spec.filter:1:1: must be true or false for a %s")
		}
	}
	for i := range mapping {
		where := fmt.Sprintf("spec.mapping[%d].from", i)
		from, problem := l.Compile(mapping[i].From)
		if problem != "" {
			return nil, where + ":" + problem
		}
		if !from.gives(cel.StringType, cel.IntType, cel.UintType, cel.DoubleType, cel.BoolType, cel.TimestampType, cel.NullType) {
			return nil, where + l.about(":1:1: must be a text, number, boolean or time for a %s")
		}
		p.attributes, p.from = append(p.attributes, mapping[i].Attribute), append(p.from, from)
	}
	return p, ""
}

// Empty reports whether there is neither filter nor mapping.
func (p *Program) Empty() bool { return p.filter == nil && len(p.from) == 0 }

// Attributes returns the mapped attributes, in the order of the mapping.
func (p *Program) Attributes() []string { return p.attributes }

// Limited returns a copy of the program that fails with ErrTooExpensive once its evaluations
// cost too much in total.
func (p *Program) Limited() *Program {
	limited := *p
	limited.limited, limited.cost = true, 0
	return &limited
}

// spend adds a cost to the total.
func (p *Program) spend(cost uint64) error {
	if p.cost += cost; p.limited && p.cost > maxTotal {
		return ErrTooExpensive
	}
	return nil
}

// Keeps reports whether the filter is true. The problem is "", or why it is neither true nor
// false. The error is the context's, or ErrTooExpensive.
func (p *Program) Keeps(ctx context.Context, of any) (keeps bool, problem string, _ error) {
	if p.filter == nil {
		return true, "", nil
	}
	value, cost, err := p.filter.evaluate(ctx, of)
	if spent := p.spend(cost); spent != nil {
		return false, "", spent
	}
	if err == nil {
		keeps, err = p.filter.boolean(value)
	}
	if problem, err = apart(err); problem != "" {
		problem = "spec.filter " + problem
	}
	return keeps, problem, err
}

// Cell returns the value of the mapping at an index as a cell of a row: "" if it states
// nothing. The problem is "", or why there is no value. The error is the context's, or
// ErrTooExpensive.
func (p *Program) Cell(ctx context.Context, index int, of any) (cell, problem string, _ error) {
	value, cost, err := p.from[index].evaluate(ctx, of)
	if spent := p.spend(cost); spent != nil {
		return "", "", spent
	}
	if err == nil {
		cell, err = p.from[index].text(value)
	}
	if problem, err = apart(err); problem != "" {
		problem = "its expression " + problem
	}
	return cell, problem, err
}

// apart separates problems of a worker or row from errors of the pass.
func apart(err error) (problem string, _ error) {
	if evaluation, ok := errors.AsType[*Error](err); ok {
		return evaluation.message, nil
	}
	return "", err
}
