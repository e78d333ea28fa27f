package lifecycle

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// staleCacheDelay is about what a watch takes to bring back our own write.
const staleCacheDelay = 100 * time.Millisecond

// known remembers of each object that exists its uid, and the version of our
// last write until the cache has it. A pass on an older copy would repeat work
// and end in a conflict. The zero value is ready for use.
type known struct {
	mu      sync.Mutex
	objects map[types.NamespacedName]version
}

type version struct {
	uid     types.UID
	written string // "" once the cache has caught up
}

// wrote notes the version that a write of ours made.
func (k *known) wrote(object client.Object) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.objects[client.ObjectKeyFromObject(object)] = version{object.GetUID(), object.GetResourceVersion()}
}

// saw notes an object of the cache. It returns whether this copy is older than
// our last write, and the uid of another object that had the name before.
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
	case last.written != "":
		// Versions that do not compare are left to the precondition of the write.
		order, err := resourceversion.CompareResourceVersion(object.GetResourceVersion(), last.written)
		if err == nil && order < 0 {
			return true, ""
		}
	}
	k.objects[key] = version{uid: object.GetUID()}
	return false, replaced
}

// forget drops an object and returns the uid that it had, or "".
func (k *known) forget(key types.NamespacedName) types.UID {
	k.mu.Lock()
	defer k.mu.Unlock()
	uid := k.objects[key].uid
	delete(k.objects, key)
	return uid
}
