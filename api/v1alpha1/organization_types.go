package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Region is the JumpCloud region an organization lives in. No endpoint tells
// the region of a key: a key of another region is answered like a wrong one.
// +kubebuilder:validation:Enum=US;EU;IN
type Region string

// The regions of JumpCloud.
const (
	RegionUS Region = "US"
	RegionEU Region = "EU"
	RegionIN Region = "IN"
)

// OrganizationSpec declares the connection to one JumpCloud organization.
// +kubebuilder:validation:XValidation:rule="has(self.credentials) || has(self.readCredentials)",message="credentials or readCredentials must be set"
type OrganizationSpec struct {
	// Region of the organization.
	// +kubebuilder:default=US
	// +optional
	Region Region `json:"region,omitempty"`

	// OrganizationID pins the organization. Absent: the only one that the
	// credentials see is pinned in status.
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{24}$`
	// +kubebuilder:validation:MaxLength=24
	// +optional
	OrganizationID string `json:"organizationID,omitempty"`

	// Credentials for the organization. Where readCredentials are set, they are
	// used only for calls that change something. With readCredentials alone the
	// Organization observes: everything beneath it behaves as under mode Plan.
	// +optional
	Credentials *Credentials `json:"credentials,omitempty"`

	// ReadCredentials are used for every call that only reads. They must lead to
	// the same organization as credentials.
	// +optional
	ReadCredentials *Credentials `json:"readCredentials,omitempty"`

	// Endpoint replaces the region's addresses. For tests and development:
	// refused unless the operator runs with --allow-endpoint-override.
	// +optional
	Endpoint *Endpoint `json:"endpoint,omitempty"`

	// Mode Plan makes everything beneath this Organization plan only.
	// +kubebuilder:validation:Enum=Apply;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// AllowedNamespaces says whose objects may use this Organization.
	// +kubebuilder:default={from: Same}
	// +optional
	AllowedNamespaces AllowedNamespaces `json:"allowedNamespaces,omitzero"`

	// ResyncInterval between two checks of the live state, jittered. At least 1s.
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s')",message="resyncInterval must be at least 1s"
	// +optional
	ResyncInterval metav1.Duration `json:"resyncInterval,omitzero"`

	// Limits of the calls to this organization.
	// +kubebuilder:default={requestsPerSecond: 10, burst: 20, bulkBatchSize: 500}
	// +optional
	Limits Limits `json:"limits,omitzero"`

	// Guard against harming many people, by one plan or by many together.
	// +kubebuilder:default={maxHarmful: 25, maxPercent: 5, window: {duration: "24h", maxHarmful: 50, maxPercent: 10}}
	// +optional
	Guard Guard `json:"guard,omitzero"`

	// ProtectedUsers are never changed, suspended or removed by any kind.
	// Users that are linked to an administrator never are either.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	ProtectedUsers []UserReference `json:"protectedUsers,omitempty"`

	// ProtectedGroups are names of user groups; a * at the end stands for any
	// rest. Only objects of this Organization's own namespace may stand for them,
	// and every change of them or of their members asks for an approval.
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=1024
	// +kubebuilder:validation:items:Pattern=`^[^*]*\*?$`
	// +listType=set
	// +optional
	ProtectedGroups []string `json:"protectedGroups,omitempty"`

	// WorkdayHosts are the hosts that the reportURL of a WorkdayInstance may name;
	// a *. at the beginning stands for any subdomain.
	// +kubebuilder:default={"*.workday.com","*.myworkday.com"}
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	// +listType=set
	// +optional
	WorkdayHosts []string `json:"workdayHosts,omitempty"`

	// Approvals says what approves a plan: with Either, spec.approvedPlan of an
	// object or a PlanApproval; with Objects, a PlanApproval only.
	// +kubebuilder:default=Either
	// +optional
	Approvals ApprovalsFrom `json:"approvals,omitempty"`

	// ApprovedPlan is the hash in status.withheld. It releases exactly the plans
	// that are named there, as if each object had named its own hash.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedPlan string `json:"approvedPlan,omitempty"`
}

// Credentials are an API key or a service account.
// +kubebuilder:validation:ExactlyOneOf=apiKeySecretRef;serviceAccountSecretRef
type Credentials struct {
	// APIKeySecretRef names a Secret with an administrator's API key.
	// +optional
	APIKeySecretRef *APIKeySecretReference `json:"apiKeySecretRef,omitempty"`
	// ServiceAccountSecretRef names a Secret with a service account's
	// client-id and client-secret.
	// +optional
	ServiceAccountSecretRef *SecretReference `json:"serviceAccountSecretRef,omitempty"`
}

// APIKeySecretReference names a key of a Secret in the Organization's namespace.
type APIKeySecretReference struct {
	// Name of the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
	// Key in the Secret's data.
	// +kubebuilder:default=api-key
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Key string `json:"key,omitempty"`
}

// SecretReference names a Secret in the object's namespace.
type SecretReference struct {
	// Name of the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
}

// Endpoint is where the API is, without /api.
type Endpoint struct {
	// URL of the API's host, for example http://127.0.0.1:18080.
	// +kubebuilder:validation:Pattern=`^https?://[^\s]+$`
	// +kubebuilder:validation:MaxLength=1024
	// +required
	URL string `json:"url"`
	// TokenURL is the OAuth token endpoint; needed for service accounts only.
	// +kubebuilder:validation:Pattern=`^https?://[^\s]+$`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	TokenURL string `json:"tokenURL,omitempty"`
}

