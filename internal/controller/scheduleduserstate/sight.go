package scheduleduserstate

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// user is one that the spec names.
type user struct {
	// name is what the spec names the user by.
	name string
	// id is JumpCloud's; empty for one who is proved not to be in the directory.
	id        string
	state     jumpcloud.State
	protected bool
	// owner is the object whose the user is at one of the events; "": this one's.
	owner string
}

// job is one that JumpCloud lists.
type job struct {
	id string
	event
	users sets.Set[string]
}

// sight is what was seen. Together with the spec and the status it is all that
// a decision rests on.
type sight struct {
	now time.Time
	// lookedAt is when the reading began that states of users are from.
	lookedAt time.Time
	users    []user
	// jobs by id: those that are ours or about one of the users.
	jobs map[string]*job
	// lost are jobs of ours that neither the list of all jobs shows nor those of
	// their users. What is missing from the list and is not lost is believed to
	// be there.
	lost sets.Set[string]
}

// usersOf finds those that references name. Who is named twice is one.
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

// idsOf are the ids of those who are in the directory.
func idsOf(users []user) sets.Set[string] {
	ids := sets.New[string]()
	for _, u := range users {
		if u.id != "" {
			ids.Insert(u.id)
		}
	}
	return ids
}

// jobsIn groups rows by their job, and leaves out jobs that take does not take.
// A job of which some rows can be read is about the users of the others, too.
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

// split reads ids that join wrote.
func split(ids string) sets.Set[string] {
	if ids == "" {
		return sets.New[string]()
	}
	return sets.New(strings.Split(ids, ",")...)
}

// join writes ids in their order.
func join(ids sets.Set[string]) string { return strings.Join(sets.List(ids), ",") }
