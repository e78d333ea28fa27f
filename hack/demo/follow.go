package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// pollInterval between two looks at the imports.
const pollInterval = 200 * time.Millisecond

// follow prints what changes, until every object is Ready or one is Stalled.
func follow(ctx context.Context, reader client.Reader) error {
	news := &news{began: time.Now(), told: map[string]string{}}
	return wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		return news.look(ctx, reader)
	})
}

// news tells each fact once.
type news struct {
	began time.Time
	told  map[string]string
}

// tell prints a line about a subject unless it was the last one about it.
func (n *news) tell(object, subject, line string) {
	if n.told[object+subject] == line {
		return
	}
	n.told[object+subject] = line
	elapsed := time.Since(n.began).Truncate(100 * time.Millisecond)
	fmt.Printf("  %6.1fs  %-12s %s\n", elapsed.Seconds(), object, line)
}

// look reads everything once and says whether all of it is Ready.
func (n *news) look(ctx context.Context, reader client.Reader) (done bool, err error) {
	var organizations v1alpha1.OrganizationList
	var imports v1alpha1.BulkUserImportList
	for _, list := range []client.ObjectList{&organizations, &imports} {
		if err := reader.List(ctx, list); err != nil {
			return false, err
		}
	}
	done = true
	for i := range organizations.Items {
		o := &organizations.Items[i]
		ready, err := n.outcome(o.Name, o.Generation, &o.Status.CommonStatus)
		if err != nil {
			return false, err
		}
		done = done && ready
	}
	for i := range imports.Items {
		o := &imports.Items[i]
		n.progress(o.Name, &o.Status.RunStatus)
		ready, err := n.outcome(o.Name, o.Generation, &o.Status.CommonStatus)
		if err != nil {
			return false, err
		}
		done = done && ready
	}
	return done, nil
}

// outcome tells the conditions of an object. A Stalled one is an error: it
// waits for a person, and there is none.
func (n *news) outcome(name string, generation int64, status *v1alpha1.CommonStatus) (ready bool, err error) {
	if c := apimeta.FindStatusCondition(status.Conditions, v1alpha1.StalledCondition); c != nil {
		return false, fmt.Errorf("%s is stalled: %s: %s", name, c.Reason, c.Message)
	}
	c := apimeta.FindStatusCondition(status.Conditions, v1alpha1.ReadyCondition)
	if c == nil {
		return false, nil
	}
	n.tell(name, "ready", fmt.Sprintf("Ready=%s %s: %s", c.Status, c.Reason, c.Message))
	return c.Status == "True" && status.ObservedGeneration == generation, nil
}

// progress tells the jobs of a run and how many of its rows are done.
func (n *news) progress(name string, run *v1alpha1.RunStatus) {
	if p := run.Plan; p != nil {
		n.tell(name, "plan", fmt.Sprintf("plan: %d to create, %d to update, %d unchanged, of %d", p.Create, p.Update, p.Unchanged, p.Total))
	}
	for i := range run.Jobs {
		job := &run.Jobs[i]
		n.tell(name, fmt.Sprint("job", job.Index), fmt.Sprintf("job %d: %s %d rows: %s %s", job.Index, job.Operation, job.Rows, job.State, job.JobID))
	}
	if s := run.Summary; s != nil && s.Total > 0 {
		finished := s.Total - s.Pending
		n.tell(name, "rows", fmt.Sprintf("%s %d of %d rows", bar(finished, s.Total), finished, s.Total))
	}
}

// bar draws which part of a total is done.
func bar(part, total int32) string {
	const width = 30
	filled := int(part * width / total)
	return strings.Repeat("█", filled) + strings.Repeat("░", width-filled)
}
