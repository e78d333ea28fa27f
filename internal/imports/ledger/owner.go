package ledger

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The suffixes of ConfigMap names, by kind of run.
const (
	ImportSuffix  = "-import-results"
	WorkdaySuffix = "-workday-results"
)

// Owner is the object whose runs a ledger records.
type Owner struct {
	Namespace string
	// Reference to the object as the controller of its ConfigMaps.
	Reference metav1.OwnerReference
	// Suffix of the ConfigMaps' names, after the object's own and before a number.
	Suffix string
}

// OwnerOf returns the owner that an object of a kind is.
func OwnerOf(object client.Object, kind schema.GroupVersionKind, suffix string) Owner {
	return Owner{
		Namespace: object.GetNamespace(),
		Reference: *metav1.NewControllerRef(object, kind),
		Suffix:    suffix,
	}
}

// NameConflictError says that a ConfigMap with a name that the ledger needs
// belongs to another owner. It was not touched.
type NameConflictError struct {
	// Name of the ConfigMap.
	Name string
	// Leaving is set when it belonged to an object of the same kind and name
	// that was deleted: it will be collected as garbage.
	Leaving bool
}

// Error names the ConfigMap.
func (e *NameConflictError) Error() string {
	return fmt.Sprintf("ConfigMap %q exists and belongs to another object", e.Name)
}

// configMap is the name of the ConfigMap with an index.
func (o Owner) configMap(index int) string {
	return fmt.Sprintf("%s%s-%03d", o.Reference.Name, o.Suffix, index)
}

// controls reports whether the ConfigMap is the owner's.
func (o Owner) controls(config *corev1.ConfigMap) bool {
	controller := metav1.GetControllerOfNoCopy(config)
	return controller != nil && controller.UID == o.Reference.UID
}

// precededBy reports whether the ConfigMap is of an earlier object of the
// owner's kind and name.
func (o Owner) precededBy(config *corev1.ConfigMap) bool {
	controller := metav1.GetControllerOfNoCopy(config)
	return controller != nil && controller.Name == o.Reference.Name && groupKind(*controller) == groupKind(o.Reference)
}

func groupKind(reference metav1.OwnerReference) schema.GroupKind {
	return schema.FromAPIVersionAndKind(reference.APIVersion, reference.Kind).GroupKind()
}

// label is the owner's name as the value of a label. A name that is too long
// for one is cut, and a hash keeps it apart from others that begin alike.
func (o Owner) label() string {
	const digits = 16
	name := o.Reference.Name
	if len(name) <= validation.LabelValueMaxLength {
		return name
	}
	return name[:validation.LabelValueMaxLength-digits-1] + "-" + hash(digits, name)
}
