package check

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// jobProbes are about bulk jobs: how they are started, and what they do.
var jobProbes = group{
	title: "bulk jobs", makes: "3 users, about 15 jobs that change these users",
	probes: []probe{
		{"stuckJobs", "", "a job of one row", stuckJobs},
		{"instant", false, "a job of one row", instant},
		{"resultLag", nil, "a job of one row", resultLag},
		{"emptyPolls", 0, "the results of a job that has ended", emptyPolls},
		{"recordsWhenDone", false, "the results of a job of one row", recordsWhenDone},
		{"jobDuration", nil, "jobs of one row and of 20", jobDuration},
		{"rowDuration", nil, "jobs of one row and of 20", rowDuration},
		{"pendingWord", "pending", "the results of jobs", pendingWord},
		{"finishedWord", "finished", "the results of a job of 20 rows", finishedWord},
		{"failedWord", "failed", "the results of a job of 20 rows, of which one must fail", failedWord},
		{"missingRecords", 0, "the results of a job of 20 rows", missingRecords},
		{"recordOrder", "", "the results of a job of 20 rows, of which the first must fail", recordOrder},
		{"endlessResults", false, "results beyond the last of 20", endlessResults},
		{"recordIDsAreJobID", false, "the results of a job of 20 rows", recordIDs},
		{"telling", "", "the results of a job of 20 rows", telling},
		{"serveJobs", false, "/jobs/{id}/results", serveJobs},
		{"unknownJobStatus", http.StatusNotFound, "the results of a job that does not exist", unknownJob},
		{"startStatus", http.StatusOK, "a job that creates one user", startStatus},
		{"lostUsers", false, "a job that creates one user", lostUsers},
		{"actionStatus", http.StatusCreated, "a job that expires a password", actionStatus},
		{"emptyJobStatus", http.StatusBadRequest, "a job without rows", emptyJob},
		{"mergeArrays", false, "a job that sets one of two custom attributes", mergeArrays},
		{"ignoreBulkState", false, "a job that suspends a user", ignoreBulkState},
		{"oversizeLimit", "", "120 results with limit=120", oversizeLimit},
		{"maxRows", 800, "jobs of up to 801 rows", maxRows},
		{"oversizeStatus", http.StatusBadRequest, "a job with more rows than JumpCloud accepts", oversizeStatus},
	},
}

// update returns the call that starts a job of changes.
func update(rows []object) call { return job(http.MethodPatch, "/v2/bulk/users", rows) }

// job returns the call that starts a job. It suppresses the mail to administrators.
func job(method, path string, rows []object) call {
	return call{method: method, path: path, query: url.Values{"suppressEmail": {"true"}}, body: rows}
}

// startUpdate starts a job of changes and returns its id.
func (l *lab) startUpdate(ctx context.Context, rows []object) (string, error) {
	a, err := l.must(ctx, update(rows))
	if err != nil {
		return "", err
	}
	return text(a.object(), "jobId"), nil
}

func results(jobID string, limit, skip int) call {
	return call{path: "/v2/bulk/users/" + jobID + "/results", query: url.Values{
		"limit": {strconv.Itoa(limit)}, "skip": {strconv.Itoa(skip)},
	}}
}

// records returns the first page of a job's records at this moment.
func (l *lab) records(ctx context.Context, jobID string) ([]object, error) {
	a, err := l.must(ctx, results(jobID, pageSize, 0))
	if err != nil {
		return nil, err
	}
	rows, _ := a.rows()
	return rows, nil
}

// changed reports whether the user has this description.
func (l *lab) changed(ctx context.Context, userID, description string) (bool, error) {
	user, err := l.get(ctx, users, userID)
	return text(user, "description") == description, err
}

// subject returns the id of the user that the jobs change.
func (l *lab) subject(ctx context.Context) (string, error) {
	return l.user(ctx, "subject", object{"attributes": []object{{"name": "first", "value": "1"}}})
}

