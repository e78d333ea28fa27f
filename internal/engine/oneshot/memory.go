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

// memory is what this process knows of the run of one object besides its
// status. All of it can be lost: a restart reads the ledger, the sources and
// the directory again.
type memory struct {
	// source is where the rows come from, and key the run that they make.
	source Source
	key    string
	// set holds the rows of the source; nil until they are read.
	set *rows.Set
	// all holds the rows of the source while set holds those of them that a run is about
	// which was not seen open yet: if it is not opened, it is planned from all of them.
	all *rows.Set
	// named are whom the sources name; nil until their rows are read, and where it does
	// not matter who leaves.
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
	// denied is what JumpCloud answered to credentials that may not submit,
	// deniedTo the session they were of, and deniedAt when. They are tried again
	// at the next resync or request, and other ones at once.
	denied   error
	deniedTo *session.Session
	deniedAt time.Time
	// reading is the reading of the directory that is under way.
	reading *reading
	// jobs are what was observed of jobs of this run, by index.
	jobs map[int32]*job
	// departures are who has left, as the latest plan says; nil: there is none.
	departures *departures
	// claims are whom other objects named at claimedAt, when calls were about to be made.
	claims    plan.Claims
	claimedAt time.Time
	// proofs are the attempts to prove the present round.
	proofs proofs
	// ahead is a time in the status that had not come when it was first seen, and
	// aheadSince when that was.
	ahead, aheadSince time.Time
	// plan counts what the present plan would do.
	plan v1alpha1.PlanStatus
	// unused is what was reserved in the guard's window for rows that were
	// provably not made, and is to be given back.
	unused reservation
	// surplus is to be given back as well, and the object does not count it.
	surplus reservation
	// reservedAt is when this process took room there last.
	reservedAt time.Time
	// opening is the run that this process tried to open and did not see open.
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

// atLeastNone is the reservation without what is less than nothing.
func (r reservation) atLeastNone() reservation {
	return reservation{max(r.harmful, 0), max(r.created, 0)}
}

// opening is what was reserved for a run by tries to open it, since when.
type opening struct {
	run      int64
	at       time.Time
	reserved reservation
}

// job is what this process observed of one job.
type job struct {
	submission.Observation
	results submission.Results
	// there are the rows that some read of the directory found to be done.
	there map[int]seen
	// asked are the rows of a Suspend job that were asked for, and unanswered
	// are those of them about whose call nothing is known, with a text.
	asked      map[int]bool
	unanswered map[int]string
}

// firstPoll is when the results of a job that this process sent are worth a request; zero:
// another one sent it.
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

// sighted returns a time that the status holds, or when this process first saw it
// if that was earlier: it was written by a clock that was ahead.
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

// dropReading gives up the reading that is under way.
func (m *memory) dropReading() {
	if m.reading != nil {
		m.reading.cancel()
		m.reading = nil
	}
}

// entries returns pointers to the ledger's entries that the filter takes.
func (m *memory) entries(take func(*ledger.Entry) bool) []*ledger.Entry {
	var taken []*ledger.Entry
	for i := range m.ledger.Entries {
		if entry := &m.ledger.Entries[i]; take(entry) {
			taken = append(taken, entry)
		}
	}
	return taken
}

// pending takes entries that have no outcome yet.
func pending(entry *ledger.Entry) bool { return entry.Outcome == "" }

// drop makes the ledger one that is to be read again. What of it was to be given
// back is found again, if what is stored says so still.
func (m *memory) drop() { m.ledger, m.lost, m.unused = nil, nil, reservation{} }

// holdsOthers reports whether the rows that the ledger has of a job are not those that
// were sent.
func (m *memory) holdsOthers(record *v1alpha1.JobStatus) bool {
	return digestOf(m.entries(inJob(record.Index))) != record.Digest
}

// believable reports whether the ledger, as it was read, is that of the open run which
// the status tells of.
func (m *memory) believable(status *v1alpha1.RunStatus) bool {
	return m.ledger != nil && m.ledger.Anchored(status.Results) && isOf(m.ledger, status) &&
		!slices.ContainsFunc(unsettled(status.Jobs), m.holdsOthers)
}

// isOf reports whether a ledger is that of the run which the status tells of.
func isOf(l *ledger.Ledger, status *v1alpha1.RunStatus) bool {
	return l.RunNumber == status.RunNumber && l.RunKey == status.RunKey
}

// inJob takes entries without an outcome that a job holds.
func inJob(index int32) func(*ledger.Entry) bool {
	return func(entry *ledger.Entry) bool { return pending(entry) && entry.Job == index }
}

// memories keeps one memory an object.
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
