package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// WorkdayInstanceSpec declares an organization's connection to Workday.
type WorkdayInstanceSpec struct {
	// OrganizationRef refers to the Organization to connect to Workday. JumpCloud
	// allows one instance per organization. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new WorkdayInstance"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// ReportURL is the https URL of the Workday report, in JSON. At most 2048
	// characters. Its host must be in the Organization's workdayHosts. Moving an
	// instance to another host needs an approval.
	// +kubebuilder:validation:Pattern=`^https?://[^\s/?#]+\S*$`
	// +kubebuilder:validation:MaxLength=2048
	// +required
	ReportURL string `json:"reportURL"`

	// CredentialsSecretRef refers to a Secret with the credentials of Workday's
	// integration system user in the keys username and password. If absent, an existing
	// instance keeps its credentials, and no instance is created.
	// +optional
	CredentialsSecretRef *SecretReference `json:"credentialsSecretRef,omitempty"`

	// AdoptionPolicy defines whether an existing instance is adopted: IfExists adopts
	// it or creates a new one, Never adopts none, MustExist creates none. Defaults to
	// IfExists.
	// +kubebuilder:default=IfExists
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// DeletionPolicy defines what happens to the instance when this object is deleted.
	// Defaults to Retain. JumpCloud cannot delete an instance; Deauthorize removes its
	// credentials.
	// +kubebuilder:validation:Enum=Deauthorize;Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// Mode defines what happens with changes: Apply makes them, Plan only plans them.
	// Defaults to Apply.
	// +kubebuilder:validation:Enum=Apply;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`
}

// WorkdayAuthStatus describes the credentials of the instance.
type WorkdayAuthStatus struct {
	// SecretUID is the uid of the Secret whose credentials were sent last.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	SecretUID string `json:"secretUID,omitempty"`
	// SecretResourceVersion is the resourceVersion of that Secret.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	SecretResourceVersion string `json:"secretResourceVersion,omitempty"`
	// Host that credentials were last sent for. Credentials are sent for another host
	// only with an approval.
	// +kubebuilder:validation:MaxLength=2048
	// +optional
	Host string `json:"host,omitempty"`
	// Valid reports whether the credentials work, according to JumpCloud.
	Valid bool `json:"valid"`
	// Expiry of the credentials, as JumpCloud reports it.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Expiry string `json:"expiry,omitempty"`
	// Message is JumpCloud's text about the credentials, with the credentials masked.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Message string `json:"message,omitempty"`
}

// WorkdayInstanceStatus is the observed state of the instance.
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
	// Adopted is set if the instance existed before this object.
	// +optional
	Adopted bool `json:"adopted,omitempty"`
	// LastImport is JumpCloud's text about the last import.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	LastImport string `json:"lastImport,omitempty"`
	// Auth describes the credentials of the instance.
	// +optional
	Auth *WorkdayAuthStatus `json:"auth,omitempty"`
	// Workers is the number of workers in the report when they were last counted.
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
	// Status is the observed state of the object.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status WorkdayInstanceStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (w *WorkdayInstance) Common() *CommonStatus { return &w.Status.CommonStatus }

// Living returns the part of the status for kinds that are kept as declared.
func (w *WorkdayInstance) Living() *LivingStatus { return &w.Status.LivingStatus }

// OrganizationRef returns the reference to the Organization that the object belongs to.
func (w *WorkdayInstance) OrganizationRef() OrganizationReference { return w.Spec.OrganizationRef }

// WorkdayInstanceList is a list of WorkdayInstances.
// +kubebuilder:object:root=true
type WorkdayInstanceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []WorkdayInstance `json:"items"`
}

// Demands returns a privilege, because an instance decides whose workers become users.
func (w *WorkdayInstance) Demands() Demands {
	return Demands{Adopts: w.Status.Adopted, Privileges: []string{"a Workday instance"}}
}

func init() { register(&WorkdayInstance{}, &WorkdayInstanceList{}) }
