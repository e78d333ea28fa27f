package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SchedulableState is a state that users can be scheduled for.
// +kubebuilder:validation:Enum=Suspended;Activated
type SchedulableState string

// The states that can be scheduled.
const (
	SchedulableSuspended SchedulableState = "Suspended"
	SchedulableActivated SchedulableState = "Activated"
)

// Opposite returns the state that takes effect at endDate.
func (s SchedulableState) Opposite() SchedulableState {
	if s == SchedulableSuspended {
		return SchedulableActivated
	}
	return SchedulableSuspended
}

// PastDuePolicy defines what happens if the date has passed and nothing was scheduled.
// +kubebuilder:validation:Enum=Reject;RunNow;Ignore
type PastDuePolicy string

// What happens if the date has passed.
const (
	// PastDueReject changes nothing and reports ScheduleInPast.
	PastDueReject PastDuePolicy = "Reject"
	// PastDueRunNow schedules the state for two minutes from now.
	PastDueRunNow PastDuePolicy = "RunNow"
	// PastDueIgnore changes nothing and counts as done.
	PastDueIgnore PastDuePolicy = "Ignore"
)

// ScheduledUserStateSpec declares a change of the state of users at a given time.
// +kubebuilder:validation:XValidation:rule="!has(self.activationEmailOverride) || (size(self.users) == 1 && self.state == 'Activated' && has(self.sendActivationEmails) && self.sendActivationEmails)",message="activationEmailOverride is for exactly one user, state Activated and sendActivationEmails true"
// +kubebuilder:validation:XValidation:rule="!has(self.sendActivationEmails) || !self.sendActivationEmails || self.state == 'Activated' || has(self.endDate)",message="sendActivationEmails needs state Activated or an endDate"
// +kubebuilder:validation:XValidation:rule="has(self.timeZone) || (self.startDate.matches('(Z|[+-][0-9]{2}:[0-9]{2})$') && (!has(self.endDate) || self.endDate.matches('(Z|[+-][0-9]{2}:[0-9]{2})$')))",message="a date without an offset is a local time and needs timeZone"
type ScheduledUserStateSpec struct {
	// OrganizationRef refers to the Organization that the users belong to. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new ScheduledUserState"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// Users whose state changes: 1 to 1000.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +required
	Users []UserReference `json:"users"`

	// State from startDate on.
	// +required
	State SchedulableState `json:"state"`

	// StartDate is the time of the change: RFC 3339 with an offset, or a local time
	// such as 2026-12-31T18:00:00 together with timeZone. 1 to 64 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$`
	// +required
	StartDate string `json:"startDate"`

	// TimeZone of local times: a name from the IANA time zone database, such as
	// Europe/Berlin. 1 to 128 characters. If absent, startDate and endDate need an
	// offset.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +optional
	TimeZone string `json:"timeZone,omitempty"`

	// EndDate is the time at which the opposite state takes effect, in the same format
	// as startDate. 1 to 64 characters. If absent, the state stays.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$`
	// +optional
	EndDate string `json:"endDate,omitempty"`

	// SendActivationEmails makes JumpCloud send mail to users when they are activated.
	// Defaults to false.
	// +kubebuilder:default=false
	// +optional
	SendActivationEmails *bool `json:"sendActivationEmails,omitempty"`

	// ActivationEmailOverride is an address that gets the activation mail instead of the
	// user. 3 to 1024 characters. It requires exactly one user. If absent, the mail goes
	// to the user.
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:Pattern=`^[^@\s]+@[^@\s]+$`
	// +optional
	ActivationEmailOverride string `json:"activationEmailOverride,omitempty"`

	// PastDuePolicy defines what happens if the date has passed and nothing was
	// scheduled: Reject changes nothing and reports ScheduleInPast, RunNow schedules
	// the state for two minutes from now, Ignore changes nothing and counts as done.
	// Defaults to Reject.
	// +kubebuilder:default=Reject
	// +optional
	PastDuePolicy PastDuePolicy `json:"pastDuePolicy,omitempty"`

	// DeletionPolicy defines what happens to the scheduled jobs when this object is
	// deleted. Defaults to Cancel. Jobs that others have scheduled are never cancelled.
	// +kubebuilder:validation:Enum=Cancel;Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

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
}

