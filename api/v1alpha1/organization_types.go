package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Region is the JumpCloud region of an organization. No endpoint returns the region of a
// key, so a key of another region looks like a wrong key.
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
	// Region of the organization. Defaults to US.
	// +kubebuilder:default=US
	// +optional
	Region Region `json:"region,omitempty"`

	// OrganizationID pins the organization: 24 hexadecimal digits. If absent, the only
	// organization that the credentials can see is pinned in the status.
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{24}$`
	// +kubebuilder:validation:MaxLength=24
	// +optional
	OrganizationID string `json:"organizationID,omitempty"`

	// Credentials for the organization. If readCredentials are set, these are used only
	// for calls that change something. If absent, readCredentials must be set, and the
	// Organization only observes: all of its objects behave as in mode Plan.
	// +optional
	Credentials *Credentials `json:"credentials,omitempty"`

	// ReadCredentials are used for all calls that only read. They must lead to the same
	// organization as credentials. If absent, credentials are used for these calls,
	// too.
	// +optional
	ReadCredentials *Credentials `json:"readCredentials,omitempty"`

	// Endpoint replaces the addresses of the region. It is for tests and development,
	// and is rejected unless the operator runs with --allow-endpoint-override. If
	// absent, the region decides.
	// +optional
	Endpoint *Endpoint `json:"endpoint,omitempty"`

	// Mode of the Organization. With Plan, all of its objects only plan. Defaults to
	// Apply.
	// +kubebuilder:validation:Enum=Apply;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// AllowedNamespaces defines which namespaces may use this Organization, and what
	// their objects may do. If absent, only the Organization's own namespace may use
	// it.
	// +kubebuilder:default={from: Same}
	// +optional
	AllowedNamespaces AllowedNamespaces `json:"allowedNamespaces,omitzero"`

	// ResyncInterval is the time between two checks of the live state, with jitter. At
	// least 1s. Defaults to 10m.
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s')",message="resyncInterval must be at least 1s"
	// +optional
	ResyncInterval metav1.Duration `json:"resyncInterval,omitzero"`

	// Limits of the requests to this organization. If absent, all of them have their
	// defaults.
	// +kubebuilder:default={requestsPerSecond: 10, burst: 20, bulkBatchSize: 500, concurrentJobs: 1}
	// +optional
	Limits Limits `json:"limits,omitzero"`

	// Guard limits harmful changes without an approval, by one object and by all
	// objects together. If absent, its fields have their defaults.
	// +kubebuilder:default={maxHarmful: 25, maxPercent: 5, window: {duration: "24h", maxHarmful: 50, maxPercent: 10}}
	// +optional
	Guard Guard `json:"guard,omitzero"`

	// ProtectedUsers are never changed, suspended or removed by any kind; at most 100.
	// Users who are linked to an administrator are always protected. If absent, only they
	// are.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	ProtectedUsers []UserReference `json:"protectedUsers,omitempty"`

	// ProtectedGroups are names of user groups; at most 100, of 1 to 1024 characters
	// each. A * at the end matches any suffix. Only objects in this Organization's
	// namespace may manage these groups, and every change of them or of their members
	// needs an approval. If absent, no group is protected.
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=1024
	// +kubebuilder:validation:items:Pattern=`^[^*]*\*?$`
	// +listType=set
	// +optional
	ProtectedGroups []string `json:"protectedGroups,omitempty"`

	// WorkdayHosts are the hosts that the reportURL of a WorkdayInstance may have; at
	// most 32, of 1 to 253 characters each. A *. at the beginning matches any
	// subdomain. Defaults to *.workday.com and *.myworkday.com.
	// +kubebuilder:default={"*.workday.com","*.myworkday.com"}
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	// +listType=set
	// +optional
	WorkdayHosts []string `json:"workdayHosts,omitempty"`

	// Approvals defines what can approve a plan. Either: spec.approvedPlan of an object
	// or a PlanApproval. Objects: a PlanApproval only. Defaults to Either.
	// +kubebuilder:default=Either
	// +optional
	Approvals ApprovalsFrom `json:"approvals,omitempty"`

	// ApprovedPlan is the hash in status.withheld: sha256: and 64 hexadecimal digits,
	// 71 characters in all. It approves exactly the plans listed there, as if the hash
	// of each object had been approved. If absent, only a PlanApproval can approve them
	// together.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedPlan string `json:"approvedPlan,omitempty"`
}

// Credentials are an API key or a service account.
// +kubebuilder:validation:ExactlyOneOf=apiKeySecretRef;serviceAccountSecretRef
type Credentials struct {
	// APIKeySecretRef refers to a Secret with an administrator's API key. Exactly one
	// of apiKeySecretRef and serviceAccountSecretRef is set.
	// +optional
	APIKeySecretRef *APIKeySecretReference `json:"apiKeySecretRef,omitempty"`
	// ServiceAccountSecretRef refers to a Secret with the client-id and client-secret
	// of a service account. Exactly one of apiKeySecretRef and serviceAccountSecretRef
	// is set.
	// +optional
	ServiceAccountSecretRef *SecretReference `json:"serviceAccountSecretRef,omitempty"`
}

// APIKeySecretReference refers to a key of a Secret in the Organization's namespace.
type APIKeySecretReference struct {
	// Name of the Secret. 1 to 253 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
	// Key in the Secret's data. At most 253 characters. Defaults to api-key.
	// +kubebuilder:default=api-key
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Key string `json:"key,omitempty"`
}

// SecretReference refers to a Secret in the object's namespace.
type SecretReference struct {
	// Name of the Secret. 1 to 253 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
}

// Names returns the name of the Secret, or nil if there is no reference.
func (r *SecretReference) Names() []string {
	if r == nil {
		return nil
	}
	return []string{r.Name}
}

// Endpoint is the address of the API, without /api.
type Endpoint struct {
	// URL of the API's host, for example http://127.0.0.1:18080. At most 1024
	// characters.
	// +kubebuilder:validation:Pattern=`^https?://[^\s]+$`
	// +kubebuilder:validation:MaxLength=1024
	// +required
	URL string `json:"url"`
	// TokenURL is the OAuth token endpoint. At most 1024 characters. If absent, service
	// accounts cannot be used.
	// +kubebuilder:validation:Pattern=`^https?://[^\s]+$`
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	TokenURL string `json:"tokenURL,omitempty"`
}

