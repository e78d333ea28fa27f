package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// WorkdayInstanceReference names a WorkdayInstance in the object's namespace.
type WorkdayInstanceReference struct {
	// Name of the WorkdayInstance. 1 to 253 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
}

// AttributeMapping defines where the value of a user attribute comes from.
type AttributeMapping struct {
	// Attribute of the user: a field of a row, such as department,
	// attributes.EmployeeID, phoneNumbers.mobile or addresses.home.locality. 1 to 300
	// characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=300
	// +required
	Attribute string `json:"attribute"`
	// From is a CEL expression over worker in a WorkdayImport and over row in a
	// BulkUserImport. 1 to 2048 characters. If it returns null or "", the attribute is
	// not set.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +required
	From string `json:"from"`
}

// Duplicates defines which row is used if a report lists a user several times.
// +kubebuilder:validation:Enum=First;Last;Fail
type Duplicates string

// Which of several rows of one user is used.
const (
	// DuplicatesFirst takes the first row, and skips the others.
	DuplicatesFirst Duplicates = "First"
	// DuplicatesLast takes the last row, and skips the others.
	DuplicatesLast Duplicates = "Last"
	// DuplicatesFail counts all of the rows as failed. Rows of other users are sent.
	DuplicatesFail Duplicates = "Fail"
)

// WorkdayImportSpec declares which workers are imported, and how.
type WorkdayImportSpec struct {
	// OrganizationRef refers to the Organization to import into. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new WorkdayImport"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// WorkdayInstanceRef refers to the WorkdayInstance whose report is read. It must
	// belong to the same organization. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="workdayInstanceRef is immutable: make a new WorkdayImport"
	// +required
	WorkdayInstanceRef WorkdayInstanceReference `json:"workdayInstanceRef"`

	// MatchBy is the field that rows and users are matched by. Regardless of it, a
	// worker is skipped if any of their unique values already belongs to a user.
	// Defaults to Username.
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

	// Defaults for created users. If absent, users are created with what their workers
	// state.
	// +optional
	Defaults *UserAttributes `json:"defaults,omitempty"`

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

	// Duplicates defines what happens if the report lists a new worker several times,
	// such as a person with two employments. Rows of one worker have the same value in
	// the field that matchBy names. First and Last take one of these rows, in the order
	// in which JumpCloud lists them: by email, then as in the report. Fail counts them as
	// failed and sends all others. Different workers with the same username, email or
	// employeeIdentifier always fail. Defaults to Fail.
	// +kubebuilder:default=Fail
	// +optional
	Duplicates Duplicates `json:"duplicates,omitempty"`

	// Filter is a CEL expression over worker that is true for the workers to import. 1
	// to 4096 characters. If absent, all workers are imported.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Filter string `json:"filter,omitempty"`

	// Mapping defines where the values of attributes come from; at most 64 attributes.
	// email, username, firstname and lastname come from the worker unless they are
	// mapped. If absent, only these four are set.
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=attribute
	// +optional
	Mapping []AttributeMapping `json:"mapping,omitempty"`

	// Leavers defines what happens to users that this import found or created and that
	// the report no longer names: Ignore does nothing, Report lists them in
	// status.leavers and in the ledger, Suspend suspends those who are Activated and not
	// protected, and lists the others. Defaults to Ignore.
	// +kubebuilder:default=Ignore
	// +optional
	Leavers LeaversPolicy `json:"leavers,omitempty"`

	// Schedule of the runs in cron format, with five fields. 1 to 256 characters. If
	// absent, the workers are imported once for each change of the spec or of the
	// instance.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Schedule string `json:"schedule,omitempty"`

	// TimeZone of the schedule: an IANA name. 1 to 64 characters. Defaults to UTC.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +optional
	TimeZone string `json:"timeZone,omitempty"`

	// StartingDeadlineSeconds is how many seconds after its scheduled time a run may
	// start. If absent, there is no deadline.
	// +kubebuilder:validation:Minimum=0
	// +optional
	StartingDeadlineSeconds *int64 `json:"startingDeadlineSeconds,omitempty"`
}

// WorkdayImportStatus is the observed state of the import.
type WorkdayImportStatus struct {
	CommonStatus `json:",inline"`
	RunStatus    `json:",inline"`

	// LastScheduleTime is the scheduled time of the latest run.
	// +optional
	LastScheduleTime *metav1.Time `json:"lastScheduleTime,omitempty"`
	// NextScheduleTime is the scheduled time of the next run.
	// +optional
	NextScheduleTime *metav1.Time `json:"nextScheduleTime,omitempty"`
}

// WorkdayImport creates users for the workers in a Workday report who are not in the
// directory yet, and reports the result for each of them.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcworkdayimport,categories=jumpcloud
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 200",message="names of imports have at most 200 characters"
// +kubebuilder:validation:XValidation:rule="has(self.spec.schedule) || (!has(self.spec.timeZone) && !has(self.spec.startingDeadlineSeconds))",message="timeZone and startingDeadlineSeconds need a schedule"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`
// +kubebuilder:printcolumn:name="Total",type=integer,JSONPath=`.status.summary.total`
// +kubebuilder:printcolumn:name="Created",type=integer,JSONPath=`.status.summary.created`
// +kubebuilder:printcolumn:name="Failed",type=integer,JSONPath=`.status.summary.failed`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.summary.pending`
// +kubebuilder:printcolumn:name="Next",type=string,JSONPath=`.status.nextScheduleTime`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.status.plan.hash`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type WorkdayImport struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec declares the import.
	// +required
	Spec WorkdayImportSpec `json:"spec"`
	// Status is the observed state of the object.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status WorkdayImportStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (i *WorkdayImport) Common() *CommonStatus { return &i.Status.CommonStatus }

// Run returns the part of the status for imports.
func (i *WorkdayImport) Run() *RunStatus { return &i.Status.RunStatus }

// OrganizationRef returns the reference to the Organization that the object belongs to.
func (i *WorkdayImport) OrganizationRef() OrganizationReference { return i.Spec.OrganizationRef }

// WorkdayImportList is a list of WorkdayImports.
// +kubebuilder:object:root=true
type WorkdayImportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []WorkdayImport `json:"items"`
}

// Demands returns no demands: privileges are checked row by row.
func (*WorkdayImport) Demands() Demands { return Demands{} }

func init() { register(&WorkdayImport{}, &WorkdayImportList{}) }
