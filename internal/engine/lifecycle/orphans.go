package lifecycle

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// orphans says what an object that goes without its Organization leaves at JumpCloud, as far
// as its spec and status show.
func (r *Reconciler[T]) orphans(object T) string {
	if r.Orphans == nil {
		return "what the object stands for: its spec and status name it"
	}
	return r.Orphans(object)
}

// OrphanedResource describes one thing at JumpCloud with an id of its own, for
// Options.Orphans.
func OrphanedResource(what, name, id string, creating *v1alpha1.CreatingStatus) string {
	switch {
	case id != "":
		return fmt.Sprintf("the %s %s with id %s", what, name, id)
	case creating != nil:
		return fmt.Sprintf("perhaps a %s %s, whose creation was not answered", what, creating.Name)
	default:
		return fmt.Sprintf("the %s %s, if there is one", what, name)
	}
}

// OrphanedJobs describes the jobs of a run whose results are not read any more, for
// Options.Orphans.
func OrphanedJobs(jobs []v1alpha1.JobStatus) string {
	var open []string
	for i := range jobs {
		switch job := &jobs[i]; job.State {
		case v1alpha1.JobSubmitted:
			open = append(open, fmt.Sprintf("job %s of %d rows", cmp.Or(job.JobID, "without id"), job.Rows))
		case v1alpha1.JobIntended, v1alpha1.JobOutcomeUnknown, v1alpha1.JobTimedOut:
			open = append(open, fmt.Sprintf("perhaps a job of %d rows", job.Rows))
		default:
		}
	}
	if len(open) == 0 {
		return "the users that it has made"
	}
	return strings.Join(open, ", ") + ", whose results are not read"
}
