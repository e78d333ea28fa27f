package continuous

import (
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// looks are the intervals at which changes that JumpCloud accepted and does not show yet are
// looked for, before they are made again.
var looks = []time.Duration{time.Second, 5 * time.Second, 15 * time.Second, 40 * time.Second}

// LookedFor returns how long a change that JumpCloud accepted and does not show is looked for
// before it is made again.
func LookedFor() (total time.Duration) {
	for _, wait := range looks {
		total += wait
	}
	return total
}

// looksAfterFailure is how often the operator looks for a change that may be the one that a
// job failed to make.
const looksAfterFailure = 2

// maxAgain bounds the doublings of the intervals for changes that were made again.
const maxAgain = 10

// proof is how far the changes that were made have been seen.
type proof struct {
	// made are digests of the changes that were carried out since the last observation that
	// found nothing to change.
	made map[string]bool
	// unseen counts the observations since then that found any of them still missing, and
	// again how often they were made again for that reason.
	unseen, again int
	// failed is set if a record of the job that was to make the changes says that one of its
	// rows failed.
	failed bool
	// proved is set once an observation of the basis found nothing to change.
	proved bool
}

// expect records a change that was made.
func (p *proof) expect(digest string) {
	if p.made == nil {
		p.made = map[string]bool{}
	}
	p.made[digest] = true
}

// settle forgets what was made: it was seen, or does not matter any more.
func (p *proof) settle() { p.made, p.unseen, p.again, p.failed = nil, 0, 0, false }

// unseen waits if JumpCloud accepted the very same changes a moment ago. In the end they are
// made again, and then waited for twice as long.
func unseen[T Object, M any](p *proof, left []Change[T, M]) (lifecycle.Outcome, bool) {
	for i := range left {
		if !p.made[left[i].digest()] {
			continue
		}
		if p.failed && p.unseen == looksAfterFailure {
			p.settle()
			return rowFailed(&left[i]), true
		}
		if p.unseen == len(looks) {
			p.unseen, p.again = 0, p.again+1
			break
		}
		p.unseen++
		return lifecycle.Retrying(v1alpha1.ProgressingWithRetryReason, fmt.Sprintf(
			"JumpCloud accepted the latest changes and does not show all of them yet (%s). It is checked again.", sample(left[i:i+1])),
			min(looks[p.unseen-1]<<min(p.again, maxAgain), time.Hour)), true
	}
	p.made, p.unseen, p.failed = nil, 0, false
	return lifecycle.Outcome{}, false
}

// rowFailed is the outcome of a change whose job ended with failed rows.
func rowFailed[T Object, M any](change *Change[T, M]) lifecycle.Outcome {
	return lifecycle.Stalled(v1alpha1.SubmissionRejectedReason, fmt.Sprintf(
		"The bulk job to %s ended with failed rows, and the directory does not show this one: JumpCloud does not accept a value in the spec. "+
			"Correct it; the resync tries again, too.", change))
}
