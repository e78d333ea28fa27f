package oneshot

import (
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// memory is what this process knows about the run of one object besides its status. All of it
// can be lost: after a restart, the ledger, the sources and the directory are read again.
type memory struct {
	// source is where the rows come from, and key is the key of the run that they make.
	source Source
	key    string
	// set holds the rows of the source; nil until they are read.
	set *rows.Set
	// all holds all rows of the source while set holds only those that a run is about whose
	// opening was not seen yet. If the run is not opened, it is planned from all of them.
	all *rows.Set
	// named are the users that the sources name; nil until their rows are read, or if leavers
	// do not matter.
	named *plan.Named
	// ledger of the run; nil until it is read or planned.
	ledger *ledger.Ledger
	// lost is the ledger of an open run that could not be written; nil if it was.
	lost *ledger.Ledger
	// completes are the users that an earlier run created without their manager; nil
	// until they are known.
	completes map[string]bool
	// kept are the values that JumpCloud keeps in another form than the rows of earlier
	// runs, by user; nil until they are known.
	kept map[string][]v1alpha1.KeptValue
	// decided is the latest plan.
	decided decided
	// denied is what JumpCloud answered to credentials that may not submit, deniedTo is the
	// session that they belong to, and deniedAt is the time. The same credentials are tried
	// again at the next resync or request, different ones at once.
	denied   error
	deniedTo *session.Session
	deniedAt time.Time
	// reading is the reading of the directory that is under way.
	reading *reading
	// jobs holds what was observed of jobs of this run, by index.
	jobs map[int32]*job
	// departures are the users who have left according to the latest plan; nil if there is no
	// plan yet, or if leavers do not matter.
	departures *departures
	// claims are the users that other objects named at claimedAt, when calls were about to be
	// made.
	claims    plan.Claims
	claimedAt time.Time
	// proofs are the attempts to prove the present round.
	proofs proofs
	// ahead is a time in the status that was in the future when it was first seen, and
	// aheadSince is when that was.
	ahead, aheadSince time.Time
	// plan counts what the present plan would do.
	plan v1alpha1.PlanStatus
	// unused is room that was reserved in the guard's window for rows that were provably not
	// made. It is to be given back.
	unused reservation
	// surplus is also to be given back, but the object does not count it.
	surplus reservation
	// reservedAt is when this process last took room there.
	reservedAt time.Time
	// opening is the run that this process tried to open and has not seen open.
	opening opening
}

// reservation is room in the guard's window.
type reservation struct{ harmful, created int }

func (r reservation) plus(other reservation) reservation {
	return reservation{r.harmful + other.harmful, r.created + other.created}
}

func (r reservation) minus(other reservation) reservation {
	return reservation{r.harmful - other.harmful, r.created - other.created}
}

// atLeastNone returns the reservation with negative numbers replaced by 0.
func (r reservation) atLeastNone() reservation {
	return reservation{max(r.harmful, 0), max(r.created, 0)}
}

// opening is the room that attempts to open a run have taken for it since at.
type opening struct {
	run      int64
	at       time.Time
	reserved reservation
}

// job is what this process observed of one job.
type job struct {
	submission.Observation
	results submission.Results
	// there holds the rows that any reading of the directory found done.
	there map[int]seen
	// asked are the rows of a Suspend job for which a call was made, and unanswered are those
	// of them whose call has an unknown outcome, with a text.
	asked      map[int]bool
	unanswered map[int]string
}

// firstPoll returns when the results of a job that this process sent are worth a request; zero
// if another process sent it.
func (j *job) firstPoll(record *v1alpha1.JobStatus) time.Time {
	if j.Sent == nil || record.SubmittedAt == nil {
		return time.Time{}
	}
	return record.SubmittedAt.Add(firstPoll)
}

func newMemory() *memory { return &memory{jobs: map[int32]*job{}} }

// job returns what was observed of a job.
func (m *memory) job(index int32) *job {
	if m.jobs[index] == nil {
		m.jobs[index] = &job{there: map[int]seen{}, asked: map[int]bool{}, unanswered: map[int]string{}}
	}
	return m.jobs[index]
}

// sighted returns a time from the status, or, if that is earlier, when this process first saw
// it: the time was then written by a clock that was ahead.
func (m *memory) sighted(at, now time.Time) time.Time {
	if m.ahead.Equal(at) {
		return m.aheadSince
	}
	if !at.After(now) {
		return at
	}
	m.ahead, m.aheadSince = at, now
	return now
}

// dropReading cancels the reading that is under way.
func (m *memory) dropReading() {
	if m.reading != nil {
		m.reading.cancel()
		m.reading = nil
	}
}

// entries returns pointers to the ledger's entries that the filter accepts.
func (m *memory) entries(take func(*ledger.Entry) bool) []*ledger.Entry {
	var taken []*ledger.Entry
	for i := range m.ledger.Entries {
		if entry := &m.ledger.Entries[i]; take(entry) {
			taken = append(taken, entry)
		}
	}
	return taken
}

// pending selects entries that have no outcome yet.
func pending(entry *ledger.Entry) bool { return entry.Outcome == "" }

// drop discards the ledger, so that it is read again. Room that was to be given back is found
// again if the stored ledger still says so.
func (m *memory) drop() { m.ledger, m.lost, m.unused = nil, nil, reservation{} }

// holdsOthers reports whether the ledger's rows of a job differ from those that were sent.
func (m *memory) holdsOthers(record *v1alpha1.JobStatus) bool {
	return digestOf(m.entries(inJob(record.Index))) != record.Digest
}

// believable reports whether the ledger, as it was read, belongs to the open run in the
// status.
func (m *memory) believable(status *v1alpha1.RunStatus) bool {
	return m.ledger != nil && m.ledger.Anchored(status.Results) && isOf(m.ledger, status) &&
		!slices.ContainsFunc(unsettled(status.Jobs), m.holdsOthers)
}

// isOf reports whether a ledger belongs to the run in the status.
func isOf(l *ledger.Ledger, status *v1alpha1.RunStatus) bool {
	return l.RunNumber == status.RunNumber && l.RunKey == status.RunKey
}

// inJob selects entries without an outcome that a job holds.
func inJob(index int32) func(*ledger.Entry) bool {
	return func(entry *ledger.Entry) bool { return pending(entry) && entry.Job == index }
}

// memories keeps one memory for each object.
type memories struct {
	mu    sync.Mutex
	byUID map[types.UID]*memory
}

func (m *memories) get(uid types.UID) *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byUID == nil {
		m.byUID = map[types.UID]*memory{}
	}
	if m.byUID[uid] == nil {
		m.byUID[uid] = newMemory()
	}
	return m.byUID[uid]
}

func (m *memories) forget(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.byUID[uid]; known != nil {
		known.dropReading()
	}
	delete(m.byUID, uid)
}