// Limits of the requests to one organization.
type Limits struct {
	// RequestsPerSecond on average: 1 to 1000. Defaults to 10.
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	RequestsPerSecond int32 `json:"requestsPerSecond,omitempty"`
	// Burst is the number of requests that may be sent at once: 1 to 1000. Defaults to
	// 20.
	// +kubebuilder:default=20
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +optional
	Burst int32 `json:"burst,omitempty"`
	// BulkBatchSize is the number of rows per job: 1 to 800, which is the most that
	// JumpCloud accepts. Defaults to 500.
	// +kubebuilder:default=500
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=800
	// +optional
	BulkBatchSize int32 `json:"bulkBatchSize,omitempty"`
	// ConcurrentJobs is the number of bulk jobs that one import may have running at the
	// same time: 1 to 8. More than one makes an import faster only if JumpCloud runs the
	// jobs of this organization in parallel. Defaults to 1.
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=8
	// +optional
	ConcurrentJobs int32 `json:"concurrentJobs,omitempty"`
}

// OrganizationStatus is the observed state of the connection.
type OrganizationStatus struct {
	CommonStatus `json:",inline"`

	// DisplayName of the organization in JumpCloud.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	DisplayName string `json:"displayName,omitempty"`

	// Guard counts the changes that objects of the organization made without an
	// approval within the guard's window.
	// +optional
	Guard *GuardStatus `json:"guard,omitempty"`

	// Withheld lists the plans that wait for an approval because of the guard or its
	// window, or because their approval was withdrawn.
	// +optional
	Withheld *WithheldStatus `json:"withheld,omitempty"`

	// Released records the plans that spec.approvedPlan, or a PlanApproval for this
	// Organization, released last.
	// +optional
	Released *ReleasedStatus `json:"released,omitempty"`

	// UnreadableRecords is the number of users in the last complete reading of the
	// directory with a value that does not have the type that JumpCloud documents. Such a
	// value is unknown, and rows that state its field for such a user fail. If the field
	// is username, email or employeeIdentifier, the operator cannot prove by it that a
	// user is absent.
	// +kubebuilder:validation:Minimum=0
	// +optional
	UnreadableRecords int32 `json:"unreadableRecords,omitempty"`
}

// Organization connects the operator to one JumpCloud organization.
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
	// Status is the observed state of the object.
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

func init() { register(&Organization{}, &OrganizationList{}) }
