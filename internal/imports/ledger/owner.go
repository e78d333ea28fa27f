package ledger

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The suffixes of ConfigMap names for each kind of run.
const (
	ImportSuffix  = "-import-results"
	WorkdaySuffix = "-workday-results"
)

// Owner is the object whose runs a ledger records.
type Owner struct {
	Namespace string
	// Reference refers to the object as the controller of its ConfigMaps.
	Reference metav1.OwnerReference
	// Suffix comes after the object's name and before a number in the ConfigMaps' names.
	Suffix string
}

// OwnerOf returns the owner for an object of a kind.
func OwnerOf(object client.Object, kind schema.GroupVersionKind, suffix string) Owner {
	return Owner{
		Namespace: object.GetNamespace(),
		Reference: *metav1.NewControllerRef(object, kind),
		Suffix:    suffix,
	}
}

// NameConflictError means that a ConfigMap with a name that the ledger needs belongs to
// another owner. It was not changed.
type NameConflictError struct {
	// Name is the name of the ConfigMap.
	Name string
	// Leaving is set if it belonged to a deleted object of the same kind and name: it will be
	// garbage collected.
	Leaving bool
}

// Error returns a message with the name of the ConfigMap.
func (e *NameConflictError) Error() string {
	return fmt.Sprintf("ConfigMap %q exists and belongs to another object", e.Name)
}

// configMap returns the name of the ConfigMap with an index.
func (o Owner) configMap(index int) string {
	return fmt.Sprintf("%s%s-%03d", o.Reference.Name, o.Suffix, index)
}

// controls reports whether the owner controls the ConfigMap.
func (o Owner) controls(config *corev1.ConfigMap) bool {
	controller := metav1.GetControllerOfNoCopy(config)
	return controller != nil && controller.UID == o.Reference.UID
}

// precededBy reports whether the ConfigMap belongs to an earlier object of the owner's kind
// and name.
func (o Owner) precededBy(config *corev1.ConfigMap) bool {
	controller := metav1.GetControllerOfNoCopy(config)
	return controller != nil && controller.Name == o.Reference.Name && groupKind(*controller) == groupKind(o.Reference)
}

func groupKind(reference metav1.OwnerReference) schema.GroupKind {
	return schema.FromAPIVersionAndKind(reference.APIVersion, reference.Kind).GroupKind()
}

// label returns the owner's name as a label value. It truncates a name that is too long for
// one, and adds a hash that distinguishes names with the same beginning.
func (o Owner) label() string {
	const digits = 16
	name := o.Reference.Name
	if len(name) <= validation.LabelValueMaxLength {
		return name
	}
	return name[:validation.LabelValueMaxLength-digits-1] + "-" + hash(digits, name)
}
