package scheduleduserstate

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// Orphans describes the jobs that the deletion would have cancelled.
func Orphans(object *v1alpha1.ScheduledUserState) string {
	status := &object.Status
	const most = 20
	var jobs []string
	for i := range status.Jobs {
		if job := &status.Jobs[i]; !job.Adopted {
			jobs = append(jobs, job.ScheduledJobID)
		}
	}
	switch {
	case len(jobs) > 0:
		return "the scheduled jobs " + text.First(jobs, most, len(jobs))
	case status.Submission != nil:
		return "perhaps a scheduled job, whose submission was not answered"
	default:
		return "no scheduled job that is known"
	}
}
