package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// PushEndpointState says whether a push endpoint may be used.
// +kubebuilder:validation:Enum=Active;Inactive
type PushEndpointState string

// The states of a push endpoint.
const (
	PushEndpointActive   PushEndpointState = "Active"
	PushEndpointInactive PushEndpointState = "Inactive"
)

// PushEndpointReference names one push endpoint of a user.
// +kubebuilder:validation:ExactlyOneOf=id;name
type PushEndpointReference struct {
	// ID is JumpCloud's id of the push endpoint.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// Name of the push endpoint; it must be the only one of the user with that
	// name. Once the endpoint is found, its id is remembered in the status: it may
	// then be renamed.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Name string `json:"name,omitempty"`
}

// PushEndpointSpec declares a push endpoint that a user has enrolled.
type PushEndpointSpec struct {
	// OrganizationRef names the Organization that the user belongs to. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new PushEndpoint"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// User whose device it is. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="user is immutable: make a new PushEndpoint"
	// +required
	User UserReference `json:"user"`

	// Endpoint that is managed. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="endpoint is immutable: make a new PushEndpoint"
	// +required
	Endpoint PushEndpointReference `json:"endpoint"`

	// Name that the endpoint is given; absent leaves it as it is.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Name string `json:"name,omitempty"`

	// State of the endpoint; absent leaves it as it is.
	// +optional
	State PushEndpointState `json:"state,omitempty"`

	// DeletionPolicy says what becomes of the endpoint with this object; Retain if absent.
	// +kubebuilder:validation:Enum=Delete;Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// Mode says how far the operator goes.
	// +kubebuilder:validation:Enum=Apply;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// ApprovedPlan is the hash of the one plan that may run.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedPlan string `json:"approvedPlan,omitempty"`
}

// PushDeviceStatus is the device that an endpoint is.
type PushDeviceStatus struct {
	// Make of the device, as JumpCloud has it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Make string `json:"make,omitempty"`
	// Model of the device, as JumpCloud has it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Model string `json:"model,omitempty"`
	// OS of the device, as JumpCloud has it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	OS string `json:"os,omitempty"`
	// OSVersion of the device, as JumpCloud has it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	OSVersion string `json:"osVersion,omitempty"`
	// AppVersion of JumpCloud's app on the device.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	AppVersion string `json:"appVersion,omitempty"`
}

// PushEndpointStatus tells what the endpoint is at JumpCloud.
type PushEndpointStatus struct {
	CommonStatus `json:",inline"`
	LivingStatus `json:",inline"`

	// ID is JumpCloud's id of the endpoint.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// UserID is JumpCloud's id of the user.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	UserID string `json:"userID,omitempty"`
	// State of the endpoint, as last read.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	State string `json:"state,omitempty"`
	// Deactivated is set while the endpoint is inactive because this object made
	// it so: to reactivate it then gives nobody more than they had.
	// +optional
	Deactivated bool `json:"deactivated,omitempty"`
	// Device that the endpoint is.
	// +optional
	Device *PushDeviceStatus `json:"device,omitempty"`
	// EnrollmentDate of the device.
	// +optional
	EnrollmentDate *metav1.Time `json:"enrollmentDate,omitempty"`
	// LastUsedDate of the device; it may be a day behind.
	// +optional
	LastUsedDate *metav1.Time `json:"lastUsedDate,omitempty"`
}

// PushEndpoint is a device that a user has enrolled for push notifications. It
// can only be adopted: devices enroll by JumpCloud's app.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcpush,categories=jumpcloud
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Model",type=string,JSONPath=`.status.device.model`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.status.plan.hash`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type PushEndpoint struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec declares the endpoint.
	// +required
	Spec PushEndpointSpec `json:"spec"`
	// Status tells what it is.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status PushEndpointStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (e *PushEndpoint) Common() *CommonStatus { return &e.Status.CommonStatus }

// Living returns the part of the status that every kind that lives has.
func (e *PushEndpoint) Living() *LivingStatus { return &e.Status.LivingStatus }

// OrganizationRef names the Organization that the object belongs to.
func (e *PushEndpoint) OrganizationRef() OrganizationReference { return e.Spec.OrganizationRef }

// PushEndpointList is a list of PushEndpoints.
// +kubebuilder:object:root=true
type PushEndpointList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PushEndpoint `json:"items"`
}
