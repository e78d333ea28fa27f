// Package workdayimport makes users of the workers in the report of a Workday
// instance, as a WorkdayImport declares it.
package workdayimport

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/library"
)

const (
	// maxCost of one evaluation, in the units of CEL's cost model: some
	// milliseconds. What might cost more is refused when it is compiled.
	maxCost = 100_000
	// maxWorker and maxAttributes are the size of a worker's attributes, in bytes
	// of JSON, and their number. The estimate of the cost rests on them.
	maxWorker     = 8 * 1024
	maxAttributes = 256
	// interrupt is after how many steps of a loop an evaluation looks whether it
	// is to end.
	interrupt = 100
)

// worker is what an expression knows as worker: its members are texts, and
// attributes, a map of whatever the report holds.
type worker map[string]any

// variable is its name, and those of its members.
const (
	variable         = "worker"
	memberEmail      = "email"
	memberUsername   = "username"
	memberFirstName  = "firstName"
	memberLastName   = "lastName"
	memberAttributes = "attributes"
)

// environment is what all expressions are compiled in: CEL with its string
// functions and optional values, as in Kubernetes.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	members := map[string]*apiservercel.DeclField{
		memberAttributes: apiservercel.NewDeclField(memberAttributes,
			apiservercel.NewMapType(apiservercel.StringType, apiservercel.DynType, maxAttributes), true, nil, nil),
	}
	for _, name := range []string{memberEmail, memberUsername, memberFirstName, memberLastName} {
		members[name] = apiservercel.NewDeclField(name, apiservercel.StringType, true, nil, nil)
	}
	declared := apiservercel.NewObjectType("Worker", members)
	env, err := cel.NewEnv(
		cel.OptionalTypes(), cel.CrossTypeNumericComparisons(true), cel.DefaultUTCTimeZone(true),
		ext.Strings(ext.StringsVersion(2)), cel.Variable(variable, declared.CelType()),
	)
	if err != nil {
		return nil, err
	}
	options, err := apiservercel.NewDeclTypeProvider(declared).EnvOptions(env.CELTypeProvider())
	if err != nil {
		return nil, err
	}
	return env.Extend(options...)
})

// expression is a compiled one. It is safe for concurrent use.
type expression struct {
	program cel.Program
	result  *cel.Type
}

// compile checks an expression's syntax, types and cost. The problem is "", or
// one line that begins with the position: line and column, both from 1.
func compile(source string) (compiled *expression, problem string) {
	env, err := environment()
	if err != nil {
		return nil, "CEL is not available: " + err.Error()
	}
	ast, issues := env.Compile(source)
	if issues != nil && issues.Err() != nil {
		first := issues.Errors()[0]
		return nil, fmt.Sprintf("%d:%d: %s", first.Location.Line(), first.Location.Column()+1, oneLine(first.Message))
	}
	estimate, err := env.EstimateCost(ast, &library.CostEstimator{SizeEstimator: sizes{}})
	if err != nil {
		return nil, "1:1: its cost cannot be told"
	}
	if estimate.Max > maxCost {
		return nil, "1:1: it may take too long for one worker: make it simpler"
	}
	program, err := env.Program(ast,
		cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost), cel.CostTracking(&library.CostEstimator{}),
		cel.InterruptCheckFrequency(interrupt))
	if err != nil {
		return nil, "1:1: " + oneLine(err.Error())
	}
	return &expression{program, ast.OutputType()}, ""
}

// oneLine leaves out the drawing of the place that CEL's messages end with.
func oneLine(message string) string {
	line, _, _ := strings.Cut(message, "\n")
	return line
}

// evaluate returns the expression's value for a worker. An error that is not
// that of the context is about the worker; it quotes nothing of it.
func (e *expression) evaluate(ctx context.Context, of worker) (ref.Val, error) {
	value, _, err := e.program.ContextEval(ctx, map[string]any{variable: map[string]any(of)})
	if err == nil {
		return value, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, &evaluationError{why(err)}
}

// evaluationError says why an expression has no value for a worker.
type evaluationError struct{ message string }

func (e *evaluationError) Error() string { return e.message }

// why tells in fixed words what went wrong: CEL's own may quote the worker.
func why(err error) string {
	text := err.Error()
	for _, known := range []struct{ sign, meaning string }{
		{"no such key", "has no value for this worker: the report lacks a member that it names (has() or .? ask for one)"},
		{"cost limit", "takes too long for this worker"},
		{"no such overload", "has no value for this worker: a member is not of the type that it expects"},
		{"index out of bounds", "has no value for this worker: a list or text is shorter than it expects"},
	} {
		if strings.Contains(text, known.sign) {
			return known.meaning
		}
	}
	return "has no value for this worker"
}

// boolean is the value of a filter.
func boolean(value ref.Val) (bool, error) {
	if truth, ok := value.(types.Bool); ok {
		return bool(truth), nil
	}
	return false, &evaluationError{"is neither true nor false for this worker"}
}

// text is the expression's value for a worker as a cell of a row.
func (e *expression) text(ctx context.Context, of worker) (string, error) {
	value, err := e.evaluate(ctx, of)
	if err != nil {
		return "", err
	}
	return text(value)
}

// text is a value as a cell of a row: "" where it states nothing.
func text(value ref.Val) (string, error) {
	switch value := value.(type) {
	case *types.Optional:
		if !value.HasValue() {
			return "", nil
		}
		return text(value.GetValue())
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
		return "", &evaluationError{"is no text, number, boolean or time for this worker"}
	}
}

// gives reports whether an expression can have a value of one of the types.
func (e *expression) gives(some ...*cel.Type) bool {
	result := e.result
	if result.Kind() == types.OpaqueKind && result.TypeName() == "optional_type" {
		result = result.Parameters()[0]
	}
	return slices.ContainsFunc(append(some, cel.DynType), result.IsExactType)
}

// sizes bound what a worker is, for the estimate of costs.
type sizes struct{}

// EstimateSize says how long a text, list or map of the worker is at most.
func (sizes) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	path := node.Path()
	switch {
	case len(path) == 0 || path[0] != variable:
		return nil
	case len(path) == 2 && path[1] == memberAttributes:
		return &checker.SizeEstimate{Min: 0, Max: maxAttributes}
	default:
		return &checker.SizeEstimate{Min: 0, Max: maxWorker}
	}
}

// EstimateCallCost leaves costs to the library.
func (sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate { //nolint:gocritic // it is CEL's interface
	return nil
}
