package expression

import (
	"fmt"
	"slices"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/ext"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/utils/lru"
)

// MaxBytes and MaxMembers bound what an expression is about: the bytes of a worker's
// attributes, as JSON, or of a row's cells, and the number of attributes or cells. The cost
// estimate relies on them.
const (
	MaxBytes   = 8 * 1024
	MaxMembers = 256
)

// The names of a worker's members.
const (
	MemberEmail      = "email"
	MemberUsername   = "username"
	MemberFirstName  = "firstName"
	MemberLastName   = "lastName"
	MemberAttributes = "attributes"
)

// Language is what expressions can use: CEL with its string functions and optional values, as
// in Kubernetes, over one variable. It is safe for concurrent use.
type Language struct {
	variable string
	// members is the path of the map: the variable itself, or a member of it.
	members []string
	// lacks is the message for a missing key.
	lacks string
	env   func() (*cel.Env, error)
	// compilations caches the latest results of Compile, because each pass compiles a spec.
	compilations *lru.Cache
}

// Workers is the language of expressions over worker: its members are texts, and attributes, a
// map of whatever the report contains.
var Workers = newLanguage([]string{"worker", MemberAttributes}, "it uses a member that the report lacks (has() or .? make it optional)", func() ([]cel.EnvOption, error) {
	members := map[string]*apiservercel.DeclField{
		MemberAttributes: apiservercel.NewDeclField(MemberAttributes,
			apiservercel.NewMapType(apiservercel.StringType, apiservercel.DynType, MaxMembers), true, nil, nil),
	}
	for _, name := range []string{MemberEmail, MemberUsername, MemberFirstName, MemberLastName} {
		members[name] = apiservercel.NewDeclField(name, apiservercel.StringType, true, nil, nil)
	}
	declared := apiservercel.NewObjectType("Worker", members)
	base, err := cel.NewEnv()
	if err != nil {
		return nil, err
	}
	options, err := apiservercel.NewDeclTypeProvider(declared).EnvOptions(base.CELTypeProvider())
	return append(options, cel.Variable("worker", declared.CelType())), err
})

// Rows is the language of expressions over row, a map from column names to texts.
var Rows = newLanguage([]string{"row"}, `it uses a missing column (row[?"Name"] makes it optional)`, func() ([]cel.EnvOption, error) {
	return []cel.EnvOption{cel.Variable("row", cel.MapType(cel.StringType, cel.StringType))}, nil
})

func newLanguage(members []string, lacks string, declare func() ([]cel.EnvOption, error)) *Language {
	env := sync.OnceValues(func() (*cel.Env, error) {
		declared, err := declare()
		if err != nil {
			return nil, err
		}
		return cel.NewEnv(append([]cel.EnvOption{
			cel.OptionalTypes(), cel.CrossTypeNumericComparisons(true), cel.DefaultUTCTimeZone(true),
			ext.Strings(ext.StringsVersion(2)),
		}, declared...)...)
	})
	return &Language{variable: members[0], members: members, lacks: lacks, env: env, compilations: lru.New(256)}
}

type compilation struct {
	expression *Expression
	problem    string
}

// Compile checks an expression's syntax, types and cost. The problem is "", or one line that
// begins with the position: line and column, both counted from 1.
func (l *Language) Compile(source string) (e *Expression, problem string) {
	if cached, ok := l.compilations.Get(source); ok {
		if c, ok := cached.(compilation); ok {
			return c.expression, c.problem
		}
	}
	e, problem = l.compile(source)
	l.compilations.Add(source, compilation{e, problem})
	return e, problem
}

// EstimateSize returns the maximum size of a text, list or map of the variable.
func (l *Language) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	path := node.Path()
	switch {
	case len(path) == 0 || path[0] != l.variable:
		return nil
	case slices.Equal(path, l.members):
		return &checker.SizeEstimate{Min: 0, Max: MaxMembers}
	default:
		return &checker.SizeEstimate{Min: 0, Max: MaxBytes}
	}
}

// EstimateCallCost leaves the cost of calls to the library.
func (*Language) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate { //nolint:gocritic // it is CEL's interface
	return nil
}

// about inserts the name of the variable into a message.
func (l *Language) about(format string) string { return fmt.Sprintf(format, l.variable) }
