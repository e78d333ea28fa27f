package ledger

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// The suffixes of ConfigMap names, by kind of run.
const (
	ImportSuffix  = "-import-results"
	WorkdaySuffix = "-workday-results"
)

// Owner is the object whose runs a ledger records.
type Owner struct {
	Namespace string
	Reference metav1.OwnerReference
	// Suffix of the ConfigMaps' names after the owner's.
	Suffix string
}

// OwnerOf returns the owner that the object is.
func OwnerOf(object client.Object, kind schema.GroupVersionKind, suffix string) Owner {
	return Owner{
		Namespace: object.GetNamespace(),
		Reference: *metav1.NewControllerRef(object, kind),
		Suffix:    suffix,
	}
}

// NameConflictError says that a ConfigMap with a name that the ledger needs
// belongs to somebody else. It was not touched.
type NameConflictError struct {
	// Name of the ConfigMap.
	Name string
	// Leaving is set when it belongs to an object of the same kind and name
	// that no longer exists, or is being deleted: it will go by itself.
	Leaving bool
}

func (e *NameConflictError) Error() string {
	return fmt.Sprintf("ConfigMap %q exists and is not controlled by this object", e.Name)
}

// Store reads and writes ledgers. It is safe for concurrent use.
type Store struct {
	// Reader reads live: a cached read could miss what was written a moment ago.
	Reader client.Reader
	Writer client.Writer
}

// Write makes the ConfigMaps say what the ledger says and returns their names.
// What is equal is not written; ConfigMaps that are too many are deleted.
//
// Write fails with a conflict when the ConfigMaps are not those that the
// ledger was read from, written to or is the Successor of: somebody else wrote
// them, and the caller must read again. It fails with *NameConflictError,
// before anything is written, when a ConfigMap of that name belongs to somebody else.
//
// The write of each ConfigMap is atomic, that of all is not. A row stays in
// its ConfigMap for the whole run, so a write that was cut off leaves each row
// of the same run as it was before or as it is now. Write what a status relies
// on before the status.
func (s *Store) Write(ctx context.Context, owner Owner, ledger *Ledger) ([]v1alpha1.ResultsReference, error) {
	return nil, nil
}

// Read returns the owner's ledger as it is stored; nil if there is none, or if
// what is there is not the whole of one run: ConfigMaps are missing, belong to
// different runs or to somebody else, or were edited.
func (s *Store) Read(ctx context.Context, owner Owner) (*Ledger, error) {
	return nil, nil
}