// ScheduleSummary counts the users of a ScheduledUserState.
type ScheduleSummary struct {
	// Users that the spec names.
	Users int32 `json:"users"`
	// Scheduled users have all of their future changes in JumpCloud's schedule.
	Scheduled int32 `json:"scheduled"`
	// Executed users were seen in the declared state.
	Executed int32 `json:"executed"`
	// Missed users were not in the declared state 15 minutes after the scheduled time.
	Missed int32 `json:"missed"`
	// Lost users had a scheduled job that someone else removed before its time.
	Lost int32 `json:"lost"`
	// NotFound users are not in the directory.
	NotFound int32 `json:"notFound"`
}

// NextEvent is the next change of the users.
type NextEvent struct {
	// State that the users will get.
	// +required
	State SchedulableState `json:"state"`
	// At is the time of the change.
	// +required
	At metav1.Time `json:"at"`
}

// ScheduledJobStatus is one job in JumpCloud's schedule.
type ScheduledJobStatus struct {
	// ScheduledJobID is JumpCloud's id of the job.
	// +kubebuilder:validation:MaxLength=128
	// +required
	ScheduledJobID string `json:"scheduledJobID"`
	// +required
	State SchedulableState `json:"state"`
	// At is the time when the job runs.
	// +required
	At metav1.Time `json:"at"`
	// Users is the number of the object's users that the job covers.
	// +required
	Users int32 `json:"users"`
	// Adopted jobs were scheduled by someone else. The operator never deletes them. Their
	// users count as scheduled.
	// +optional
	Adopted bool `json:"adopted,omitempty"`
	// Replacing jobs are deleted as soon as the jobs that replace them are scheduled.
	// They do not count as scheduled.
	// +optional
	Replacing bool `json:"replacing,omitempty"`
	// Lost jobs were removed by someone else. Their users are scheduled again.
	// +optional
	Lost bool `json:"lost,omitempty"`
	// InsteadOf is the date in the spec that had already passed when the job was
	// scheduled for a later time (pastDuePolicy RunNow).
	// +optional
	InsteadOf *metav1.Time `json:"insteadOf,omitempty"`
	// Mail is the recipient of the activation mail: Users, or the address in
	// activationEmailOverride. If absent, no mail is sent. For adopted jobs, it is
	// unknown.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Mail string `json:"mail,omitempty"`
	// UserIDs are JumpCloud's ids of the users, separated by commas.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	UserIDs string `json:"userIDs,omitempty"`
	// CountedAt is the time when the users were counted as harmed without an approval.
	// They are not counted again within the guard's window.
	// +optional
	CountedAt *metav1.Time `json:"countedAt,omitempty"`
}

// PassedEventStatus is the observed state of a change whose time has come.
type PassedEventStatus struct {
	// +required
	State SchedulableState `json:"state"`
	// At is the time when the change was scheduled to happen.
	// +required
	At metav1.Time `json:"at"`
	// InsteadOf is the date in the spec that had already passed (pastDuePolicy RunNow).
	// +optional
	InsteadOf *metav1.Time `json:"insteadOf,omitempty"`
	// Awaited are the JumpCloud ids, separated by commas, of users who were scheduled
	// and have not been seen in the state yet.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	Awaited string `json:"awaited,omitempty"`
	// Executed are the JumpCloud ids, separated by commas, of users who were seen in
	// the state. Later changes of these users are ignored.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	Executed string `json:"executed,omitempty"`
}

// ScheduledUserPhase is the progress of a user towards the scheduled state.
// +kubebuilder:validation:Enum=Scheduled;Executed;Missed;Lost;NotFound;Protected;Contested;Pending;PastDue
type ScheduledUserPhase string

// The progress of a user towards the scheduled state.
const (
	PhaseScheduled ScheduledUserPhase = "Scheduled"
	PhaseExecuted  ScheduledUserPhase = "Executed"
	PhaseMissed    ScheduledUserPhase = "Missed"
	PhaseLost      ScheduledUserPhase = "Lost"
	PhaseNotFound  ScheduledUserPhase = "NotFound"
	// PhaseProtected users are never changed.
	PhaseProtected ScheduledUserPhase = "Protected"
	// PhaseContested users belong to another object that takes precedence.
	PhaseContested ScheduledUserPhase = "Contested"
	// PhasePending users are about to be scheduled, or to be verified after the
	// scheduled time.
	PhasePending ScheduledUserPhase = "Pending"
	// PhasePastDue users were not scheduled when the time came and are not in the
	// state, and pastDuePolicy changes nothing.
	PhasePastDue ScheduledUserPhase = "PastDue"
)

