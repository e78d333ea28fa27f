package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Operation defines which users an import creates and updates.
// +kubebuilder:validation:Enum=Upsert;Create;Update
type Operation string

// The operations of an import.
const (
	// OperationUpsert creates missing users and updates users who differ.
	OperationUpsert Operation = "Upsert"
	// OperationCreate creates missing users and skips existing ones.
	OperationCreate Operation = "Create"
	// OperationUpdate updates users who differ. Rows of missing users fail.
	OperationUpdate Operation = "Update"
)

// MatchBy is the field that rows and live users are matched by.
// +kubebuilder:validation:Enum=Username;Email;EmployeeIdentifier
type MatchBy string

// The fields that rows can be matched by.
const (
	MatchByUsername           MatchBy = "Username"
	MatchByEmail              MatchBy = "Email"
	MatchByEmployeeIdentifier MatchBy = "EmployeeIdentifier"
)

// StateOnUpdate defines whether the state in a row applies to existing users.
// +kubebuilder:validation:Enum=Ignore;Apply
type StateOnUpdate string

// How the state in a row applies to existing users.
const (
	// StateOnUpdateIgnore does not change the state of existing users.
	StateOnUpdateIgnore StateOnUpdate = "Ignore"
	// StateOnUpdateApply suspends Activated users whose row says Suspended. The state
	// of Staged users is not changed, and an import never lifts a suspension.
	StateOnUpdateApply StateOnUpdate = "Apply"
)

// OnInvalidRow defines what happens to the other rows if a row is invalid.
// +kubebuilder:validation:Enum=Abort;Skip
type OnInvalidRow string

// What happens to the other rows if a row is invalid.
const (
	// OnInvalidRowAbort sends nothing if any row is invalid.
	OnInvalidRowAbort OnInvalidRow = "Abort"
	// OnInvalidRowSkip counts invalid rows as failed and sends all others.
	OnInvalidRowSkip OnInvalidRow = "Skip"
)

// OnUnknownManager defines what happens to a row whose manager is neither in the
// directory nor created by the run.
// +kubebuilder:validation:Enum=Omit;Invalid
type OnUnknownManager string

// What happens to a row whose manager is unknown.
const (
	// OnUnknownManagerOmit creates or updates the user without the manager, and records
	// that in the row. The next run that finds the manager sets it.
	OnUnknownManagerOmit OnUnknownManager = "Omit"
	// OnUnknownManagerInvalid makes the row invalid, like one with a wrong value.
	OnUnknownManagerInvalid OnUnknownManager = "Invalid"
)

// CreationSource is where a created user came from, as JumpCloud records it.
// +kubebuilder:validation:Enum="jumpcloud:bulk";"jumpcloud:gapps";"jumpcloud:o365";"jumpcloud:workday";"jumpcloud:scim";"jumpcloud:custom_integration"
type CreationSource string

// SourceFormat is the format of a source.
// +kubebuilder:validation:Enum=CSV;JSON;YAML
type SourceFormat string

// The formats of a source.
const (
	SourceFormatCSV  SourceFormat = "CSV"
	SourceFormatJSON SourceFormat = "JSON"
	SourceFormatYAML SourceFormat = "YAML"
)

// ColumnAttribute is the attribute of a user that a column states, such as
// department or attributes.EmployeeID. At most 300 characters. "" leaves the column out.
// +kubebuilder:validation:MaxLength=300
type ColumnAttribute string

// RowsSource is a key of a ConfigMap or Secret that holds rows.
// +kubebuilder:validation:ExactlyOneOf=configMapKeyRef;secretKeyRef
// +kubebuilder:validation:XValidation:rule="!has(self.columns) || !has(self.format) || self.format == 'CSV'",message="only CSV has columns"
type RowsSource struct {
	// ConfigMapKeyRef refers to a key in data or binaryData of a ConfigMap. Exactly one
	// of configMapKeyRef and secretKeyRef is set.
	// +optional
	ConfigMapKeyRef *KeyReference `json:"configMapKeyRef,omitempty"`
	// SecretKeyRef refers to a key of a Secret. Only rows in Secrets may have a
	// password column. Exactly one of configMapKeyRef and secretKeyRef is set.
	// +optional
	SecretKeyRef *KeyReference `json:"secretKeyRef,omitempty"`
	// Format of the content. If absent, it depends on the suffix of the key: .csv,
	// .json, .yaml or .yml.
	// +optional
	Format SourceFormat `json:"format,omitempty"`
	// Columns maps names in the header of a CSV to the attributes that the columns state;
	// at most 256. "" leaves a column out; filter and mapping still see it. Other columns
	// keep their meaning. If absent, all do.
	// +kubebuilder:validation:MaxProperties=256
	// +optional
	Columns map[string]ColumnAttribute `json:"columns,omitempty"`
}

