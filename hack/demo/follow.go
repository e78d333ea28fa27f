package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// pollInterval is the time between two looks at the objects.
const pollInterval = 200 * time.Millisecond

// news prints each fact once.
type news struct {
	began time.Time
	told  map[string]string // the state that was printed last, by object and subject
}

func newNews() *news { return &news{began: time.Now(), told: map[string]string{}} }

// follow prints what changes, until every object is Ready and the leaver is suspended, or an
// object is Stalled.
func (n *news) follow(ctx context.Context, reader client.Reader) error {
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		return n.look(ctx, reader)
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("not everything is Ready after %v", timeout)
	}
	return err
}

// tell prints a line about a subject if the subject's state has changed.
func (n *news) tell(object, subject, state, line string) {
	if n.told[object+subject] == state {
		return
	}
	n.told[object+subject] = state
	fmt.Printf("  %6.1f s  %-12s %s\n", time.Since(n.began).Seconds(), object, line)
}

// reported is an object of any of the operator's kinds.
type reported interface {
	client.Object
	Common() *v1alpha1.CommonStatus
}

// look reads everything once and reports whether all of it is in its final state.
func (n *news) look(ctx context.Context, reader client.Reader) (done bool, err error) {
	done = true
	for _, list := range []client.ObjectList{
		&v1alpha1.OrganizationList{}, &v1alpha1.BulkUserImportList{}, &v1alpha1.UserList{}, &v1alpha1.UserGroupList{},
		&v1alpha1.ScheduledUserStateList{}, &v1alpha1.PushEndpointList{}, &v1alpha1.WorkdayInstanceList{}, &v1alpha1.WorkdayImportList{},
	} {
		if err := reader.List(ctx, list); err != nil {
			return false, err
		}
		err := apimeta.EachListItem(list, func(item runtime.Object) error {
			object, ok := item.(reported)
			if !ok {
				return fmt.Errorf("%T reports nothing", item)
			}
			ready, err := n.outcome(object)
			done = done && ready
			return err
		})
		if err != nil {
			return false, err
		}
	}
	return done, nil
}

// outcome prints the conditions and the progress of an object. A Stalled object is an error:
// it waits for a person, and there is none.
func (n *news) outcome(object reported) (ready bool, err error) {
	if users, ok := object.(interface{ Run() *v1alpha1.RunStatus }); ok {
		n.progress(object.GetName(), users.Run())
	}
	name, status := object.GetName(), object.Common()
	if c := apimeta.FindStatusCondition(status.Conditions, v1alpha1.StalledCondition); c != nil {
		return false, fmt.Errorf("%s is stalled: %s: %s", name, c.Reason, c.Message)
	}
	c := apimeta.FindStatusCondition(status.Conditions, v1alpha1.ReadyCondition)
	if c == nil {
		return false, nil
	}
	n.tell(name, "ready", c.Reason, fmt.Sprintf("Ready=%s %s: %s", c.Status, c.Reason, c.Message))
	ready = c.Status == "True" && status.ObservedGeneration == object.GetGeneration()
	return ready && (name != leaver || c.Reason == v1alpha1.ExecutedReason), nil
}

// progress prints the plan of a run, its jobs, and how many of its rows are done.
func (n *news) progress(name string, run *v1alpha1.RunStatus) {
	if p := run.Plan; p != nil {
		line := fmt.Sprintf("plan for %d rows: create %d, update %d, leave %d as they are", p.Total, p.Create, p.Update, p.Unchanged)
		n.tell(name, "plan", line, line)
	}
	for i := range run.Jobs {
		job := &run.Jobs[i]
		if job.JobID == "" {
			continue // not sent yet
		}
		operation, state := strings.ToLower(string(job.Operation)), strings.ToLower(string(job.State))
		n.tell(name, fmt.Sprint("job ", job.Index), state,
			fmt.Sprintf("job %d, %s %d rows, %s (%s)", job.Index, operation, job.Rows, state, job.JobID))
	}
	if s := run.Summary; s != nil && s.Total > 0 {
		done := s.Total - s.Pending
		line := fmt.Sprintf("%s %d of %d rows done", bar(done, s.Total), done, s.Total)
		n.tell(name, "rows", line, line)
	}
}

// bar draws the part of a total that is done.
func bar(part, total int32) string {
	const width = 30
	filled := int(part * width / total)
	return strings.Repeat("█", filled) + strings.Repeat("░", width-filled)
}
