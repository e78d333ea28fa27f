package submission

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// pageSize is how many records a page of results holds.
const pageSize = 100

// Results is what was read of one job's records. Pages on which every record is final are read
// once: the next poll continues after them.
type Results struct {
	// kept are the records of pages that are not read again.
	kept []jumpcloud.JobResult
	// tail are the records that the latest poll saw after them.
	tail []jumpcloud.JobResult
	// words are the statuses in the tail, to detect whether they change.
	words string
	// reread is set once everything was read a second time, because records had moved between
	// pages.
	reread bool
	// gone is set when JumpCloud does not know the job's results.
	gone bool
}

// Read consumes the pages of one poll. It stops at the first page with a record that is still
// pending: what is done at that time, the directory shows. It also stops once there is a
// record for each of the job's rows, because a server that ignores skip never comes to an end.
// A page that is final is kept at once, so that a poll that a rate limit cuts off does not
// start from the beginning again.
func (r *Results) Read(pages iter.Seq2[[]jumpcloud.JobResult, error], rows int32) error {
	var tail []jumpcloud.JobResult
	var words strings.Builder
	for page, err := range pages {
		if jumpcloud.IsNotFound(err) {
			r.gone = true
			return nil
		}
		if err != nil {
			return err
		}
		if len(tail) == 0 && len(page) == pageSize && allFinal(page) {
			r.kept, r.tail = append(r.kept, page...), nil
		} else {
			tail = append(tail, page...)
			for i := range page {
				words.WriteString(page[i].Status + "\n")
			}
		}
		if len(r.kept)+len(tail) >= int(rows) ||
			slices.ContainsFunc(page, func(record jumpcloud.JobResult) bool { return isPending(record.Status) }) {
			break
		}
	}
	r.gone, r.tail, r.words = false, tail, words.String()
	if !r.reread && allFinal(r.tail) && len(r.Distinct()) < len(r.kept)+len(r.tail) {
		// The pages shifted between two polls, and another record was not seen at all.
		*r = Results{reread: true}
	}
	return nil
}

// Skip returns where the next poll begins.
func (r *Results) Skip() int { return len(r.kept) }

// Distinct returns every known record once. If all records share one id, it is the job's id
// and does not distinguish them.
func (r *Results) Distinct() []jumpcloud.JobResult {
	all := slices.Concat(r.kept, r.tail)
	ids := map[string]bool{}
	var first []jumpcloud.JobResult
	for _, record := range all {
		if !ids[record.ID] {
			ids[record.ID] = true
			first = append(first, record)
		}
	}
	if len(ids) == 1 {
		return all
	}
	return first
}

// Progress returns what the protocol needs to know about the results.
func (r *Results) Progress(now time.Time) Progress {
	p := Progress{ReadAt: now, Records: len(r.kept) + len(r.tail), Final: len(r.kept), Gone: r.gone, Fingerprint: r.words}
	for i := range r.tail {
		switch word := r.tail[i].Status; {
		case isFinal(word):
			p.Final++
		case isPending(word):
			p.Pending++
		}
	}
	return p
}

// Failed reports whether the record of a job that is over says that its row failed. An unknown
// status counts as a failure then.
func Failed(record *jumpcloud.JobResult) bool { return !strings.EqualFold(record.Status, "finished") }

func isPending(word string) bool { return strings.EqualFold(word, "pending") }

func isFinal(word string) bool {
	return strings.EqualFold(word, "finished") || strings.EqualFold(word, "failed") || strings.EqualFold(word, "error")
}

func allFinal(page []jumpcloud.JobResult) bool {
	return !slices.ContainsFunc(page, func(record jumpcloud.JobResult) bool { return !isFinal(record.Status) })
}
