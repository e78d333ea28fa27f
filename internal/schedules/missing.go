package schedules

import "github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"

// gone records that a job is not there any more. If its time has come, it has run.
func (p *planner) gone(record *v1alpha1.ScheduledJobStatus) {
	e, serves := p.serves(record)
	if serves && p.isLast(e) && !record.At.After(p.Now) {
		latest(p.awaited, IDs(record.UserIDs).Intersection(p.known), record.At.Time)
	}
}

// keepMissing handles a job of ours that JumpCloud does not list.
func (p *planner) keepMissing(record *v1alpha1.ScheduledJobStatus) {
	if !record.At.After(p.Now) {
		if !record.Lost {
			p.gone(record)
		}
		return
	}
	e, serves := p.serves(record)
	users := IDs(record.UserIDs)
	open := users.Intersection(p.able).Difference(p.coveredOf(e))
	if !serves || record.Replacing || open.Len() == 0 {
		return // it was to be cancelled anyway, or nobody needs it
	}
	near := record.At.Sub(p.Now) <= lossMargin
	switch {
	case record.Lost || !near && p.Lost.Has(record.ScheduledJobID):
		if !record.Lost {
			p.NewlyLost = append(p.NewlyLost, *record)
		}
		record.Lost = true
		p.lostUsers = p.lostUsers.Union(open)
	default:
		if !near {
			p.Suspects = append(p.Suspects, *record)
		}
		p.cover(e, record, users)
	}
	p.keep(record, users)
}
