package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Store reads and writes ledgers. It is safe for concurrent use; a Ledger is not.
type Store struct {
	// Reader must read live: a cached read could miss what was just written.
	Reader client.Reader
	Writer client.Writer
}

// Read returns the owner's ledger as it is stored. It returns nil if there is none, or if the
// ConfigMaps are not the whole of one run: some are missing, belong to different runs or to
// another owner, or were edited.
func (s *Store) Read(ctx context.Context, owner Owner) (*Ledger, error) {
	configs, err := s.load(ctx, owner, 0)
	if err != nil {
		return nil, err
	}
	return assemble(configs), nil
}

// Write makes the ConfigMaps match the ledger and returns references to them. It does not
// write what is equal, and deletes surplus ConfigMaps. The ledger can be changed and written
// again afterwards.
//
// Write fails with a conflict (apierrors.IsConflict) if the ConfigMaps are not those that the
// ledger was read from, was written to, or is the Successor of: another client wrote them, and
// the caller must read again. A ledger that replaces none may replace ConfigMaps for which
// Read returns nil. Write fails with *NameConflictError, before it writes anything, if a
// ConfigMap of that name belongs to another owner, and with ErrTooLarge.
//
// Each ConfigMap is written atomically, but not all of them together. After a write that was
// cut off, each row of the same run is either as it was before or as it is now, and Read sets
// Partial. So write here first what a status will rely on.
func (s *Store) Write(ctx context.Context, owner Owner, ledger *Ledger) ([]v1alpha1.ResultsReference, error) {
	shards, err := ledger.shards()
	if err != nil {
		return nil, err
	}
	live, err := s.load(ctx, owner, len(shards))
	if err != nil {
		return nil, err
	}
	changed := changes(owner, shards, live)
	equal := len(changed) == 0 && len(live) == len(shards)
	if !equal && !ledger.replaces(live) {
		return nil, conflict(owner.configMap(0), errors.New("another process wrote the ledger"))
	}
	ledger.versions = versions(live)
	write := fraction(lastWrite(live)+1, len(changed))
	for _, i := range changed {
		config := desired(owner, i, shards[i], live[i])
		config.Annotations[writeAnnotation] = write
		if err := s.put(ctx, config); err != nil {
			return nil, err
		}
		ledger.versions[i] = config.ResourceVersion
	}
	for i := len(live) - 1; i >= len(shards); i-- {
		if err := s.remove(ctx, live[i]); err != nil {
			return nil, err
		}
		ledger.versions = ledger.versions[:i]
	}
	ledger.Partial, ledger.digests = false, make([]string, len(shards))
	for i, shard := range shards {
		ledger.digests[i] = shard.digest
	}
	return ledger.References(owner), nil
}

// Check fails as Write would if the ledger can never be stored as it is: with
// *NameConflictError or ErrTooLarge. It writes nothing.
func (s *Store) Check(ctx context.Context, owner Owner, ledger *Ledger) error {
	shards := len(split(ledger.Entries))
	if shards > maxShards {
		return ErrTooLarge
	}
	_, err := s.load(ctx, owner, shards)
	return err
}

// load gets the owner's ConfigMaps, at least atLeast of them; nil stands for one that does not
// exist. Those beyond atLeast have no gaps, because they are deleted from the end.
func (s *Store) load(ctx context.Context, owner Owner, atLeast int) ([]*corev1.ConfigMap, error) {
	var configs []*corev1.ConfigMap
	for i := range maxShards {
		config := &corev1.ConfigMap{}
		err := s.Reader.Get(ctx, types.NamespacedName{Namespace: owner.Namespace, Name: owner.configMap(i)}, config)
		switch {
		case apierrors.IsNotFound(err) && i >= atLeast:
			return configs, nil
		case apierrors.IsNotFound(err):
			config = nil
		case err != nil:
			return nil, fmt.Errorf("get ConfigMap %s: %w", owner.configMap(i), err)
		case !owner.controls(config) && i >= atLeast:
			return configs, nil
		case !owner.controls(config):
			return nil, &NameConflictError{Name: config.Name, Leaving: owner.precededBy(config)}
		}
		configs = append(configs, config)
	}
	return configs, nil
}

// changes returns the indices of the ConfigMaps that differ from what they should say. After a
// write that was cut off there is at least one, so that a later Read does not consider the
// ledger partial any more.
func changes(owner Owner, shards []shard, live []*corev1.ConfigMap) []int {
	var changed []int
	for i, shard := range shards {
		if live[i] == nil || !equality.Semantic.DeepEqual(live[i], desired(owner, i, shard, live[i])) {
			changed = append(changed, i)
		}
	}
	if len(changed) == 0 && cutOff(live[:len(shards)]) {
		changed = []int{0}
	}
	return changed
}

// desired returns the desired ConfigMap: the live one, or a new one, filled.
func desired(owner Owner, index int, shard shard, live *corev1.ConfigMap) *corev1.ConfigMap {
	config := &corev1.ConfigMap{}
	if live != nil {
		config = live.DeepCopy()
	}
	config.Namespace, config.Name = owner.Namespace, owner.configMap(index)
	shard.fill(config, owner)
	return config
}

// replaces reports whether the ledger may replace these ConfigMaps.
func (l *Ledger) replaces(live []*corev1.ConfigMap) bool {
	if l.versions == nil {
		return assemble(live) == nil
	}
	return slices.Equal(trim(l.versions), trim(versions(live)))
}

// trim removes trailing ConfigMaps that do not exist.
func trim(versions []string) []string {
	for len(versions) > 0 && versions[len(versions)-1] == "" {
		versions = versions[:len(versions)-1]
	}
	return versions
}

// put writes a ConfigMap if it has not changed since it was read.
func (s *Store) put(ctx context.Context, config *corev1.ConfigMap) error {
	if config.ResourceVersion != "" {
		if err := s.Writer.Update(ctx, config); err != nil {
			return fmt.Errorf("update ConfigMap %s: %w", config.Name, err)
		}
		return nil
	}
	err := s.Writer.Create(ctx, config)
	if apierrors.IsAlreadyExists(err) {
		return conflict(config.Name, err)
	}
	if err != nil {
		return fmt.Errorf("create ConfigMap %s: %w", config.Name, err)
	}
	return nil
}

func (s *Store) remove(ctx context.Context, config *corev1.ConfigMap) error {
	err := s.Writer.Delete(ctx, config, client.Preconditions{UID: &config.UID, ResourceVersion: &config.ResourceVersion})
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete ConfigMap %s: %w", config.Name, err)
	}
	return nil
}

func conflict(name string, cause error) error {
	return apierrors.NewConflict(corev1.Resource("configmaps"), name, cause)
}
