package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Operation says what an import may do.
// +kubebuilder:validation:Enum=Upsert;Create;Update
type Operation string

// The operations of an import.
const (
	// OperationUpsert creates who is missing and updates who differs.
	OperationUpsert Operation = "Upsert"
	// OperationCreate creates who is missing and skips who exists.
	OperationCreate Operation = "Create"
	// OperationUpdate updates who differs and fails who is missing.
	OperationUpdate Operation = "Update"
)

// MatchBy says which value of a row tells which live user it is.
// +kubebuilder:validation:Enum=Username;Email;EmployeeIdentifier
type MatchBy string

// What rows are matched by.
const (
	MatchByUsername           MatchBy = "Username"
	MatchByEmail              MatchBy = "Email"
	MatchByEmployeeIdentifier MatchBy = "EmployeeIdentifier"
)

// StateOnUpdate says whether a row's state counts for users that exist.
// +kubebuilder:validation:Enum=Ignore;Apply
type StateOnUpdate string

// What a row's state means for users that exist.
const (
	// StateOnUpdateIgnore leaves the state of existing users alone.
	StateOnUpdateIgnore StateOnUpdate = "Ignore"
	// StateOnUpdateApply suspends Activated users whose row says Suspended.
	// Staged is left alone, and a suspension is never lifted by an import.
	StateOnUpdateApply StateOnUpdate = "Apply"
)

// OnInvalidRow says what an invalid row does to the others.
// +kubebuilder:validation:Enum=Abort;Skip
type OnInvalidRow string

// What an invalid row does to the others.
const (
	// OnInvalidRowAbort sends nothing while any row is invalid.
	OnInvalidRowAbort OnInvalidRow = "Abort"
	// OnInvalidRowSkip counts invalid rows as failed and sends the others.
	OnInvalidRowSkip OnInvalidRow = "Skip"
)

// CreationSource is JumpCloud's record of where a created user came from.
// +kubebuilder:validation:Enum="jumpcloud:bulk";"jumpcloud:gapps";"jumpcloud:o365";"jumpcloud:workday";"jumpcloud:scim";"jumpcloud:custom_integration"
type CreationSource string

// SourceFormat is how rows are written in a source.
// +kubebuilder:validation:Enum=CSV;JSON;YAML
type SourceFormat string

// The formats of a source.
const (
	SourceFormatCSV  SourceFormat = "CSV"
	SourceFormatJSON SourceFormat = "JSON"
	SourceFormatYAML SourceFormat = "YAML"
)

// RowsSource is a key of a ConfigMap or Secret that holds rows.
// +kubebuilder:validation:ExactlyOneOf=configMapKeyRef;secretKeyRef
type RowsSource struct {
	// ConfigMapKeyRef names a key in data or binaryData of a ConfigMap.
	// +optional
	ConfigMapKeyRef *KeyReference `json:"configMapKeyRef,omitempty"`
	// SecretKeyRef names a key of a Secret. Only these may have a password column.
	// +optional
	SecretKeyRef *KeyReference `json:"secretKeyRef,omitempty"`
	// Format of the content; by the key's ending (.csv, .json, .yaml, .yml) if absent.
	// +optional
	Format SourceFormat `json:"format,omitempty"`
}

// BulkUserImportSpec declares users in bulk.
type BulkUserImportSpec struct {
	// OrganizationRef names the Organization to import into. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new BulkUserImport"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// Operation says what the import may do.
	// +kubebuilder:default=Upsert
	// +optional
	Operation Operation `json:"operation,omitempty"`

	// MatchBy says which value of a row tells which live user it is.
	// +kubebuilder:default=Username
	// +optional
	MatchBy MatchBy `json:"matchBy,omitempty"`

	// Mode says how far the operator goes.
	// +kubebuilder:validation:Enum=Apply;ApplyAfterApproval;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// ApprovedPlan is the hash of the one plan that may run.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedPlan string `json:"approvedPlan,omitempty"`

	// CreationSource is recorded with the users that are created.
	// +kubebuilder:default="jumpcloud:bulk"
	// +optional
	CreationSource CreationSource `json:"creationSource,omitempty"`

	// SuppressAdminEmail keeps JumpCloud from mailing an administrator a summary of each job.
	// +kubebuilder:default=true
	// +optional
	SuppressAdminEmail *bool `json:"suppressAdminEmail,omitempty"`

	// Defaults for users that are created; never for existing ones.
	// +optional
	Defaults *UserAttributes `json:"defaults,omitempty"`

	// StateOnUpdate says whether a row's state counts for users that exist.
	// +kubebuilder:default=Ignore
	// +optional
	StateOnUpdate StateOnUpdate `json:"stateOnUpdate,omitempty"`

	// OnInvalidRow says what an invalid row does to the others.
	// +kubebuilder:default=Abort
	// +optional
	OnInvalidRow OnInvalidRow `json:"onInvalidRow,omitempty"`

	// Users written here.
	// +kubebuilder:validation:MaxItems=500
	// +listType=atomic
	// +optional
	Users []UserRow `json:"users,omitempty"`

	// UsersFrom are ConfigMaps and Secrets with more rows, in order, after users.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	UsersFrom []RowsSource `json:"usersFrom,omitempty"`
}

// BulkUserImportStatus tells what became of the import.
type BulkUserImportStatus struct {
	CommonStatus `json:",inline"`
	RunStatus    `json:",inline"`
}

// BulkUserImport creates and updates users in bulk, and reports every row.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcimport,categories=jumpcloud
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 200",message="names of imports have at most 200 characters"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`
// +kubebuilder:printcolumn:name="Total",type=integer,JSONPath=`.status.summary.total`
// +kubebuilder:printcolumn:name="Created",type=integer,JSONPath=`.status.summary.created`
// +kubebuilder:printcolumn:name="Updated",type=integer,JSONPath=`.status.summary.updated`
// +kubebuilder:printcolumn:name="Failed",type=integer,JSONPath=`.status.summary.failed`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.summary.pending`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.status.plan.hash`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type BulkUserImport struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec declares the users.
	// +required
	Spec BulkUserImportSpec `json:"spec"`
	// Status tells what became of them.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status BulkUserImportStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (i *BulkUserImport) Common() *CommonStatus { return &i.Status.CommonStatus }

// Run returns the part of the status that every kind that runs has.
func (i *BulkUserImport) Run() *RunStatus { return &i.Status.RunStatus }

// OrganizationRef names the Organization that the object belongs to.
func (i *BulkUserImport) OrganizationRef() OrganizationReference { return i.Spec.OrganizationRef }

// BulkUserImportList is a list of BulkUserImports.
// +kubebuilder:object:root=true
type BulkUserImportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []BulkUserImport `json:"items"`
}
