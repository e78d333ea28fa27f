package oneshot

import (
	"cmp"
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// looks are when rows that a job's records do not explain are looked for
// again, after the job's end: what was written may show late.
var looks = []time.Duration{0, 5 * time.Second, 15 * time.Second, 40 * time.Second}

// retryPause is the wait before a row whose failure passes is sent again, for
// each time that it was sent.
const retryPause = 5 * time.Second

// prove reads the directory back after the last job of a wave, gives rows
// their outcome, and plans the next wave.
func (r *run[T]) prove(ctx context.Context) lifecycle.Outcome {
	sent := r.m.entries(func(entry *ledger.Entry) bool { return pending(entry) && entry.Job != 0 && !entry.Withheld })
	if r.m.endedAt.IsZero() {
		r.m.endedAt = time.Now()
	}
	if wait := r.nextLook(sent); wait > 0 {
		return lifecycle.Progressing(v1alpha1.JobRunningReason, "The jobs have ended. The user list does not show "+counted(count32(len(sent)), "row")+" yet; it is read again.", wait)
	}
	for index := range jobsOf(sent) {
		if err := r.knowResults(ctx, index); err != nil {
			return r.failed(err)
		}
	}
	var all []*rows.Row
	current, err := r.reload(ctx)
	if err != nil {
		return r.failed(err)
	}
	if current {
		all = r.undecidedRows()
	} else if len(sent) == 0 {
		return r.leave(ctx)
	}
	if len(all) == 0 && len(sent) == 0 {
		return r.finish(ctx)
	}
	f, err := r.observe(ctx, question{purpose: "proof", rows: all, sent: sent})
	if err != nil {
		return r.failed(err)
	}
	last := r.m.looks == len(looks)-1
	missing := 0
	for index, entries := range jobsOf(sent) {
		missing += r.judgeJob(index, entries, f, last)
	}
	if missing > 0 {
		r.m.looks++
		return r.prove(ctx)
	}
	return r.nextWave(ctx, f, sent, current)
}

// judgeJob gives rows of one job their outcome, and returns how many are to be
// looked for again.
func (r *run[T]) judgeJob(index int32, entries []*ledger.Entry, f *finding, last bool) (missing int) {
	record, job := r.listed(index), r.m.job(index)
	switch record.State {
	case v1alpha1.JobRejected, v1alpha1.JobAbandoned:
		// A restart lost what was known of its rows.
		judge(entries, f.seen, nil, 0, false)
		refuseJob(r, &record, r.m.entries(inJob(record.Index)), "")
		return 0
	default:
		failures := job.results.failures(entries, r.clean)
		for row, text := range job.unanswered {
			failures = append(failures, failure{row: row, text: text, unanswered: true})
		}
		return judge(entries, f.seen, failures, attemptsOf(&record), last)
	}
}

// nextLook returns how long to wait before rows are looked for again.
func (r *run[T]) nextLook(sent []*ledger.Entry) time.Duration {
	if len(sent) == 0 || r.m.survey != nil {
		return 0
	}
	return time.Until(r.m.endedAt.Add(looks[r.m.looks]))
}

// nextWave goes on after every row that was sent has been judged.
func (r *run[T]) nextWave(ctx context.Context, f *finding, sent []*ledger.Entry, current bool) lifecycle.Outcome {
	ended := r.m.endedAt
	r.m.looks, r.m.endedAt = 0, time.Time{}
	wait := time.Duration(0)
	for _, entry := range sent {
		entry.JobID = cmp.Or(r.listed(entry.Job).JobID, entry.JobID)
		if entry.Outcome == ledger.OutcomeCreated || entry.Outcome == ledger.OutcomeUpdated {
			if entry.Deferred && current {
				// The rest of the row waited for users of this wave.
				settle(entry, "", "", "")
			}
		}
		if !pending(entry) {
			continue
		}
		r.leaveJob(entry)
		if entry.Retryable {
			wait = max(wait, time.Until(ended.Add(time.Duration(entry.Attempts)*retryPause)))
		}
	}
	if !current {
		return r.leave(ctx)
	}
	if wait > 0 {
		r.summarize()
		return lifecycle.Retrying(v1alpha1.ProgressingWithRetryReason, "Some rows failed in a way that passes. They are sent again, and only they.", wait)
	}
	return r.wave(ctx, f)
}

// leave ends a run whose sources changed or are gone. What was not sent is left
// to the run that they make now.
func (r *run[T]) leave(ctx context.Context) lifecycle.Outcome {
	if err := r.end(ctx); err != nil {
		return r.failed(err)
	}
	return lifecycle.Progressing(v1alpha1.ProgressingReason, "The sources changed while the run was under way. It ended with "+
		summaryText(r.status.Summary)+"; what the sources say now is compared next.", soon)
}

// undecidedRows are the rows of the run that have no outcome yet.
func (r *run[T]) undecidedRows() []*rows.Row {
	open := map[int]bool{}
	for _, entry := range r.m.entries(pending) {
		open[entry.Row] = true
	}
	var all []*rows.Row
	for i := range r.m.set.Rows {
		if row := &r.m.set.Rows[i]; open[row.Number] {
			all = append(all, row)
		}
	}
	return all
}

// knowResults reads the records of a job that ended, if a restart lost them.
func (r *run[T]) knowResults(ctx context.Context, index int32) error {
	seen := r.m.job(index)
	record := r.listed(index)
	if record.JobID == "" || seen.Results != nil {
		return nil
	}
	if err := seen.results.read(r.Kind.Results(ctx, r.pass.Session, r.object, &record, 0), record.Rows); err != nil {
		return err
	}
	seen.SawResults(seen.results.progress(time.Now()))
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

// listed returns the record of a job; a zero one if it is no longer listed.
func (r *run[T]) listed(index int32) v1alpha1.JobStatus {
	for _, record := range r.status.Jobs {
		if record.Index == index {
			return record
		}
	}
	return v1alpha1.JobStatus{}
}

// clean makes a record's text fit for the ledger: the run's passwords may be
// quoted in it.
func (r *run[T]) clean(text string) string {
	if r.m.set == nil || r.m.key != r.status.RunKey {
		// The source changed or is gone: what to mask is not known any more.
		return ""
	}
	if r.cleaner == nil {
		var secrets []string
		for i := range r.m.set.Rows {
			if p := r.m.set.Rows[i].Password; p != nil {
				secrets = append(secrets, p.Reveal())
			}
		}
		r.cleaner = jumpcloud.NewCleaner(secrets...)
	}
	return r.cleaner.Clean(text)
}
