package schedules

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// adopt counts what others have scheduled for the declared events. Each user is listed with
// only one job: all users of all jobs would not fit into a status.
func (p *planner) adopt(ours sets.Set[string]) {
	adopted := 0
	for _, id := range slices.Sorted(maps.Keys(p.Jobs)) {
		j := p.Jobs[id]
		users := j.Users.Intersection(p.able)
		_, ahead := p.covered[j.Event]
		if ours.Has(id) || users.Len() == 0 || !ahead && !p.isLast(j.Event) {
			continue
		}
		record := &v1alpha1.ScheduledJobStatus{ScheduledJobID: id, State: j.State, At: metav1.NewTime(j.At), Adopted: true}
		p.takeOver(record, j)
		if !record.Adopted {
			p.cover(j.Event, record, users)
			p.keep(record, j.Users)
			continue
		}
		record.Users, record.UserIDs = int32(users.Len()), join(users.Difference(p.coveredOf(j.Event)))
		p.cover(j.Event, record, users)
		if adopted < maxAdopted {
			p.kept = append(p.kept, *record)
		}
		adopted++
	}
}

// takeOver makes an adopted job the object's own if a person says so. A job with other users
// stays adopted, because a job is cancelled for all of its users.
func (p *planner) takeOver(record *v1alpha1.ScheduledJobStatus, live *Job) {
	if record.Adopted && p.TakesOver && p.able.IsSuperset(live.Users) {
		record.Adopted, record.Mail, record.UserIDs = false, p.mails[record.State], join(live.Users)
	}
}

// reclaim makes the job of the last submission ours again if the status did not keep its list
// of jobs: the CRD may have lacked that field.
func (p *planner) reclaim() {
	last := p.status.Submission
	for i := range p.kept {
		if job := &p.kept[i]; last != nil && job.Adopted && job.ScheduledJobID == last.JobID {
			job.Adopted, job.Mail, job.UserIDs = false, last.Mail, last.UserIDs
		}
	}
}
