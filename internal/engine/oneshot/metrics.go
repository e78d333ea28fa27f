package oneshot

import (
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// Counters count what runs do. Their methods must not block.
type Counters interface {
	// Rows counts rows that got an outcome.
	Rows(organization, kind, outcome string, rows int)
	// Submission counts what became of an attempt.
	Submission(organization, kind, outcome string)
}

// count counts what became of an attempt.
func (r *run[T]) count(verb submission.Verb) {
	if outcome := verb.Outcome(); outcome != "" && r.pass.Session != nil {
		r.Counters.Submission(r.pass.Session.OrganizationID, r.Kind.Name(), outcome)
	}
}

// countRows counts the rows of a run that ended.
func (p finishing[T]) countRows() {
	rows := map[ledger.Outcome]int{}
	for i := range p.m.ledger.Entries {
		if entry := &p.m.ledger.Entries[i]; !entry.Reported() {
			rows[entry.Outcome]++
		}
	}
	for outcome, n := range rows {
		if outcome != "" {
			p.Counters.Rows(p.pass.Session.OrganizationID, p.Kind.Name(), strings.ToLower(string(outcome)), n)
		}
	}
}
