package expression

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/cel-go/cel"
	. "github.com/onsi/gomega"
)

// ada is a worker whose report contains values of all types.
var ada = map[string]any{
	MemberEmail: "ada@example.org", MemberUsername: "ada.byron", MemberFirstName: "Ada", MemberLastName: "Byron",
	MemberAttributes: map[string]any{
		"Department": "Engineering", "Cost Center": "CC-7", "Number": int64(42), "Share": 0.5, "Big": float64(1e6), "Active": true, "None": nil,
		"Skills": []any{"engines"}, "Long": strings.Repeat("a", 4000),
	},
}

func TestValuesOfExpressions(t *testing.T) {
	for source, wanted := range map[string]string{
		`worker.attributes.Department`:                            "Engineering",
		`worker.attributes["Cost Center"]`:                        "CC-7",
		`worker.attributes.Number`:                                "42",
		`worker.attributes.Share`:                                 "0.5",
		`worker.attributes.Big`:                                   "1000000",
		`worker.attributes.Active`:                                "true",
		`worker.attributes.None`:                                  "",
		`worker.attributes.?Absent`:                               "",
		`worker.attributes.?Absent.orValue("x")`:                  "x",
		`worker.attributes.?Department`:                           "Engineering",
		`worker.email.split("@")[0]`:                              "ada",
		`(worker.firstName + "." + worker.lastName).lowerAscii()`: "ada.byron",
		`worker.attributes.Number == 42.0 ? "yes" : "no"`:         "yes",
		`timestamp("2026-05-01T02:00:00+02:00")`:                  "2026-05-01T00:00:00Z",
		`uint(7)`:                                                 "7",
		`null`:                                                    "",
	} {
		t.Run(source, func(t *testing.T) {
			g := NewWithT(t)
			compiled, problem := Workers.Compile(source)
			g.Expect(problem).To(BeEmpty())
			value, _, err := compiled.evaluate(t.Context(), ada)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(compiled.text(value)).To(Equal(wanted))
		})
	}
}

// Problems of an expression name their position: line and column.
func TestExpressionsThatDoNotCompile(t *testing.T) {
	for source, wanted := range map[string]string{
		`worker.emial`:               "1:7: undefined field 'emial'",
		`wrker.email`:                "1:1: undeclared reference to 'wrker' (in container '')",
		"worker.email ==\n  unknown": "2:3: undeclared reference to 'unknown' (in container '')",
		`worker.email + 1`:           "1:14: found no matching overload for '_+_' applied to '(string, int)'",
	} {
		t.Run(source, func(t *testing.T) {
			_, problem := Workers.Compile(source)
			NewWithT(t).Expect(problem).To(Equal(wanted))
		})
	}
	_, problem := Workers.Compile(`worker.email ==`)
	NewWithT(t).Expect(problem).To(HavePrefix("1:16: Syntax error"))
}

// No expression can keep the operator busy for long, or fill its memory.
func TestExpressionsThatCostTooMuch(t *testing.T) {
	eight := "[1,2,3,4,5,6,7,8]"
	for _, source := range []string{
		`worker.attributes.Long.replace("a", worker.attributes.Long).replace("a", worker.attributes.Long)`,
		`[[worker.email].map(x, x.replace("a", x))[0]].map(x, x.replace("a", x))[0]`,
		`worker.attributes.Long.split("").map(c, worker.attributes.Long).join("")`,
		`dyn(worker).attributes.Long.replace("a", dyn(worker).attributes.Long).size() > 1`,
		eight + ".all(a, " + eight + ".all(b, " + eight + ".all(c, " + eight + ".all(d, " + eight + ".all(e, true)))))",
	} {
		t.Run(source, func(t *testing.T) {
			_, problem := Workers.Compile(source)
			NewWithT(t).Expect(problem).To(Equal("1:1: it may take too long for one worker: make it simpler"))
		})
	}
}

// Messages about a failure for a worker quote nothing of the worker.
func TestExpressionsThatFailForAWorker(t *testing.T) {
	for source, wanted := range map[string]string{
		`worker.attributes.Absent`:            "a member that the report lacks",
		`worker.attributes.Number + "x"`:      "not of the type",
		`worker.attributes.Skills[3]`:         "shorter than",
		`1 / (worker.attributes.Number - 42)`: "has no value",
		`worker.attributes.Skills`:            "is no text, number, boolean or time",
		`timestamp(worker.email)`:             "has no value",
	} {
		t.Run(source, func(t *testing.T) {
			g := NewWithT(t)
			compiled, problem := Workers.Compile(source)
			g.Expect(problem).To(BeEmpty())
			value, _, err := compiled.evaluate(t.Context(), ada)
			if err == nil {
				_, err = compiled.text(value)
			}
			g.Expect(err).To(MatchError(ContainSubstring(wanted)))
			g.Expect(err).NotTo(MatchError(ContainSubstring("ada")))
		})
	}
}

// The end of a pass is not reported as a problem of the worker.
func TestAnEvaluationIsInterrupted(t *testing.T) {
	g := NewWithT(t)
	compiled, problem := Workers.Compile(`worker.attributes.all(k, k != "")`)
	g.Expect(problem).To(BeEmpty())
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	many := map[string]any{}
	for i := range MaxMembers {
		many[strings.Repeat("k", i+1)] = "v"
	}
	_, _, err := compiled.evaluate(ctx, map[string]any{MemberAttributes: many})
	g.Expect(err).To(MatchError(context.DeadlineExceeded))
}

func TestWhatAnExpressionGives(t *testing.T) {
	g := NewWithT(t)
	for source, may := range map[string]bool{
		`worker.email == ""`: true, `worker.attributes.Active`: true, `worker.attributes.?Active`: true,
		`worker.email`: false, `worker.attributes`: false, `optional.of(worker.email)`: false,
	} {
		compiled, problem := Workers.Compile(source)
		g.Expect(problem).To(BeEmpty())
		g.Expect(compiled.gives(cel.BoolType)).To(Equal(may), source)
	}
}
