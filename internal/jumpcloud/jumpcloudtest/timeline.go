package jumpcloudtest

import "time"

// occurrence is something that happens by itself once its time has come. Its
// zero value is nothing.
type occurrence struct {
	at     time.Time
	happen func()
}

// runDue lets what is due by now happen in the order of time. Of what is due at
// the same instant, rows of jobs come first and the rules of groups last, so that
// a rule sees what the others did.
func (o *Organization) runDue(now time.Time) {
	for {
		var first occurrence
		for _, next := range [...]occurrence{o.nextRow(), o.nextScheduled(), o.nextEvaluation()} {
			if next.happen != nil && (first.happen == nil || next.at.Before(first.at)) {
				first = next
			}
		}
		if first.happen == nil || first.at.After(now) {
			return
		}
		first.happen()
	}
}
