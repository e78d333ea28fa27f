package v1alpha1

import (
	"cmp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Mode defines whether changes are planned only, wait for an approval, or are applied
// at once. The field of each kind lists the modes that it supports.
type Mode string

const (
	// ModeApply plans changes and carries them out.
	ModeApply Mode = "Apply"
	// ModeApplyAfterApproval plans changes, and carries them out once the plan is
	// approved.
	ModeApplyAfterApproval Mode = "ApplyAfterApproval"
	// ModePlan plans changes and sends no mutating call.
	ModePlan Mode = "Plan"
)

// OrganizationReference refers to an Organization.
type OrganizationReference struct {
	// Name of the Organization. 1 to 253 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`

	// Namespace of the Organization. At most 63 characters. Defaults to the namespace of
	// the object. An Organization in another namespace can be used only if its
	// allowedNamespaces allow the object's namespace.
	// +kubebuilder:validation:MaxLength=63
	// +optional
	Namespace string `json:"namespace,omitempty"`
}

// UserReference refers to one user in the directory by exactly one unique value.
// +kubebuilder:validation:ExactlyOneOf=username;email;id
type UserReference struct {
	// Username of the user. Case-sensitive. 1 to 1024 characters. Exactly one of
	// username, email and id is set.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Username string `json:"username,omitempty"`

	// Email of the user. Not case-sensitive, because JumpCloud converts it to lower
	// case. 1 to 1024 characters. Exactly one of username, email and id is set.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Email string `json:"email,omitempty"`

	// ID is JumpCloud's id of the user: 24 hexadecimal digits. Exactly one of username,
	// email and id is set.
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{24}$`
	// +kubebuilder:validation:MaxLength=24
	// +optional
	ID string `json:"id,omitempty"`
}

// Names reports whether the reference matches a user with these values. Usernames are
// case-sensitive, emails are not.
func (r UserReference) Names(id, username, email string) bool {
	return r.ID != "" && r.ID == id || r.Username != "" && r.Username == username || r.Email != "" && strings.EqualFold(r.Email, email)
}

// String returns the username, email or id for display. Different references may have the
// same text.
func (r UserReference) String() string { return cmp.Or(r.Username, r.Email, r.ID) }

// KeyReference refers to one key of a ConfigMap or Secret in the object's namespace.
type KeyReference struct {
	// Name of the ConfigMap or Secret. 1 to 253 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`

	// Key in its data. 1 to 253 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Key string `json:"key"`
}

// Names returns the name of the ConfigMap or Secret, or nil if there is no reference.
func (r *KeyReference) Names() []string {
	if r == nil {
		return nil
	}
	return []string{r.Name}
}

// PlanStatus describes what the operator would do, or did, in one run.
type PlanStatus struct {
	// Hash identifies this plan: the run and the actions that wait for an approval. To
	// approve exactly this plan, copy it to spec.approvedPlan or to a PlanApproval.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Hash string `json:"hash,omitempty"`
	// Total rows.
	Total int32 `json:"total"`
	// Create counts users that would be created.
	Create int32 `json:"create"`
	// Update counts users that would be changed.
	Update int32 `json:"update"`
	// Unchanged counts users that already match their row.
	Unchanged int32 `json:"unchanged"`
	// Skip counts rows that the operation skips.
	Skip int32 `json:"skip"`
	// Invalid counts rows that cannot be sent.
	Invalid int32 `json:"invalid"`
	// Harmful counts rows with a harmful change.
	Harmful int32 `json:"harmful"`
	// Withheld counts rows that wait for an approval.
	// +optional
	Withheld int32 `json:"withheld,omitempty"`
	// Withdrawn counts rows whose approval was withdrawn before they were sent. They need
	// another approval.
	// +optional
	Withdrawn int32 `json:"withdrawn,omitempty"`
	Grant     `json:",inline"`
	// ActivationMails counts created users who would get mail from JumpCloud.
	ActivationMails int32 `json:"activationMails"`
}

// CommonStatus is the part of the status that all kinds have.
type CommonStatus struct {
	// ObservedGeneration is the generation that the conditions describe.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Conditions of the object: Ready, Reconciling, Stalled, Paused, and others that
	// the kind adds.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// OrganizationID is JumpCloud's id of the object's organization, once it is known. If
	// the Organization later leads to a different one, the object reports
	// OrganizationMismatch.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	OrganizationID string `json:"organizationID,omitempty"`

	// LastHandledReconcileAt is the last handled value of the reconcile-requested-at
	// annotation.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}
