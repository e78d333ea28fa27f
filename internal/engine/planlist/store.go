package planlist

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// Store reads and writes the ConfigMaps of plans. It is safe for concurrent use.
type Store struct {
	// Reader reads live: a cached read could miss what was written a moment ago.
	Reader client.Reader
	Writer client.Writer
}

// Book is a plan that is to be in ConfigMaps, compared with those that exist.
type Book struct {
	// References name the ConfigMaps, with digests of what they are to hold. Write them to the
	// status before Write: whoever finds other content knows that it is not of this plan.
	References []v1alpha1.ResultsReference

	wanted []*corev1.ConfigMap // to be written
	extra  []*corev1.ConfigMap // to be deleted
}

// Settled reports whether the ConfigMaps are as they should be.
func (b *Book) Settled() bool { return len(b.wanted) == 0 && len(b.extra) == 0 }

// Prepare compares the ConfigMaps with the plan; without changes, there must be none. It fails
// with *ledger.NameConflictError if a ConfigMap with a name that the plan needs belongs to
// somebody else, and with ErrTooLarge.
func (s *Store) Prepare(ctx context.Context, owner Owner, changes []Change) (*Book, error) {
	var shards []shard
	if len(changes) > 0 {
		var err error
		if shards, err = split(changes); err != nil {
			return nil, err
		}
	}
	book := &Book{}
	for i := range maxShards {
		live, err := s.get(ctx, &owner, i)
		switch {
		case err != nil:
			return nil, err
		case i >= len(shards) && (live == nil || !owner.controls(live)):
			return book, nil
		case i >= len(shards):
			book.extra = append(book.extra, live)
			continue
		case live != nil && !owner.controls(live):
			return nil, &ledger.NameConflictError{Name: live.Name, Leaving: owner.precededBy(live)}
		}
		wanted := fill(&owner, i, shards[i], live)
		if live == nil || !equality.Semantic.DeepEqual(live, wanted) {
			book.wanted = append(book.wanted, wanted)
		}
		book.References = append(book.References, v1alpha1.ResultsReference{
			ConfigMap: wanted.Name, Rows: int32(shards[i].rows), Digest: digest(shards[i].content),
		})
	}
	return book, nil
}

// Write creates, updates and deletes the ConfigMaps as prepared. It fails with a conflict if
// somebody else wrote them since Prepare.
func (s *Store) Write(ctx context.Context, book *Book) error {
	for _, config := range book.wanted {
		write, verb := s.Writer.Update, "update"
		if config.ResourceVersion == "" {
			write, verb = func(ctx context.Context, o client.Object, _ ...client.UpdateOption) error {
				return s.Writer.Create(ctx, o)
			}, "create"
		}
		err := write(ctx, config)
		if apierrors.IsAlreadyExists(err) {
			return apierrors.NewConflict(corev1.Resource("configmaps"), config.Name, err)
		}
		if err != nil {
			return fmt.Errorf("%s ConfigMap %s: %w", verb, config.Name, err)
		}
	}
	for _, config := range slices.Backward(book.extra) {
		err := s.Writer.Delete(ctx, config, client.Preconditions{UID: &config.UID, ResourceVersion: &config.ResourceVersion})
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete ConfigMap %s: %w", config.Name, err)
		}
	}
	return nil
}

// get reads a ConfigMap; nil: it does not exist.
func (s *Store) get(ctx context.Context, owner *Owner, index int) (*corev1.ConfigMap, error) {
	config := &corev1.ConfigMap{}
	err := s.Reader.Get(ctx, types.NamespacedName{Namespace: owner.Namespace, Name: owner.Name(index)}, config)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get ConfigMap %s: %w", owner.Name(index), err)
	}
	return config, nil
}

// fill returns the ConfigMap as it should be: the live one or a new one, with the content of
// the shard. Labels, annotations and owners that others have set stay.
func fill(owner *Owner, index int, s shard, live *corev1.ConfigMap) *corev1.ConfigMap {
	config := &corev1.ConfigMap{}
	if live != nil {
		config = live.DeepCopy()
	}
	config.Namespace, config.Name = owner.Namespace, owner.Name(index)
	config.Data, config.BinaryData = map[string]string{Key: s.content}, nil
	metav1.SetMetaDataLabel(&config.ObjectMeta, v1alpha1.ManagedByLabel, v1alpha1.ManagedBy)
	if len(config.OwnerReferences) == 0 {
		config.OwnerReferences = []metav1.OwnerReference{owner.Reference}
	}
	return config
}
