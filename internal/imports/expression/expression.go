// Package expression evaluates the CEL expressions of imports: their filter and their mapping.
// It is pure: it receives what an expression is about as a value.
package expression

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"k8s.io/apiserver/pkg/cel/library"
)

const (
	// maxCost is the maximum cost of one evaluation, in the units of CEL's cost model: some
	// milliseconds. Expressions that might cost more are refused at compile time.
	maxCost = 100_000
	// interrupt is the number of loop steps after which an evaluation checks whether its
	// context has ended.
	interrupt = 100
)

// Expression is a compiled expression. It is safe for concurrent use.
type Expression struct {
	language *Language
	program  cel.Program
	result   *cel.Type
}

func (l *Language) compile(source string) (compiled *Expression, problem string) {
	env, err := l.env()
	if err != nil {
		return nil, "CEL is not available: " + err.Error()
	}
	ast, issues := env.Compile(source)
	if issues != nil && issues.Err() != nil {
		first := issues.Errors()[0]
		return nil, fmt.Sprintf("%d:%d: %s", first.Location.Line(), first.Location.Column()+1, oneLine(first.Message))
	}
	estimate, err := env.EstimateCost(ast, &library.CostEstimator{SizeEstimator: l})
	if err != nil {
		return nil, "1:1: its cost cannot be told"
	}
	if estimate.Max > maxCost {
		return nil, l.about("1:1: it may take too long for one %s: make it simpler")
	}
	program, err := env.Program(ast,
		cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost), cel.CostTracking(&library.CostEstimator{}),
		cel.InterruptCheckFrequency(interrupt))
	if err != nil {
		return nil, "1:1: " + oneLine(err.Error())
	}
	return &Expression{l, program, ast.OutputType()}, ""
}

// oneLine removes the drawing of the position with which CEL's messages end.
func oneLine(message string) string {
	line, _, _ := strings.Cut(message, "\n")
	return line
}

// evaluate returns the expression's value for a worker or row, and the cost of the evaluation.
// An error that is not the context's is an *Error.
func (e *Expression) evaluate(ctx context.Context, of any) (value ref.Val, cost uint64, _ error) {
	value, details, err := e.program.ContextEval(ctx, map[string]any{e.language.variable: of})
	if details != nil && details.ActualCost() != nil {
		cost = *details.ActualCost()
	}
	switch {
	case err == nil:
		return value, cost, nil
	case ctx.Err() != nil:
		return nil, cost, ctx.Err()
	default:
		return nil, cost, &Error{e.language.why(err)}
	}
}

// Error says why an expression has no value for a worker or row. It quotes nothing from them.
type Error struct{ message string }

// Error implements error.
func (e *Error) Error() string { return e.message }

// why says in fixed words what went wrong, because CEL's own may quote the worker or row.
func (l *Language) why(err error) string {
	text, nothing := err.Error(), l.about("has no value for this %s")
	for _, known := range []struct{ sign, meaning string }{
		{"no such key", nothing + ": " + l.lacks},
		{"cost limit", l.about("takes too long for this %s")},
		{"no such overload", nothing + ": a member is not of the type that it expects"},
		{"index out of bounds", nothing + ": a list or text is shorter than it expects"},
	} {
		if strings.Contains(text, known.sign) {
			return known.meaning
		}
	}
	return nothing
}

// boolean returns the value of a filter.
func (e *Expression) boolean(value ref.Val) (bool, error) {
	if truth, ok := value.(types.Bool); ok {
		return bool(truth), nil
	}
	return false, &Error{e.language.about("is neither true nor false for this %s")}
}

// text returns a value as a cell of a row: "" if it states nothing.
func (e *Expression) text(value ref.Val) (string, error) {
	switch value := value.(type) {
	case *types.Optional:
		if !value.HasValue() {
			return "", nil
		}
		return e.text(value.GetValue())
	case types.Null:
		return "", nil
	case types.String:
		return string(value), nil
	case types.Bool:
		return strconv.FormatBool(bool(value)), nil
	case types.Int:
		return strconv.FormatInt(int64(value), 10), nil
	case types.Uint:
		return strconv.FormatUint(uint64(value), 10), nil
	case types.Double:
		if whole := float64(value); whole == math.Trunc(whole) && math.Abs(whole) < 1<<53 {
			return strconv.FormatInt(int64(whole), 10), nil
		}
		return strconv.FormatFloat(float64(value), 'g', -1, 64), nil
	case types.Timestamp:
		return value.UTC().Format(time.RFC3339Nano), nil
	default:
		return "", &Error{e.language.about("is no text, number, boolean or time for this %s")}
	}
}

// gives reports whether an expression can have a value of one of the types.
func (e *Expression) gives(some ...*cel.Type) bool {
	result := e.result
	if result.Kind() == types.OpaqueKind && result.TypeName() == "optional_type" {
		result = result.Parameters()[0]
	}
	return slices.ContainsFunc(append(some, cel.DynType), result.IsExactType)
}