// BulkUserImportSpec declares the users to import.
type BulkUserImportSpec struct {
	// OrganizationRef refers to the Organization to import into. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new BulkUserImport"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// Operation defines which users the import creates and updates: Upsert creates
	// missing users and updates users who differ, Create only creates, Update only
	// updates. Defaults to Upsert.
	// +kubebuilder:default=Upsert
	// +optional
	Operation Operation `json:"operation,omitempty"`

	// MatchBy is the field that rows and live users are matched by. Defaults to
	// Username.
	// +kubebuilder:default=Username
	// +optional
	MatchBy MatchBy `json:"matchBy,omitempty"`

	// Mode defines what happens with changes: Apply makes them, ApplyAfterApproval
	// makes them once they are approved, Plan only plans them. Defaults to Apply.
	// +kubebuilder:validation:Enum=Apply;ApplyAfterApproval;Plan
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

	// CreationSource that JumpCloud records for created users. Defaults to
	// jumpcloud:bulk.
	// +kubebuilder:default="jumpcloud:bulk"
	// +optional
	CreationSource CreationSource `json:"creationSource,omitempty"`

	// SuppressAdminEmail prevents JumpCloud from mailing a summary of each job to an
	// administrator. Defaults to true.
	// +kubebuilder:default=true
	// +optional
	SuppressAdminEmail *bool `json:"suppressAdminEmail,omitempty"`

	// Defaults for created users. They are never applied to existing users. If absent,
	// users are created with what their rows state.
	// +optional
	Defaults *UserAttributes `json:"defaults,omitempty"`

	// StateOnUpdate defines whether the state in a row applies to existing users:
	// Ignore does not change their state, Apply suspends Activated users whose row says
	// Suspended. Defaults to Ignore.
	// +kubebuilder:default=Ignore
	// +optional
	StateOnUpdate StateOnUpdate `json:"stateOnUpdate,omitempty"`

	// OnInvalidRow defines what happens if a row is invalid: Abort sends nothing, Skip
	// counts the row as failed and sends all others. Defaults to Abort.
	// +kubebuilder:default=Abort
	// +optional
	OnInvalidRow OnInvalidRow `json:"onInvalidRow,omitempty"`

	// OnUnknownManager defines what happens to a row whose manager is neither in the
	// directory nor created by the run: Omit leaves the manager out until a run finds
	// them, Invalid makes the row invalid. Defaults to Omit.
	// +kubebuilder:default=Omit
	// +optional
	OnUnknownManager OnUnknownManager `json:"onUnknownManager,omitempty"`

	// Users to import; at most 500. Use usersFrom for more. If absent, all rows come
	// from usersFrom.
	// +kubebuilder:validation:MaxItems=500
	// +listType=atomic
	// +optional
	Users []UserRow `json:"users,omitempty"`

	// UsersFrom are ConfigMaps and Secrets with more rows; at most 64. They are read in
	// order, after users. If absent, all rows come from users.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	UsersFrom []RowsSource `json:"usersFrom,omitempty"`

	// Filter is a CEL expression over row that is true for the rows to import. 1 to 4096
	// characters. row is a map of strings: the cells of a CSV by column name, or the
	// fields of any other row by path. If absent, all rows are imported.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Filter string `json:"filter,omitempty"`

	// Mapping defines where the values of attributes come from, instead of what the rows
	// state for them; at most 64 attributes. Its expressions are over row, as in filter.
	// If absent, all values come from the rows.
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=attribute
	// +optional
	Mapping []AttributeMapping `json:"mapping,omitempty"`

	// Leavers defines what happens to users that this import found or created and that
	// the source no longer names: Ignore does nothing, Report lists them in
	// status.leavers and in the ledger, Suspend suspends those who are Activated and not
	// protected, and lists the others. Defaults to Ignore.
	// +kubebuilder:default=Ignore
	// +optional
	Leavers LeaversPolicy `json:"leavers,omitempty"`
}

// BulkUserImportStatus is the observed state of the import.
type BulkUserImportStatus struct {
	CommonStatus `json:",inline"`
	RunStatus    `json:",inline"`
}

// BulkUserImport creates and updates users in bulk, and reports the result of every
// row.
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

	// Spec declares the users to import.
	// +required
	Spec BulkUserImportSpec `json:"spec"`
	// Status is the observed state of the import.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status BulkUserImportStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (i *BulkUserImport) Common() *CommonStatus { return &i.Status.CommonStatus }

// Run returns the part of the status for imports.
func (i *BulkUserImport) Run() *RunStatus { return &i.Status.RunStatus }

// OrganizationRef returns the reference to the Organization that the object belongs to.
func (i *BulkUserImport) OrganizationRef() OrganizationReference { return i.Spec.OrganizationRef }

// BulkUserImportList is a list of BulkUserImports.
// +kubebuilder:object:root=true
type BulkUserImportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []BulkUserImport `json:"items"`
}

// Demands returns no demands: privileges are checked row by row.
func (*BulkUserImport) Demands() Demands { return Demands{} }

func init() { register(&BulkUserImport{}, &BulkUserImportList{}) }
