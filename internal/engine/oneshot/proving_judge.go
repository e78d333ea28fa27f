package oneshot

import (
	"slices"
	"sort"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// maxTexts is how many texts of records that cannot be told apart are reported.
const maxTexts = 3

// maxSends is how often a row that failed temporarily is sent.
const maxSends = 3

// passing are the failures from which JumpCloud is known to recover by itself.
var passing = []string{"InternalServerError", "UserModel validation failed"}

// passes reports whether a record's text names a temporary failure.
func passes(text string) bool {
	for _, p := range passing {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// judge decides about the rows of one job that ended, from a reading of the directory that is
// newer than the job:
//
//   - Rows that were seen as sent are done, whatever a record says. A created user that differs
//     is looked for again, and its row has failed at the last look.
//   - Rows that were not seen have failed if their own record says so, if exactly as many
//     records report a failure as rows are missing, or if this is the last look.
//   - Rows about which a look has learned in which form JumpCloud keeps their values are done.
//     If that is not certain, they are done only at the last look, if no record says otherwise.
//
// It returns how many rows must still be looked for. A row that failed temporarily stays
// without an outcome, to be sent again. attempts is how often the job was sent.
func judge(
	entries []*ledger.Entry, there map[int]seen, learned map[int]plan.Learned, failures []failure, attempts int, last bool,
) (missing int) {
	var unseen []*ledger.Entry
	for _, entry := range entries {
		user, ok := there[entry.Row]
		kept, known := learned[entry.Row]
		switch {
		case known && kept.Certain:
			accept(entry, user.id, &kept)
		case !ok:
			unseen = append(unseen, entry)
		case len(user.differs) == 0:
			entry.UserID = user.id
			succeed(entry)
		case last:
			entry.UserID = user.id
			settle(entry, ledger.OutcomeFailed, v1alpha1.RowNotAppliedReason, "the user was created, but the directory does not show "+
				strings.Join(user.differs, ", ")+" as sent; check the user in JumpCloud, or request another run")
			entry.Retryable = true
		default:
			missing++
		}
	}
	byRow := map[int]failure{}
	var texts []string
	for _, f := range failures {
		if f.row != 0 {
			byRow[f.row] = f
		} else {
			texts = append(texts, f.text)
		}
	}
	var open []*ledger.Entry
	for _, entry := range unseen {
		f, told := byRow[entry.Row]
		switch sends := entry.Attempts + attempts; {
		case told && f.unanswered && sends >= maxSends && !last:
			// The row may be done after all, and show up late.
			missing++
		case told && rows.NamesOmissible(f.text) && omit(entry, f.text):
		case told:
			refuse(entry, f.text, f.unanswered || passes(f.text), sends)
		default:
			open = append(open, entry)
		}
	}
	return missing + judgeOpen(open, texts, learned, attempts, last)
}

// judgeOpen decides about the rows that were not seen and that no record names, using the
// records that name no row. It returns how many rows must still be looked for.
func judgeOpen(open []*ledger.Entry, texts []string, learned map[int]plan.Learned, attempts int, last bool) (missing int) {
	switch {
	case len(open) == len(texts):
		text, again := oneOf(texts)
		omissible := slices.ContainsFunc(texts, rows.NamesOmissible)
		for _, entry := range open {
			if !omissible || !omit(entry, text) {
				refuse(entry, text, again, entry.Attempts+attempts)
			}
		}
	case last:
		for _, entry := range open {
			if kept, known := learned[entry.Row]; known {
				accept(entry, "", &kept)
				continue
			}
			settle(entry, ledger.OutcomeFailed, v1alpha1.RowNotAppliedReason, notApplied(texts))
			entry.Retryable = true
		}
	default:
		return len(open)
	}
	return 0
}

// succeed gives a row that was seen its outcome.
func succeed(entry *ledger.Entry) {
	switch entry.Action {
	case ledger.ActionCreate:
		conclude(entry, ledger.OutcomeCreated, "")
	case ledger.ActionSuspendLeaver:
		conclude(entry, ledger.OutcomeUpdated, leftText)
	default:
		conclude(entry, ledger.OutcomeUpdated, "")
	}
}

// settle gives a row its outcome.
func settle(entry *ledger.Entry, outcome ledger.Outcome, reason, message string) {
	entry.Outcome, entry.Reason, entry.Message, entry.Retryable = outcome, reason, ledger.Message(message), false
}

// refuse records the failure of a row that was sent so many times. A row that failed
// temporarily has no outcome while it may be sent again.
func refuse(entry *ledger.Entry, text string, again bool, sends int) {
	if text == "" {
		text = "JumpCloud says that the row failed, and gives no reason"
	}
	outcome := ledger.OutcomeFailed
	if again && sends < mostSends(entry) {
		outcome = ""
	}
	settle(entry, outcome, v1alpha1.RowFailedReason, text)
	entry.Retryable = again
}

// oneOf joins the texts of records that cannot be told apart. Their rows are sent again
// together if any of the failures is temporary. Only the first maxTexts texts are reported:
// each may quote its own row.
func oneOf(texts []string) (text string, again bool) {
	distinct := map[string]bool{}
	for _, t := range texts {
		again = again || passes(t)
		if t != "" {
			distinct[t] = true
		}
	}
	all := make([]string, 0, len(distinct))
	for t := range distinct {
		all = append(all, t)
	}
	sort.Strings(all)
	if len(all) > maxTexts {
		all = append(all[:maxTexts], "and others")
	}
	if len(all) > 1 {
		return "one of: " + strings.Join(all, "; "), again
	}
	return strings.Join(all, ""), again
}

// notApplied is the message of a row that neither the directory nor a record explains.
func notApplied(texts []string) string {
	message := "the job ended, and the directory does not show this row as it was sent; check the user in JumpCloud and request another run"
	if text, _ := oneOf(texts); text != "" {
		message += " (the job's failures say: " + text + ")"
	}
	return message
}
