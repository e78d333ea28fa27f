// Package turns makes the objects of an organization change the lists of a user one after
// another. JumpCloud replaces a list as a whole, so a job that sends one undoes the changes of
// every job that had not ended when the list was read.
//
// One object at a time has a turn. It takes the turn before the user is read for a job that
// sends lists, and keeps it until the outcome of the job is known. No object holds up another
// one while it waits for a turn: one that does not get it leaves the user for later, and is
// woken. Turns are in memory only; a new process first finds out which jobs were open.
package turns

import (
	"context"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// Holder is an object that takes turns.
type Holder struct {
	Kind string
	types.NamespacedName
	UID types.UID
}

// HolderOf returns the Holder of an object of a kind.
func HolderOf(kind string, object metav1.Object) Holder {
	name := types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}
	return Holder{Kind: kind, NamespacedName: name, UID: object.GetUID()}
}

// String names the object for people.
func (h Holder) String() string { return h.Kind + " " + h.NamespacedName.String() }

// For names the object in a message of an object in a namespace. An object of another
// namespace does not see the name, unless that is the Organization's namespace.
func (h Holder) For(namespace, organizationNamespace string) string {
	if namespace != h.Namespace && namespace != organizationNamespace {
		return "an object of another namespace"
	}
	return h.String()
}

// Open is an object one of whose jobs may be open, according to the cluster.
type Open struct {
	Holder Holder
	// Version is the object's version that was read.
	Version string
	// Users are the ids of the users whose lists the jobs may change. All is set if the users
	// are not known.
	Users []string
	All   bool
}

// everyone stands for all users in a turn of a job whose users are not known.
const everyone = ""

// Registry holds the turns of all organizations. It is safe for concurrent use.
type Registry struct {
	open          func(ctx context.Context, organizationID string) ([]Open, error)
	mu            sync.Mutex
	organizations map[string]*Turns
}

// New returns a Registry. open returns the objects of an organization whose jobs may be open;
// it is called until it succeeds once, before the first turn is taken. nil: there are none.
func New(open func(ctx context.Context, organizationID string) ([]Open, error)) *Registry {
	return &Registry{open: open, organizations: map[string]*Turns{}}
}

// Of returns the turns of an organization. It fails if it cannot find out which jobs were open
// before.
func (r *Registry) Of(ctx context.Context, organizationID string) (*Turns, error) {
	t := r.of(organizationID)
	t.restoring.Lock()
	defer t.restoring.Unlock()
	if t.restored {
		return t, nil
	}
	if r.open != nil {
		open, err := r.open(ctx, organizationID)
		if err != nil {
			return nil, err
		}
		t.restore(open)
	}
	t.restored = true
	return t, nil
}

func (r *Registry) of(organizationID string) *Turns {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.organizations[organizationID]
	if t == nil {
		t = &Turns{
			byUser: map[string][]turn{}, byHolder: map[Holder]map[string]bool{},
			waiting: map[string]map[Holder]func(){}, ended: map[string]ended{},
		}
		r.organizations[organizationID] = t
	}
	return t
}

// Keep ends the turns of an object, except those of users that are needed according to this
// version of the object. It wakes the objects that wait for a turn that ends. A turn that
// comes from a newer version of the object stays: the pass saw an older copy.
func (r *Registry) Keep(holder Holder, version string, needed func(userID string) bool) {
	for _, t := range r.all() {
		t.keep(holder, func(turn turn) bool { return turn.newerThan(version) || needed != nil && needed(turn.user) })
	}
}

// Drop ends all turns of an object that is gone.
func (r *Registry) Drop(holder Holder) {
	for _, t := range r.all() {
		t.keep(holder, func(turn) bool { return false })
	}
}

func (r *Registry) all() []*Turns {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*Turns, 0, len(r.organizations))
	for _, t := range r.organizations {
		all = append(all, t)
	}
	return all
}

// turn is the turn of a holder for a user.
type turn struct {
	user   string
	holder Holder
	// version of the object that it was restored from; "": this process took it.
	version string
}

func (t turn) newerThan(version string) bool {
	if t.version == "" {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(t.version, version)
	return err == nil && order > 0
}

// ended is the end of a user's last turn.
type ended struct {
	at time.Time
	by Holder
}
