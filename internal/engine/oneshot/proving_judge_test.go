package oneshot

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

func TestJudge(t *testing.T) {
	type evaluation struct {
		outcome   ledger.Outcome
		reason    string
		message   string
		retryable bool
	}
	created := evaluation{outcome: ledger.OutcomeCreated}
	open := evaluation{}
	failed := func(message string) evaluation {
		return evaluation{outcome: ledger.OutcomeFailed, reason: v1alpha1.RowFailedReason, message: message}
	}
	again := func(message string) evaluation {
		return evaluation{reason: v1alpha1.RowFailedReason, message: message, retryable: true}
	}
	for name, c := range map[string]struct {
		attempts int
		seen     map[int]seen
		failures []failure
		last     bool
		want     [2]evaluation
		missing  int
	}{
		"both seen": {seen: map[int]seen{1: {id: "a"}, 2: {id: "b"}}, want: [2]evaluation{created, created}},
		"seen wins over a record that says failed": {seen: map[int]seen{1: {id: "a"}, 2: {id: "b"}},
			failures: []failure{{text: "already exists"}}, want: [2]evaluation{created, created}},
		"as many failures as rows are missing": {seen: map[int]seen{1: {id: "a"}}, failures: []failure{{text: "weak password"}},
			want: [2]evaluation{created, failed("weak password")}},
		"fewer failures than rows are missing: looked for again": {failures: []failure{{text: "weak password"}}, want: [2]evaluation{open, open}, missing: 2},
		"a record that says which row": {seen: map[int]seen{1: {id: "a"}}, failures: []failure{{text: "weak password", row: 2}},
			want: [2]evaluation{created, failed("weak password")}},
		"told and untold":                    {failures: []failure{{text: "weak password", row: 2}}, want: [2]evaluation{open, failed("weak password")}, missing: 1},
		"failures that cannot be told apart": {failures: []failure{{text: "b"}, {text: "a"}}, want: [2]evaluation{failed("one of: a; b"), failed("one of: a; b")}},
		"a failure that passes":              {seen: map[int]seen{1: {id: "a"}}, failures: []failure{{text: "InternalServerError"}}, attempts: 1, want: [2]evaluation{created, again("InternalServerError")}},
		"a failure that did not pass in three attempts": {seen: map[int]seen{1: {id: "a"}}, failures: []failure{{text: "UserModel validation failed"}}, attempts: 3,
			want: [2]evaluation{created, {outcome: ledger.OutcomeFailed, reason: v1alpha1.RowFailedReason, message: "UserModel validation failed", retryable: true}}},
		"no reason given": {seen: map[int]seen{1: {id: "a"}}, failures: []failure{{}},
			want: [2]evaluation{created, failed("JumpCloud says that the row failed, and gives no reason")}},
		"a lost user, at the first look": {seen: map[int]seen{1: {id: "a"}}, want: [2]evaluation{created, open}, missing: 1},
		"a lost user, at the last look": {seen: map[int]seen{1: {id: "a"}}, last: true, want: [2]evaluation{created,
			{outcome: ledger.OutcomeFailed, reason: v1alpha1.RowNotAppliedReason, retryable: true, message: notApplied(nil)}}},
		"a field that did not arrive": {seen: map[int]seen{1: {id: "a"}, 2: {id: "b", differs: []string{"department"}}}, want: [2]evaluation{created, open}, missing: 1},
		"a field that never arrived": {seen: map[int]seen{1: {id: "a"}, 2: {id: "b", differs: []string{"department"}}}, last: true, want: [2]evaluation{created,
			{outcome: ledger.OutcomeFailed, reason: v1alpha1.RowNotAppliedReason, retryable: true,
				message: "the user was created, but the directory does not show department as sent; check the user in JumpCloud, or request another run"}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			entries := []*ledger.Entry{
				{Row: 1, Action: ledger.ActionCreate, Attempts: c.attempts},
				{Row: 2, Action: ledger.ActionCreate, Attempts: c.attempts},
			}
			g.Expect(judge(entries, c.seen, nil, c.failures, 0, c.last)).To(Equal(c.missing))
			for i, entry := range entries {
				g.Expect(evaluation{entry.Outcome, entry.Reason, entry.Message, entry.Retryable}).To(Equal(c.want[i]), "row %d", entry.Row)
			}
		})
	}
}
