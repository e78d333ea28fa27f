package jumpcloudtest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// listResults answers with the records of the job that the path names.
func (x *exchange) listResults() {
	page, problem := x.page()
	if problem != nil {
		x.refuse(problem)
		return
	}
	j := x.job()
	if j == nil {
		return
	}
	b := x.behavior
	records := x.org().records(j, x.now)
	j.polls++
	if j.polls <= b.EmptyPolls {
		records = nil
	}
	results := cut(records, page)
	if b.EndlessResults && len(records) > 0 {
		for i := page.skip + len(results); len(results) < page.limit; i++ {
			results = append(results, records[i%len(records)])
		}
	}
	x.listedV2(len(records), page, results)
}

// listJobResults is GET /jobs/{job}/results, which JumpCloud withdrew.
func (x *exchange) listJobResults() {
	if !x.behavior.ServeJobs {
		x.refuse(notFound)
		return
	}
	x.listResults()
}

// getJob is GET /jobs/{job}, which JumpCloud withdrew and documents as not functional.
func (x *exchange) getJob() {
	if !x.behavior.ServeJobs {
		x.refuse(notFound)
		return
	}
	j := x.job()
	if j == nil {
		return
	}
	status := cmp.Or(x.behavior.PendingWord, "pending")
	if j.open == 0 {
		status = cmp.Or(x.behavior.FinishedWord, "finished")
	}
	x.json(http.StatusOK, map[string]any{
		"id": j.id, "name": string(j.kind), "status": status, "meta": map[string]any{}, "persistedFields": []any{},
		"workUnitsCount": len(j.rows), "updatedAt": stamp(cmp.Or(j.endedAt, j.acceptedAt)),
	})
}

// job returns the job that the path names, or answers and returns nil.
func (x *exchange) job() *job {
	j, kept := x.org().jobsByID[x.request.PathValue("job")], x.behavior.ResultRetention
	if j != nil && (kept == 0 || j.open > 0 || x.now.Before(j.endedAt.Add(kept))) {
		return j
	}
	if status := cmp.Or(x.behavior.UnknownJobStatus, http.StatusNotFound); status >= 300 {
		x.refuse(refuse(status, "Not Found"))
	} else {
		x.json(status, []any{})
	}
	return nil
}

// listedV2 answers with a v2 list: a bare array, with its total in a header.
func (x *exchange) listedV2(total int, p paging, results []map[string]any) {
	if !x.behavior.OmitTotalHeader {
		x.Header().Set("X-Total-Count", strconv.Itoa(total))
	}
	if next := p.skip + len(results); x.behavior.LinkHeader && next < total {
		query := x.query()
		query.Set("skip", strconv.Itoa(next))
		x.Header().Set("Link", fmt.Sprintf("<%s?%s>; rel=\"next\"", x.request.URL.Path, query.Encode()))
	}
	x.json(http.StatusOK, results)
}

// records returns the records of a job as they are shown at this time.
func (o *Organization) records(j *job, now time.Time) []map[string]any {
	b := o.behavior
	rows := slices.Clone(j.rows[:max(0, len(j.rows)-b.MissingRecords)])
	if b.RecordsWhenDone {
		rows = slices.DeleteFunc(rows, func(r *row) bool { return !o.final(r, now) })
	}
	switch b.RecordOrder {
	case OrderRequest:
	case OrderReversed:
		slices.Reverse(rows)
	case OrderShuffled:
		o.server.random.Shuffle(len(rows), func(i, k int) { rows[i], rows[k] = rows[k], rows[i] })
	}
	records := make([]map[string]any, 0, len(rows))
	for _, r := range rows {
		records = append(records, o.record(r, now))
	}
	return records
}

// final reports whether the record of a row does not show pending any more.
func (o *Organization) final(r *row, now time.Time) bool {
	return r.settled && o.behavior.StuckJobs == StuckNot && !now.Before(r.settledAt.Add(o.behavior.ResultLag))
}

// record returns the job-workresult of a row. Its members are documented; of the values of
// status, pending and finished are observed and failed is assumed.
func (o *Organization) record(r *row, now time.Time) map[string]any {
	b := o.behavior
	out := map[string]any{
		"id": r.recordID, "status": cmp.Or(b.PendingWord, "pending"), "statusMsg": "",
		"meta": map[string]any{}, "persistedFields": map[string]any{},
		"createdAt": stamp(r.job.acceptedAt), "updatedAt": stamp(r.job.acceptedAt),
	}
	if b.RecordIDsAreJobID {
		out["id"] = r.job.id
	}
	if o.final(r, now) {
		out["status"] = cmp.Or(b.FinishedWord, "finished")
		out["updatedAt"] = stamp(r.settledAt)
		if r.failed {
			out["status"] = cmp.Or(b.FailedWord, "failed")
			if r.fault != nil && r.fault.Status != "" {
				out["status"] = r.fault.Status
			}
			out["statusMsg"] = r.message
		}
	}
	switch b.Telling {
	case TellingNot:
		if r.job.creationSource == sourceWorkday && !b.HideImportedRows {
			out["persistedFields"] = imported(r.input)
		}
	case TellingMeta:
		out["meta"] = o.identity(r)
	case TellingNested:
		user := imported(r.input)
		maps.Copy(user, o.identity(r))
		if known := o.users.ids[r.userID]; known != nil {
			user["username"] = known.fields["username"]
		}
		out["meta"] = map[string]any{"SystemUser": user}
	case TellingPersisted:
		out["persistedFields"] = o.identity(r)
	case TellingFieldNames:
		out["persistedFields"] = fieldNames(r.input)
	}
	return out
}

// identity identifies the row, and the user that it created or changed.
func (o *Organization) identity(r *row) map[string]any {
	out := map[string]any{}
	for _, name := range []string{"id", "username", "email"} {
		if value, ok := r.input[name].(string); ok {
			out[name] = value
		}
	}
	if r.userID != "" {
		out["id"] = r.userID
	}
	return out
}

// imported returns what a row stated, without the password.
func imported(input map[string]any) map[string]any {
	out := maps.Clone(input)
	maps.DeleteFunc(out, func(name string, value any) bool { return name == "password" || value == nil })
	return out
}

func fieldNames(input map[string]any) []string {
	names := make([]string, 0, len(input))
	for name := range input {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
