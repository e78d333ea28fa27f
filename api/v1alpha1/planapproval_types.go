package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ApprovableKind is a kind whose objects have plans to approve. The plan of an
// Organization consists of the plans in its status.withheld.
// +kubebuilder:validation:Enum=Organization;BulkUserImport;ScheduledUserState;UserGroup;WorkdayInstance;WorkdayImport;PushEndpoint;User
type ApprovableKind string

// ApprovableReference names an object of this operator in the same namespace.
type ApprovableReference struct {
	// Kind of the object.
	// +required
	Kind ApprovableKind `json:"kind"`
	// Name of the object. 1 to 253 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
}

// PlanApprovalSpec names the plan that may be carried out.
type PlanApprovalSpec struct {
	// ObjectRef refers to the object whose plan is approved.
	// +required
	ObjectRef ApprovableReference `json:"objectRef"`
	// Plan is the hash in status.plan.hash of the object, or in status.withheld.hash of
	// an Organization: sha256: and 64 hexadecimal digits, 71 characters in all.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +required
	Plan string `json:"plan"`
	// Reason for the approval, such as a ticket number. At most 1024 characters. It is
	// informational only. If absent, none is recorded.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Reason string `json:"reason,omitempty"`
}

// PlanApprovalStatus is the observed state of the approval.
type PlanApprovalStatus struct {
	CommonStatus `json:",inline"`

	// ObjectUID is the uid of the approved object. The approval does not count for
	// another object of the same name.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ObjectUID string `json:"objectUID,omitempty"`
}

// PlanApproval approves one plan of one object, once. The permission to create it is the
// permission to approve. Deleting it withdraws the approval of unsent changes.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcapproval,categories=jumpcloud
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Kind",type=string,JSONPath=`.spec.objectRef.kind`
// +kubebuilder:printcolumn:name="Object",type=string,JSONPath=`.spec.objectRef.name`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.spec.plan`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type PlanApproval struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec names the plan that is approved. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a PlanApproval is immutable: make a new one"
	// +required
	Spec PlanApprovalSpec `json:"spec"`
	// Status is the observed state of the object.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status PlanApprovalStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (a *PlanApproval) Common() *CommonStatus { return &a.Status.CommonStatus }

// PlanApprovalList is a list of PlanApprovals.
// +kubebuilder:object:root=true
type PlanApprovalList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PlanApproval `json:"items"`
}

func init() { register(&PlanApproval{}, &PlanApprovalList{}) }
