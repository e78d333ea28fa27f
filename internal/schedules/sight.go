package schedules

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Sight is what was seen. With the terms and the status, it is all that a decision rests on.
type Sight struct {
	Now time.Time
	// LookedAt is when the reading of the users' states began.
	LookedAt time.Time
	Users    []User
	// Jobs has, by id, those that are ours or about one of the users.
	Jobs map[string]*Job
	// Lost are jobs of ours that neither the list of all jobs nor those of their users show. A
	// job that is missing from the list and is not lost is taken to be there.
	Lost sets.Set[string]
}

// User is a user whom the spec names.
type User struct {
	// Name is the spec's name for the user.
	Name string
	// ID is JumpCloud's id; empty for a user who is proved not to be in the directory.
	ID        string
	State     jumpcloud.State
	Protected bool
	// Owner is the object that has the user at one of the events; "": this one.
	Owner string
	// Phase is what Decide sets.
	Phase v1alpha1.ScheduledUserPhase
}

// Job is a job that JumpCloud lists.
type Job struct {
	ID string
	Event
	// Users are ids.
	Users sets.Set[string]
}

// wireStates are JumpCloud's names of the states.
var wireStates = map[v1alpha1.SchedulableState]jumpcloud.State{
	v1alpha1.SchedulableSuspended: jumpcloud.StateSuspended,
	v1alpha1.SchedulableActivated: jumpcloud.StateActivated,
}

// maxJobID is the longest id that a status can hold.
const maxJobID = 128

// JobsIn groups rows by their job's id. A job with some readable rows is about the users of its
// other rows, too. Jobs that a status cannot record are left out.
func JobsIn(rows []jumpcloud.ScheduledState) map[string]*Job {
	jobs := map[string]*Job{}
	for i := range rows {
		id := rows[i].ScheduledJobID
		if e, ok := rowEvent(&rows[i]); ok && jobs[id] == nil && len(id) <= maxJobID {
			jobs[id] = &Job{ID: id, Event: e, Users: sets.New[string]()}
		}
	}
	for i := range rows {
		if j := jobs[rows[i].ScheduledJobID]; j != nil {
			j.Users.Insert(rows[i].SystemUserID)
		}
	}
	return jobs
}

// Unreadable reports whether it is unknown what a row schedules.
func Unreadable(row *jumpcloud.ScheduledState) bool {
	return row.Unread != nil || row.ScheduledDate.IsZero()
}

// rowEvent returns the event of a row; false if its state cannot be declared or its event
// cannot be read.
func rowEvent(row *jumpcloud.ScheduledState) (Event, bool) {
	if Unreadable(row) {
		return Event{}, false
	}
	for state, wire := range wireStates {
		if wire == row.State {
			return Event{state, row.ScheduledDate.UTC().Truncate(time.Second)}, true
		}
	}
	return Event{}, false
}

// IDsOf returns the ids of the users who are in the directory.
func IDsOf(users []User) sets.Set[string] {
	ids := sets.New[string]()
	for _, u := range users {
		if u.ID != "" {
			ids.Insert(u.ID)
		}
	}
	return ids
}

// IDs returns the ids in a text of a status.
func IDs(joined string) sets.Set[string] {
	if joined == "" {
		return sets.New[string]()
	}
	return sets.New(strings.Split(joined, ",")...)
}

// join writes ids as IDs reads them, in sorted order.
func join(ids sets.Set[string]) string { return strings.Join(sets.List(ids), ",") }

// meet reports whether two sets have anything in common.
func meet(a, b sets.Set[string]) bool { return a.Intersection(b).Len() > 0 }
