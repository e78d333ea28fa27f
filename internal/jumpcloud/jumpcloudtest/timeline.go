package jumpcloudtest

import "time"

// occurrence is something that happens by itself at a certain time. The zero value means
// nothing.
type occurrence struct {
	at     time.Time
	happen func()
}

// runDue makes everything happen that is due by now, in the order of time. At the same
// instant, rows of jobs come first and the rules of groups last, so that a rule sees the
// effect of the others.
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
