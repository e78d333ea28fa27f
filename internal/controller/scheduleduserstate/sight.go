package scheduleduserstate

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// user is a user whom the spec names.
type user struct {
	// name is the spec's name for the user.
	name string
	// id is JumpCloud's id; empty for a user who is proved not to be in the directory.
	id        string
	state     jumpcloud.State
	protected bool
	// owner is the object that has the user at one of the events; "": this one.
	owner string
}

// job is a job that JumpCloud lists.
type job struct {
	id string
	event
	users sets.Set[string]
}

// sight is what was seen. With the spec and the status, it is all that a decision rests on.
type sight struct {
	now time.Time
	// lookedAt is when the reading of the users' states began.
	lookedAt time.Time
	users    []user
	// jobs has, by id, those that are ours or about one of the users.
	jobs map[string]*job
	// lost are jobs of ours that neither the list of all jobs nor those of their users show. A
	// job that is missing from the list and is not lost is taken to be there.
	lost sets.Set[string]
}

// usersOf returns the users that references name. A user who is named twice is one.
func usersOf(refs []v1alpha1.UserReference, found *directory.Resolution, protected func(directory.User) bool) []user {
	var all []user
	seen := sets.New[string]()
	for _, ref := range refs {
		name := ref.String()
		u := user{name: name}
		key := "reference " + strings.ToLower(name)
		if ref.Username != "" {
			key = "username " + name
		}
		if person, ok := found.Find(ref); ok {
			u.id, u.state, u.protected, key = person.ID, person.State, protected(person), "id "+person.ID
		}
		if !seen.Has(key) {
			seen.Insert(key)
			all = append(all, u)
		}
	}
	return all
}

// idsOf returns the ids of the users who are in the directory.
func idsOf(users []user) sets.Set[string] {
	ids := sets.New[string]()
	for _, u := range users {
		if u.id != "" {
			ids.Insert(u.id)
		}
	}
	return ids
}

// jobsIn groups rows by their job, and keeps the jobs that take accepts. A job with some
// readable rows is about the users of its other rows, too.
func jobsIn(rows []jumpcloud.ScheduledState, take func(*job) bool) map[string]*job {
	jobs := map[string]*job{}
	for i := range rows {
		row := &rows[i]
		if e, ok := eventOf(row); ok && jobs[row.ScheduledJobID] == nil {
			jobs[row.ScheduledJobID] = &job{id: row.ScheduledJobID, event: e, users: sets.New[string]()}
		}
	}
	for i := range rows {
		if j := jobs[rows[i].ScheduledJobID]; j != nil {
			j.users.Insert(rows[i].SystemUserID)
		}
	}
	for id, j := range jobs {
		if !take(j) {
			delete(jobs, id)
		}
	}
	return jobs
}

// overlap reports whether two sets have anything in common.
func overlap(a, b sets.Set[string]) bool {
	if b.Len() < a.Len() {
		a, b = b, a
	}
	for id := range a {
		if b.Has(id) {
			return true
		}
	}
	return false
}

// split reads the ids that join wrote.
func split(ids string) sets.Set[string] {
	if ids == "" {
		return sets.New[string]()
	}
	return sets.New(strings.Split(ids, ",")...)
}

// join writes ids in sorted order.
func join(ids sets.Set[string]) string { return strings.Join(sets.List(ids), ",") }
