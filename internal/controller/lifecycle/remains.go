package lifecycle

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Remains says what an object that goes without its Organization leaves at
// JumpCloud, as far as its spec and status know.
func Remains(object Object) string {
	switch o := any(object).(type) {
	case *v1alpha1.BulkUserImport:
		return openJobs(o.Status.Jobs)
	case *v1alpha1.WorkdayImport:
		return openJobs(o.Status.Jobs)
	case *v1alpha1.ScheduledUserState:
		return scheduled(&o.Status)
	case *v1alpha1.UserGroup:
		return made("user group", o.GroupName(), o.Status.ID, o.Status.Creating)
	case *v1alpha1.WorkdayInstance:
		return made("Workday instance", cmp.Or(o.Status.Name, o.Name), o.Status.ID, o.Status.Creating)
	case *v1alpha1.PushEndpoint:
		return made("push endpoint", cmp.Or(o.Spec.Name, o.Name), o.Status.ID, nil)
	default:
		return "what the object stands for: its spec and status name it"
	}
}

// made describes one thing with an id of its own.
func made(what, name, id string, creating *v1alpha1.CreatingStatus) string {
	switch {
	case id != "":
		return fmt.Sprintf("the %s %s with id %s", what, name, id)
	case creating != nil:
		return fmt.Sprintf("perhaps a %s %s, whose creation was not answered", what, creating.Name)
	default:
		return fmt.Sprintf("the %s %s, if there is one", what, name)
	}
}

// openJobs describes the jobs whose results nobody reads any more.
func openJobs(jobs []v1alpha1.JobStatus) string {
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

// scheduled describes the jobs that were to be cancelled.
func scheduled(status *v1alpha1.ScheduledUserStateStatus) string {
	const most = 20
	var jobs []string
	for i := range status.Jobs {
		if job := &status.Jobs[i]; !job.Adopted {
			jobs = append(jobs, job.ScheduledJobID)
		}
	}
	switch {
	case len(jobs) > most:
		return fmt.Sprintf("the scheduled jobs %s and %d more", strings.Join(jobs[:most], ", "), len(jobs)-most)
	case len(jobs) > 0:
		return "the scheduled jobs " + strings.Join(jobs, ", ")
	case status.Submission != nil:
		return "perhaps a scheduled job, whose submission was not answered"
	default:
		return "no scheduled job that is known"
	}
}