func serveJobs(ctx context.Context, l *lab) (any, error) {
	w, err := l.watch(ctx)
	if err != nil {
		return nil, err
	}
	a, err := l.do(ctx, call{path: "/v2/jobs/" + w.jobID + "/results"})
	switch {
	case err != nil:
		return nil, err
	case a.fine(), a.status == http.StatusNotFound:
		return a.fine(), nil
	}
	return nil, unexpectedError{l.shown}
}

func unknownJob(ctx context.Context, l *lab) (any, error) {
	return l.status(ctx, results(randomHex(12), pageSize, 0))
}

// startStatus must run before any other job has created the user.
func startStatus(ctx context.Context, l *lab) (any, error) {
	a, err := l.must(ctx, job(http.MethodPost, "/v2/bulk/users", []object{l.userBody("bulk", nil)}))
	if err != nil {
		return nil, err
	}
	l.seen.createJob = text(a.object(), "jobId")
	return a.status, nil
}

// lostUsers looks for the user that startStatus created.
func lostUsers(ctx context.Context, l *lab) (any, error) {
	w, err := l.watch(ctx)
	switch {
	case err != nil:
		return nil, err
	case !w.ended || l.seen.createJob == "":
		return nil, unseenError("no job was observed to end")
	}
	_, there, err := l.until(ctx, l.o.Patience, func(time.Duration) (bool, error) {
		rows, err := l.users(ctx)
		for _, row := range rows {
			if text(row, "username") == l.name("bulk") {
				l.adopt(thing{users, text(row, "_id"), "user " + l.name("bulk")})
				return true, err
			}
		}
		return false, err
	})
	if err != nil || there {
		return false, err
	}
	rows, err := l.records(ctx, l.seen.createJob)
	switch {
	case err != nil:
		return nil, err
	case len(rows) != 1 || text(rows[0], "status") != w.final:
		return nil, unseenError("the job did not end within " + l.o.Patience.String())
	}
	l.show("the record says %s, but the user does not exist", w.final)
	return true, nil
}

func actionStatus(ctx context.Context, l *lab) (any, error) {
	id, err := l.subject(ctx)
	if err != nil {
		return nil, err
	}
	a, err := l.must(ctx, job(http.MethodPost, "/v2/bulk/user/expires", []object{{"id": id}}))
	if err != nil {
		return nil, err
	}
	return a.status, nil
}

func emptyJob(ctx context.Context, l *lab) (any, error) {
	return l.status(ctx, update([]object{}))
}

// applied starts a job of one change and returns the user once the change took effect.
func (l *lab) applied(ctx context.Context, userID, description string, change object) (object, error) {
	w, err := l.watch(ctx)
	switch {
	case err != nil:
		return nil, err
	case !w.effect:
		return nil, unseenError("no job was observed to change a user")
	}
	row := object{"id": userID, "description": description}
	maps.Copy(row, change)
	if _, err := l.startUpdate(ctx, []object{row}); err != nil {
		return nil, err
	}
	shown := l.shown
	if _, err := l.lag(ctx, func() (bool, error) { return l.changed(ctx, userID, description) }); err != nil {
		return nil, err
	}
	user, err := l.get(ctx, users, userID)
	l.shown = shown
	return user, err
}

func mergeArrays(ctx context.Context, l *lab) (any, error) {
	id, err := l.subject(ctx)
	if err != nil {
		return nil, err
	}
	user, err := l.applied(ctx, id, "merged", object{"attributes": []object{{"name": "second", "value": "2"}}})
	if err != nil {
		return nil, err
	}
	list, _ := user["attributes"].([]any)
	l.show("%s; attributes afterwards: %d", l.shown, len(list))
	return len(list) == 2, nil
}

func ignoreBulkState(ctx context.Context, l *lab) (any, error) {
	id, err := l.active(ctx)
	if err != nil {
		return nil, err
	}
	user, err := l.applied(ctx, id, "suspended", object{"state": "SUSPENDED"})
	if err != nil {
		return nil, err
	}
	l.show("%s; state afterwards: %s", l.shown, text(user, "state"))
	return text(user, "state") != "SUSPENDED", nil
}
