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

	// Credentials for the organization.
	// +required
	Credentials Credentials `json:"credentials"`

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

	// Guard against harming many people by one plan.
	// +kubebuilder:default={maxHarmful: 25, maxPercent: 5}
	// +optional
	Guard Guard `json:"guard,omitzero"`

	// ProtectedUsers are never changed, suspended or removed by any kind.
	// Users that are linked to an administrator never are either.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	ProtectedUsers []UserReference `json:"protectedUsers,omitempty"`
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

// NamespacesFrom says which namespaces are admitted.
// +kubebuilder:validation:Enum=Same;All;Selector
type NamespacesFrom string

// What allowedNamespaces.from may be.
const (
	// NamespacesFromSame admits the Organization's own namespace.
	NamespacesFromSame NamespacesFrom = "Same"
	// NamespacesFromAll admits every namespace.
	NamespacesFromAll NamespacesFrom = "All"
	// NamespacesFromSelector admits namespaces whose labels match.
	NamespacesFromSelector NamespacesFrom = "Selector"
)

// AllowedNamespaces says whose objects may use an Organization.
// +kubebuilder:validation:XValidation:rule="(self.from == 'Selector') == has(self.selector)",message="selector must be set exactly when from is Selector"
type AllowedNamespaces struct {
	// From says which namespaces are admitted.
	// +kubebuilder:default=Same
	// +optional
	From NamespacesFrom `json:"from,omitempty"`
	// Selector over namespace labels, for from: Selector.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
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

// Guard bounds the harm of one plan: suspending a user, changing a username
// or email, removing a group member, deactivating or deleting a push
// endpoint. A plan that would harm more than the smaller of the two figures,
// but at least 3, withholds all of these until it is approved.
type Guard struct {
	// MaxHarmful changes of one plan.
	// +kubebuilder:default=25
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	// +optional
	MaxHarmful *int32 `json:"maxHarmful,omitempty"`
	// MaxPercent of the organization's users.
	// +kubebuilder:default=5
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	MaxPercent *int32 `json:"maxPercent,omitempty"`
}

// OrganizationStatus is what is known of the connection.
type OrganizationStatus struct {
	CommonStatus `json:",inline"`

	// DisplayName of the organization at JumpCloud.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	DisplayName string `json:"displayName,omitempty"`
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
