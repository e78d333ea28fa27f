// Package turns has the objects of an organization change the lists of one user one
// after another. JumpCloud replaces a list as a whole, so a job that sends one undoes
// what every job changed that had not ended when the list was read.
//
// A turn is one object's at a time. It is taken before the user is read for a job that
// sends lists, and kept until it is known what became of the job. Nobody waits for a turn
// while it keeps another one from going on: who does not get it leaves the user for
// later, and is woken. What is kept is in memory alone; a new process finds out first
// which jobs were open.
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

// HolderOf returns an object of a kind as one that takes turns.
func HolderOf(kind string, object metav1.Object) Holder {
	name := types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}
	return Holder{Kind: kind, NamespacedName: name, UID: object.GetUID()}
}

// String names the object for people.
func (h Holder) String() string { return h.Kind + " " + h.NamespacedName.String() }

// For names it in a message of an object of a namespace. It is not named to one of
// another, unless that is the Organization's.
func (h Holder) For(namespace, organizationNamespace string) string {
	if namespace != h.Namespace && namespace != organizationNamespace {
		return "an object of another namespace"
	}
	return h.String()
}

// Open is an object one of whose jobs may be open, as the cluster tells.
type Open struct {
	Holder Holder
	// Version of the object that tells.
	Version string
	// Users are the ids of those whose lists the jobs may change. All says that it is not
	// known who they are.
	Users []string
	All   bool
}

// everyone is the user for whom a turn is taken by whom it is not known whose lists a job
// changes.
const everyone = ""

// Registry knows whose turn it is in all organizations. It is safe for concurrent use.
type Registry struct {
	open          func(ctx context.Context, organizationID string) ([]Open, error)
	mu            sync.Mutex
	organizations map[string]*Turns
}

// New returns a Registry. open returns the objects of an organization whose jobs may be
// open; it is asked once, before the first turn is taken. Nil: none is.
func New(open func(ctx context.Context, organizationID string) ([]Open, error)) *Registry {
	return &Registry{open: open, organizations: map[string]*Turns{}}
}

// Of returns the turns of an organization. It fails where it could not be found out which
// jobs were open before.
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

// Keep ends the turns of an object but those of the users that are needed, as the given
// version of the object tells. It wakes whoever waits for one that ends. A turn that a
// newer version of the object told of stays: the pass was made over an older copy.
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

// turn is one of a holder.
type turn struct {
	user   string
	holder Holder
	// version of the object that told of it; "": this process took it.
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
