package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// PushEndpointState defines whether a push endpoint can be used.
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
	// ID is JumpCloud's id of the push endpoint. 1 to 64 characters. Exactly one of id
	// and name is set.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// Name of the push endpoint. 1 to 1024 characters. The user must have only one with
	// this name. Once the endpoint is found, status.id records its id, so it can be
	// renamed later. Exactly one of id and name is set.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Name string `json:"name,omitempty"`
}

// PushEndpointSpec declares a push endpoint that a user has enrolled.
type PushEndpointSpec struct {
	// OrganizationRef refers to the Organization that the user belongs to. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new PushEndpoint"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// User who owns the device. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="user is immutable: make a new PushEndpoint"
	// +required
	User UserReference `json:"user"`

	// Endpoint to manage. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="endpoint is immutable: make a new PushEndpoint"
	// +required
	Endpoint PushEndpointReference `json:"endpoint"`

	// Name to give the endpoint. 1 to 1024 characters. If absent, the name is not
	// changed.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Name string `json:"name,omitempty"`

	// State of the endpoint. If absent, the state is not changed.
	// +optional
	State PushEndpointState `json:"state,omitempty"`

	// DeletionPolicy defines what happens to the endpoint when this object is deleted.
	// Defaults to Retain.
	// +kubebuilder:validation:Enum=Delete;Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// Mode defines what happens with changes: Apply makes them, Plan only plans them.
	// Defaults to Apply.
	// +kubebuilder:validation:Enum=Apply;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// ApprovedPlan is the hash of the plan to approve, from status.plan.hash: sha256:
	// and 64 hexadecimal digits, 71 characters in all. It approves exactly this plan,
	// once. If absent, only a PlanApproval can approve a plan.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedPlan string `json:"approvedPlan,omitempty"`
}

// PushDeviceStatus describes the device of an endpoint.
type PushDeviceStatus struct {
	// Make of the device, as JumpCloud reports it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Make string `json:"make,omitempty"`
	// Model of the device, as JumpCloud reports it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Model string `json:"model,omitempty"`
	// OS of the device, as JumpCloud reports it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	OS string `json:"os,omitempty"`
	// OSVersion of the device, as JumpCloud reports it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	OSVersion string `json:"osVersion,omitempty"`
	// AppVersion of JumpCloud's app on the device.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	AppVersion string `json:"appVersion,omitempty"`
}

// PushEndpointStatus is the observed state of the endpoint.
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
	// Deactivated is set while the endpoint is inactive because this object deactivated
	// it. Reactivating it then does not count as harm.
	// +optional
	Deactivated bool `json:"deactivated,omitempty"`
	// Device of the endpoint.
	// +optional
	Device *PushDeviceStatus `json:"device,omitempty"`
	// EnrollmentDate of the device.
	// +optional
	EnrollmentDate *metav1.Time `json:"enrollmentDate,omitempty"`
	// LastUsedDate of the device. It may be a day out of date.
	// +optional
	LastUsedDate *metav1.Time `json:"lastUsedDate,omitempty"`
}

// PushEndpoint is a device that a user has enrolled for push notifications. It can only
// be adopted, because only JumpCloud's app can enroll devices.
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

	// Spec declares the endpoint to manage.
	// +required
	Spec PushEndpointSpec `json:"spec"`
	// Status is the observed state of the object.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status PushEndpointStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (e *PushEndpoint) Common() *CommonStatus { return &e.Status.CommonStatus }

// Living returns the part of the status for kinds that are kept as declared.
func (e *PushEndpoint) Living() *LivingStatus { return &e.Status.LivingStatus }

// OrganizationRef returns the reference to the Organization that the object belongs to.
func (e *PushEndpoint) OrganizationRef() OrganizationReference { return e.Spec.OrganizationRef }

// PushEndpointList is a list of PushEndpoints.
// +kubebuilder:object:root=true
type PushEndpointList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PushEndpoint `json:"items"`
}

// Demands returns the adoption of the device, which always exists before its object.
func (*PushEndpoint) Demands() Demands { return Demands{Adopts: true} }

func init() { register(&PushEndpoint{}, &PushEndpointList{}) }