// ScheduledUserStatus is one user of a ScheduledUserState.
type ScheduledUserStatus struct {
	// Username, or the value that the spec names the user by.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Username string `json:"username"`
	// ID is JumpCloud's id of the user, if known.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	ID string `json:"id,omitempty"`
	// +required
	Phase ScheduledUserPhase `json:"phase"`
}

// ScheduleSubmission records the latest request that schedules a job. It is written
// before the request is sent, so that a crash cannot schedule a change twice.
type ScheduleSubmission struct {
	JobStatus `json:",inline"`
	// ScheduledState of the users.
	// +required
	ScheduledState SchedulableState `json:"scheduledState"`
	// At is the time when the job runs.
	// +required
	At metav1.Time `json:"at"`
	// InsteadOf is the date in the spec that had already passed (pastDuePolicy RunNow).
	// +optional
	InsteadOf *metav1.Time `json:"insteadOf,omitempty"`
	// Mail is the recipient of the activation mail: Users, or the address in
	// activationEmailOverride. If absent, no mail is sent.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Mail string `json:"mail,omitempty"`
	// UserIDs are JumpCloud's ids of the users, separated by commas.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	UserIDs string `json:"userIDs,omitempty"`
	// CountedAt is the time when the users were counted as harmed without an approval.
	// They are not counted again within the guard's window.
	// +optional
	CountedAt *metav1.Time `json:"countedAt,omitempty"`
}

// ScheduledUserStateStatus is the observed state of the scheduled change.
type ScheduledUserStateStatus struct {
	CommonStatus `json:",inline"`
	LivingStatus `json:",inline"`

	// Summary of the users.
	// +optional
	Summary *ScheduleSummary `json:"summary,omitempty"`
	// Next change of the users.
	// +optional
	Next *NextEvent `json:"next,omitempty"`
	// Jobs in JumpCloud's schedule for the users.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	Jobs []ScheduledJobStatus `json:"jobs,omitempty"`
	// Passed are the changes whose time has come.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	Passed []PassedEventStatus `json:"passed,omitempty"`
	// Users are the first 100 users whose phase is neither Scheduled nor Executed.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	Users []ScheduledUserStatus `json:"users,omitempty"`
	// Submission is the latest request to schedule a job, recorded before it is sent.
	// +optional
	Submission *ScheduleSubmission `json:"submission,omitempty"`
}

// ScheduledUserState suspends or activates users at a given time.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcstate,categories=jumpcloud
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.spec.state`
// +kubebuilder:printcolumn:name="Next",type=string,JSONPath=`.status.next.at`
// +kubebuilder:printcolumn:name="Users",type=integer,JSONPath=`.status.summary.users`
// +kubebuilder:printcolumn:name="Scheduled",type=integer,JSONPath=`.status.summary.scheduled`
// +kubebuilder:printcolumn:name="Executed",type=integer,JSONPath=`.status.summary.executed`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.status.plan.hash`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type ScheduledUserState struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec declares the change.
	// +required
	Spec ScheduledUserStateSpec `json:"spec"`
	// Status is the observed state of the object.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status ScheduledUserStateStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (s *ScheduledUserState) Common() *CommonStatus { return &s.Status.CommonStatus }

// Living returns the part of the status for kinds that are kept as declared.
func (s *ScheduledUserState) Living() *LivingStatus { return &s.Status.LivingStatus }

// OrganizationRef returns the reference to the Organization that the object belongs to.
func (s *ScheduledUserState) OrganizationRef() OrganizationReference {
	return s.Spec.OrganizationRef
}

// ScheduledUserStateList is a list of ScheduledUserStates.
// +kubebuilder:object:root=true
type ScheduledUserStateList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ScheduledUserState `json:"items"`
}

// Demands returns no demands: jobs that others scheduled count as scheduled and are not
// changed, unless AdoptAnnotation is set.
func (*ScheduledUserState) Demands() Demands { return Demands{} }

func init() { register(&ScheduledUserState{}, &ScheduledUserStateList{}) }