// Limits of the calls to one organization.
type Limits struct {
	// RequestsPerSecond in the long run.
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	RequestsPerSecond int32 `json:"requestsPerSecond,omitempty"`
	// Burst of requests at once.
	// +kubebuilder:default=20
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	Burst int32 `json:"burst,omitempty"`
	// BulkBatchSize is the number of rows of one job. JumpCloud takes at most 800.
	// +kubebuilder:default=500
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=800
	// +optional
	BulkBatchSize int32 `json:"bulkBatchSize,omitempty"`
}

// OrganizationStatus is what is known of the connection.
type OrganizationStatus struct {
	CommonStatus `json:",inline"`

	// DisplayName of the organization at JumpCloud.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	DisplayName string `json:"displayName,omitempty"`

	// Guard counts what objects of the organization did in the guard's window
	// without an approval.
	// +optional
	Guard *GuardStatus `json:"guard,omitempty"`

	// Withheld is what waits for an approval because of the guard or its window.
	// +optional
	Withheld *WithheldStatus `json:"withheld,omitempty"`

	// Released is what spec.approvedPlan, or a PlanApproval for this
	// Organization, released last.
	// +optional
	Released *ReleasedStatus `json:"released,omitempty"`

	// UnreadableRecords is how many users the last complete reading of the
	// directory found with a value that is not of the type that JumpCloud
	// documents. What they have there is taken for unknown: rows that state it
	// about such a user fail, and where it is a username, an email or an
	// employeeIdentifier, nobody can be proved to be absent by one.
	// +kubebuilder:validation:Minimum=0
	// +optional
	UnreadableRecords int32 `json:"unreadableRecords,omitempty"`
}

// Organization is the connection to one JumpCloud organization.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcorg,categories=jumpcloud
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.status.displayName`
// +kubebuilder:printcolumn:name="ID",type=string,JSONPath=`.status.organizationID`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.status.withheld.hash`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type Organization struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec declares the connection.
	// +required
	Spec OrganizationSpec `json:"spec"`
	// Status tells what became of it.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status OrganizationStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (o *Organization) Common() *CommonStatus { return &o.Status.CommonStatus }

// OrganizationList is a list of Organizations.
// +kubebuilder:object:root=true
type OrganizationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Organization `json:"items"`
}
