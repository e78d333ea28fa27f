package oneshot

import (
	"cmp"
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// looks holds the times after a job's end at which rows that its records do not explain are
// looked for again: what was written may show up late.
var looks = []time.Duration{0, 5 * time.Second, 15 * time.Second, 40 * time.Second}

// retryPause is the wait before a row that failed temporarily is sent again, for each time
// that it was sent.
const retryPause = 5 * time.Second

// proofs counts the attempts to prove a round.
type proofs struct {
	// looks counts the readings of the directory that did not show all rows.
	looks int
	// endedAt is when the last job ended.
	endedAt time.Time
}

// jobEnded records that a job ended now.
func (p *proofs) jobEnded() { p.endedAt = time.Now() }

// proving is the phase in which all jobs of a round have ended.
type proving[T Object] struct{ *run[T] }

// prove reads the directory after the last job of a round, gives rows their outcome, and plans
// the next round.
func (p proving[T]) prove(ctx context.Context) (outcome lifecycle.Outcome, goesOn bool) {
	sent := p.m.entries(func(entry *ledger.Entry) bool { return pending(entry) && entry.Job != 0 && !entry.Withheld })
	if p.m.proofs.endedAt.IsZero() {
		p.m.proofs.jobEnded() // a restart lost the time
	}
	if wait := p.nextLook(sent); wait > 0 {
		return lifecycle.Progressing(v1alpha1.JobRunningReason, "The jobs have ended. The user list does not show "+counted(count32(len(sent)), "row")+" yet; it is read again.", wait), false
	}
	for index := range jobsOf(sent) {
		if err := p.knowResults(ctx, index); err != nil {
			return p.failed(err), false
		}
	}
	q := question{purpose: "proof", sent: sent}
	var leavers []*ledger.Entry
	current, err := p.sources.reload(ctx)
	if err != nil {
		return p.failed(err), false
	}
	if current {
		q.rows, q.only = p.unproved(sent)
		leavers = p.m.entries(departing)
	} else if len(sent) == 0 {
		return p.leave(ctx), false
	}
	if len(q.rows) == 0 && len(leavers) == 0 && len(sent) == 0 {
		return finishing[T](p).finish(ctx), false
	}
	f, err := p.leavers.look(ctx, q, leavers)
	if err != nil {
		return p.failed(err), false
	}
	last := p.m.proofs.looks == len(looks)-1
	missing := 0
	for index, entries := range jobsOf(sent) {
		missing += p.judgeJob(index, entries, f, last)
	}
	if missing > 0 {
		p.m.proofs.looks++
		return lifecycle.Outcome{}, true
	}
	return p.nextRound(ctx, f, sent, current)
}

// unproved returns all rows without an outcome, and those of them that the proof of what was
// sent does not decide: they are looked for and planned together with it.
func (p proving[T]) unproved(sent []*ledger.Entry) (all, some []*rows.Row) {
	whole := map[int]bool{}
	for _, entry := range sent {
		whole[entry.Row] = !entry.Deferred
	}
	all, some = p.sources.undecidedRows(), []*rows.Row{}
	for _, row := range all {
		if !whole[row.Number] {
			some = append(some, row)
		}
	}
	return all, some
}

// judgeJob gives rows of one job their outcome, and returns how many must be looked for again.
func (p proving[T]) judgeJob(index int32, entries []*ledger.Entry, f *finding, last bool) (missing int) {
	record, job := p.listed(index), p.m.job(index)
	switch record.State {
	case v1alpha1.JobRejected, v1alpha1.JobAbandoned:
		// A restart lost what was known about its rows.
		judge(entries, f.seen, nil, nil, 0, false)
		refuseJob(p.run, &record, p.m.entries(inJob(record.Index)), "")
		return 0
	default:
		// Include the job's rows that have an outcome, so that their records are not
		// attributed to other rows.
		failures := failuresOf(&job.results, p.m.entries(func(entry *ledger.Entry) bool { return entry.Job == index }), p.clean)
		for row, text := range job.unanswered {
			failures = append(failures, failure{row: row, text: text, unanswered: true})
		}
		if last && record.Operation == v1alpha1.JobSuspend {
			failures = append(failures, forgotten(entries, job)...)
		}
		return judge(entries, f.seen, p.learn(f, entries), failures, attemptsOf(&record), last)
	}
}

// forgotten returns the rows of a Suspend job for which an earlier process made a call: the
// result of their calls is not recorded. A suspension that the directory does not show in the
// end is requested again, like one whose call had no answer.
func forgotten(entries []*ledger.Entry, job *job) (unanswered []failure) {
	for _, entry := range entries {
		if !job.asked[entry.Row] {
			unanswered = append(unanswered, failure{
				row: entry.Row, unanswered: true,
				text: "the directory does not show the suspension, and the operator restarted before it recorded the answer",
			})
		}
	}
	return unanswered
}

// nextLook returns how long to wait before rows are looked for again.
func (p proving[T]) nextLook(sent []*ledger.Entry) time.Duration {
	if len(sent) == 0 || p.m.reading != nil {
		return 0
	}
	return time.Until(p.m.proofs.endedAt.Add(looks[p.m.proofs.looks]))
}

// nextRound continues after every row that was sent has been judged.
func (p proving[T]) nextRound(ctx context.Context, f *finding, sent []*ledger.Entry, current bool) (outcome lifecycle.Outcome, goesOn bool) {
	ended := p.m.proofs.endedAt
	p.m.proofs = proofs{}
	wait := time.Duration(0)
	for _, entry := range sent {
		entry.JobID = cmp.Or(p.listed(entry.Job).JobID, entry.JobID)
		if entry.Outcome == ledger.OutcomeCreated || entry.Outcome == ledger.OutcomeUpdated {
			if entry.Deferred && current {
				// The rest of the row waited for users of this round.
				settle(entry, "", "", "")
			}
		}
		if !pending(entry) {
			continue
		}
		p.leaveJob(entry)
		if entry.Retryable {
			wait = max(wait, time.Until(ended.Add(time.Duration(entry.Attempts)*retryPause)))
		}
	}
	if !current {
		return p.leave(ctx), false
	}
	if wait > 0 {
		p.summarize()
		return lifecycle.Retrying(v1alpha1.ProgressingWithRetryReason, "Some rows failed temporarily. Only those rows are sent again.", wait), false
	}
	if f.lacks(sent) && len(p.m.entries(undecided)) > 0 {
		// Rows that were not seen were not looked for by all of their keys. That is not enough
		// to count them as absent and send them again.
		return lifecycle.Outcome{}, true
	}
	p.replan = false
	return p.round.begin(ctx, f)
}

// leave ends a run whose sources changed or are gone. Rows that were not sent are left to the
// run that the sources make now.
func (p proving[T]) leave(ctx context.Context) lifecycle.Outcome {
	if err := finishing[T](p).close(ctx); err != nil {
		return p.failed(err)
	}
	return lifecycle.Progressing(v1alpha1.ProgressingReason, "The sources changed during the run. It ended with "+
		summaryText(p.status.Summary)+"; the new rows are compared next.", soon)
}

// knowResults reads the records of a job that ended, if a restart lost them.
func (p proving[T]) knowResults(ctx context.Context, index int32) error {
	seen := p.m.job(index)
	record := p.listed(index)
	if record.JobID == "" || seen.Results != nil {
		return nil
	}
	if err := seen.results.Read(p.Kind.Results(ctx, p.pass.Session, p.object, &record, 0), record.Rows); err != nil {
		return err
	}
	seen.SawResults(seen.results.Progress(time.Now()))
	return nil
}

// jobsOf groups entries by job.
func jobsOf(entries []*ledger.Entry) map[int32][]*ledger.Entry {
	byJob := map[int32][]*ledger.Entry{}
	for _, entry := range entries {
		byJob[entry.Job] = append(byJob[entry.Job], entry)
	}
	return byJob
}
