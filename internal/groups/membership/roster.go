package membership

import (
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
)

// Find returns the user whom a reference names, and whether there is one.
type Find = func(v1alpha1.UserReference) (directory.User, bool)

// Roster is who is declared. References that name the same user are one member.
type Roster struct {
	// Members are the declared users, in the order of the references.
	Members []directory.User
	// Missing are the references that name nobody in the directory, each once.
	Missing []v1alpha1.UserReference

	// byReference has the id of the user that each reference names.
	byReference map[v1alpha1.UserReference]string
	// ids are those of the members.
	ids sets.Set[string]
}

// NewRoster resolves references. No reference may occur twice.
func NewRoster(references []v1alpha1.UserReference, find Find) *Roster {
	r := &Roster{byReference: make(map[v1alpha1.UserReference]string, len(references)), ids: make(sets.Set[string], len(references))}
	for _, reference := range references {
		person, found := find(reference)
		if !found {
			r.Missing = append(r.Missing, reference)
			continue
		}
		r.byReference[reference] = person.ID
		if !r.ids.Has(person.ID) {
			r.ids.Insert(person.ID)
			r.Members = append(r.Members, person)
		}
	}
	return r
}

// IDs returns the ids of the declared users, in the order of the references.
func (r *Roster) IDs() []string {
	all := make([]string, len(r.Members))
	for i := range r.Members {
		all[i] = r.Members[i].ID
	}
	return all
}

// certain returns the ids of the users whom other references than the pending ones name. Whoever
// only has the name of a pending User may be somebody else.
func (r *Roster) certain(pending sets.Set[v1alpha1.UserReference]) sets.Set[string] {
	if len(pending) == 0 {
		return r.ids
	}
	ids := sets.New[string]()
	for reference, id := range r.byReference {
		if !pending.Has(reference) {
			ids.Insert(id)
		}
	}
	return ids
}

// Undeclared returns those of the live members who are not declared, by their ids.
func (r *Roster) Undeclared(live []string) []v1alpha1.UserReference {
	var undeclared []v1alpha1.UserReference
	for _, id := range live {
		if !r.ids.Has(id) {
			undeclared = append(undeclared, v1alpha1.UserReference{ID: id})
		}
	}
	return undeclared
}
