package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// WorkdayInstanceSpec declares an organization's connection to Workday.
type WorkdayInstanceSpec struct {
	// OrganizationRef names the Organization that is connected. JumpCloud allows
	// one instance for an organization. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new WorkdayInstance"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// ReportURL of Workday's report, which must be in JSON: https, and a host that
	// the Organization's workdayHosts has. Another host than the instance has asks
	// for an approval.
	// +kubebuilder:validation:Pattern=`^https?://[^\s/?#]+\S*$`
	// +kubebuilder:validation:MaxLength=2048
	// +required
	ReportURL string `json:"reportURL"`

	// CredentialsSecretRef names the Secret with the credentials of Workday's
	// integration system user, in the keys username and password.
	// +required
	CredentialsSecretRef SecretReference `json:"credentialsSecretRef"`

	// AdoptionPolicy says what may become of an instance that exists already.
	// +kubebuilder:default=IfExists
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// DeletionPolicy says what becomes of the instance with this object; Retain if
	// absent. JumpCloud deletes no instance: Deauthorize takes its credentials away.
	// +kubebuilder:validation:Enum=Deauthorize;Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// Mode says how far the operator goes.
	// +kubebuilder:validation:Enum=Apply;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`
}

// WorkdayAuthStatus tells of the credentials that the instance has.
type WorkdayAuthStatus struct {
	// SecretUID is the uid of the Secret whose credentials were sent last.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	SecretUID string `json:"secretUID,omitempty"`
	// SecretResourceVersion is the version of it.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	SecretResourceVersion string `json:"secretResourceVersion,omitempty"`
	// Host that the instance has got credentials for, or had before they were taken
	// away. Credentials for another one are sent only under an approval.
	// +kubebuilder:validation:MaxLength=2048
	// +optional
	Host string `json:"host,omitempty"`
	// Valid says whether they work, as JumpCloud tells it.
	Valid bool `json:"valid"`
	// Expiry of the credentials, as JumpCloud writes it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Expiry string `json:"expiry,omitempty"`
	// Message is what JumpCloud says of the credentials. They are masked in it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Message string `json:"message,omitempty"`
}

// WorkdayInstanceStatus tells what the instance is at JumpCloud.
type WorkdayInstanceStatus struct {
	CommonStatus `json:",inline"`
	LivingStatus `json:",inline"`

	// ID is JumpCloud's id of the instance.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// Name of the instance.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Name string `json:"name,omitempty"`
	// Adopted is set if the instance was there before this object.
	// +optional
	Adopted bool `json:"adopted,omitempty"`
	// LastImport is what JumpCloud says of the last import.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	LastImport string `json:"lastImport,omitempty"`
	// Auth tells of the credentials.
	// +optional
	Auth *WorkdayAuthStatus `json:"auth,omitempty"`
	// Workers in the report, when they were last counted.
	// +optional
	Workers *int32 `json:"workers,omitempty"`
}

// WorkdayInstance is an organization's connection to Workday: the report that
// its workers are read from, and the credentials for it.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcworkday,categories=jumpcloud
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`
// +kubebuilder:printcolumn:name="Authenticated",type=string,JSONPath=`.status.conditions[?(@.type=="Authenticated")].status`
// +kubebuilder:printcolumn:name="Workers",type=integer,JSONPath=`.status.workers`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.status.plan.hash`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type WorkdayInstance struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec declares the instance.
	// +required
	Spec WorkdayInstanceSpec `json:"spec"`
	// Status tells what it is.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status WorkdayInstanceStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (w *WorkdayInstance) Common() *CommonStatus { return &w.Status.CommonStatus }

// Living returns the part of the status that every kind that lives has.
func (w *WorkdayInstance) Living() *LivingStatus { return &w.Status.LivingStatus }

// OrganizationRef names the Organization that the object belongs to.
func (w *WorkdayInstance) OrganizationRef() OrganizationReference { return w.Spec.OrganizationRef }

// WorkdayInstanceList is a list of WorkdayInstances.
// +kubebuilder:object:root=true
type WorkdayInstanceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []WorkdayInstance `json:"items"`
}
