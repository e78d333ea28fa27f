package lifecycle

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// staleCacheDelay is about as long as a watch takes to return our own write.
const staleCacheDelay = 100 * time.Millisecond

// known remembers, for each object that exists, its UID and the version of our last write. A
// pass on an older copy would repeat work and end in a conflict; a status of a newer version
// is one that we did not write. The zero value is ready for use.
type known struct {
	mu      sync.Mutex
	objects map[types.NamespacedName]version
}

type version struct {
	uid     types.UID
	written string // "" if we have not written the object yet
	behind  bool   // the cache does not have our last write yet
	writing bool   // a write is under way
}

// writing records that a write of ours begins: its event may arrive before its answer. Call
// the returned function after the answer, before the object is read again.
func (k *known) writing(object client.Object) (end func()) {
	key := client.ObjectKeyFromObject(object)
	note := func(writing bool) {
		k.mu.Lock()
		defer k.mu.Unlock()
		last := k.objects[key]
		last.writing = writing
		k.objects[key] = last
	}
	note(true)
	return func() { note(false) }
}

// wrote records the version that a write of ours made.
func (k *known) wrote(object client.Object) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := client.ObjectKeyFromObject(object)
	k.objects[key] = version{
		uid: object.GetUID(), written: object.GetResourceVersion(), behind: true, writing: k.objects[key].writing,
	}
}

// foreign reports whether we did not write this version of an object that was seen before.
func (k *known) foreign(object client.Object) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	last, ok := k.objects[client.ObjectKeyFromObject(object)]
	if !ok || last.uid != object.GetUID() || last.writing {
		return false
	}
	if last.written == "" {
		return true
	}
	order, err := resourceversion.CompareResourceVersion(object.GetResourceVersion(), last.written)
	return err == nil && order > 0
}

// saw records an object of the cache. It returns whether this copy is older than our last
// write, and the UID of another object that had the name before.
func (k *known) saw(object client.Object) (stale bool, replaced types.UID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.objects == nil {
		k.objects = map[types.NamespacedName]version{}
	}
	key := client.ObjectKeyFromObject(object)
	last, ok := k.objects[key]
	switch {
	case ok && last.uid != object.GetUID():
		replaced = last.uid
	case last.behind:
		// Versions that do not compare are left to the precondition of the write.
		order, err := resourceversion.CompareResourceVersion(object.GetResourceVersion(), last.written)
		if err == nil && order < 0 {
			return true, ""
		}
	}
	current := version{uid: object.GetUID()}
	if replaced == "" {
		current.written = last.written
	}
	k.objects[key] = current
	return false, replaced
}

// forget drops an object and returns its UID, or "".
func (k *known) forget(key types.NamespacedName) types.UID {
	k.mu.Lock()
	defer k.mu.Unlock()
	uid := k.objects[key].uid
	delete(k.objects, key)
	return uid
}
