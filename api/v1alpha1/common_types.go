package v1alpha1

import (
	"cmp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Mode says how far the operator goes. Which modes a kind has, its field says.
type Mode string

const (
	// ModeApply plans and carries out.
	ModeApply Mode = "Apply"
	// ModeApplyAfterApproval plans, and carries out once spec.approvedPlan names the plan.
	ModeApplyAfterApproval Mode = "ApplyAfterApproval"
	// ModePlan plans, and sends no mutating call.
	ModePlan Mode = "Plan"
)

// OrganizationReference names an Organization.
type OrganizationReference struct {
	// Name of the Organization.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`

	// Namespace of the Organization; the object's own if absent. Another
	// namespace's Organization may be used only if its allowedNamespaces admit
	// this one.
	// +kubebuilder:validation:MaxLength=63
	// +optional
	Namespace string `json:"namespace,omitempty"`
}

// UserReference names one user of the directory by exactly one of its
// unique values.
// +kubebuilder:validation:ExactlyOneOf=username;email;id
type UserReference struct {
	// Username; case counts.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Username string `json:"username,omitempty"`

	// Email; case does not count, as JumpCloud lower-cases it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Email string `json:"email,omitempty"`

	// ID is JumpCloud's id of the user: 24 hexadecimal digits.
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{24}$`
	// +kubebuilder:validation:MaxLength=24
	// +optional
	ID string `json:"id,omitempty"`
}

// Names says whether the reference is to the user with these values. The
// username compares with case, the email without.
func (r UserReference) Names(id, username, email string) bool {
	return r.ID != "" && r.ID == id || r.Username != "" && r.Username == username || r.Email != "" && strings.EqualFold(r.Email, email)
}

// String is what the reference states, for people: a username, an email or an
// id. References by different values may have the same text.
func (r UserReference) String() string { return cmp.Or(r.Username, r.Email, r.ID) }

// KeyReference names one key of a ConfigMap or Secret in the object's namespace.
type KeyReference struct {
	// Name of the ConfigMap or Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`

	// Key in its data.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Key string `json:"key"`
}

// PlanStatus is what the operator would do, or did, in one run.
type PlanStatus struct {
	// Hash names this plan: the run's identity and the actions that wait for
	// an approval. Put it into spec.approvedPlan to approve exactly this plan.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Hash string `json:"hash,omitempty"`
	// Total rows.
	Total int32 `json:"total"`
	// Create counts users that would be created.
	Create int32 `json:"create"`
	// Update counts users that would be changed.
	Update int32 `json:"update"`
	// Unchanged counts users that are as declared.
	Unchanged int32 `json:"unchanged"`
	// Skip counts rows that the operation leaves alone.
	Skip int32 `json:"skip"`
	// Invalid counts rows that cannot be sent.
	Invalid int32 `json:"invalid"`
	// Harmful counts rows that harm a user: see HarmClass.
	Harmful int32 `json:"harmful"`
	// Withheld counts rows that wait for an approval.
	// +optional
	Withheld int32 `json:"withheld,omitempty"`
	Grant    `json:",inline"`
	// ActivationMails counts created users to whom JumpCloud would send mail.
	ActivationMails int32 `json:"activationMails"`
}

// CommonStatus is what every kind's status has.
type CommonStatus struct {
	// ObservedGeneration is the generation whose outcome the conditions tell.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Conditions: Ready, Reconciling, Stalled, Paused, and what the kind adds.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// OrganizationID is JumpCloud's id of the organization that the object
	// belongs to, once known. A different one later is OrganizationMismatch.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	OrganizationID string `json:"organizationID,omitempty"`

	// LastHandledReconcileAt echoes the reconcile-requested-at annotation that was last handled.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}
