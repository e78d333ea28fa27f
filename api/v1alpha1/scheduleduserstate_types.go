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

// Opposite is the state that an endDate brings back.
func (s SchedulableState) Opposite() SchedulableState {
	if s == SchedulableSuspended {
		return SchedulableActivated
	}
	return SchedulableSuspended
}

// PastDuePolicy says what is done where the date has passed and nothing was
// scheduled.
// +kubebuilder:validation:Enum=Reject;RunNow;Ignore
type PastDuePolicy string

// What is done where the date has passed.
const (
	// PastDueReject does nothing and says so.
	PastDueReject PastDuePolicy = "Reject"
	// PastDueRunNow schedules the state for two minutes from now.
	PastDueRunNow PastDuePolicy = "RunNow"
	// PastDueIgnore does nothing and counts as done.
	PastDueIgnore PastDuePolicy = "Ignore"
)

// ScheduledUserStateSpec declares a change of the state of users at a time.
// +kubebuilder:validation:XValidation:rule="!has(self.activationEmailOverride) || (size(self.users) == 1 && self.state == 'Activated' && has(self.sendActivationEmails) && self.sendActivationEmails)",message="activationEmailOverride is for exactly one user, state Activated and sendActivationEmails true"
// +kubebuilder:validation:XValidation:rule="!has(self.sendActivationEmails) || !self.sendActivationEmails || self.state == 'Activated' || has(self.endDate)",message="sendActivationEmails is for activations"
// +kubebuilder:validation:XValidation:rule="has(self.timeZone) || (self.startDate.matches('(Z|[+-][0-9]{2}:[0-9]{2})$') && (!has(self.endDate) || self.endDate.matches('(Z|[+-][0-9]{2}:[0-9]{2})$')))",message="a date without an offset is a local time and needs timeZone"
type ScheduledUserStateSpec struct {
	// OrganizationRef names the Organization that the users belong to. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new ScheduledUserState"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// Users whose state changes.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +required
	Users []UserReference `json:"users"`

	// State from startDate on.
	// +required
	State SchedulableState `json:"state"`

	// StartDate is the time of the change: RFC 3339 with an offset, or a local
	// time such as 2026-12-31T18:00:00 together with timeZone.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$`
	// +required
	StartDate string `json:"startDate"`

	// TimeZone of local times: a name of the IANA time zone database, such as
	// Europe/Berlin.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +optional
	TimeZone string `json:"timeZone,omitempty"`

	// EndDate is the time of the opposite state, written as startDate is.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$`
	// +optional
	EndDate string `json:"endDate,omitempty"`

	// SendActivationEmails mails users when they are activated.
	// +kubebuilder:default=false
	// +optional
	SendActivationEmails *bool `json:"sendActivationEmails,omitempty"`

	// ActivationEmailOverride is where the activation mail of the one user goes.
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:Pattern=`^[^@\s]+@[^@\s]+$`
	// +optional
	ActivationEmailOverride string `json:"activationEmailOverride,omitempty"`

	// PastDuePolicy says what is done where the date has passed and nothing was
	// scheduled.
	// +kubebuilder:default=Reject
	// +optional
	PastDuePolicy PastDuePolicy `json:"pastDuePolicy,omitempty"`

	// DeletionPolicy says what becomes of what is scheduled with this object;
	// Cancel if absent, but for what others had scheduled.
	// +kubebuilder:validation:Enum=Cancel;Retain
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

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
}

// ScheduleSummary counts the users of a ScheduledUserState.
type ScheduleSummary struct {
	// Users that the spec names.
	Users int32 `json:"users"`
	// Scheduled users have all their coming events.
	Scheduled int32 `json:"scheduled"`
	// Executed users were seen in the state that they were to be in.
	Executed int32 `json:"executed"`
	// Missed users were not, long after the time.
	Missed int32 `json:"missed"`
	// Lost events were removed by somebody else before their time.
	Lost int32 `json:"lost"`
	// NotFound users are not in the directory.
	NotFound int32 `json:"notFound"`
}

// NextEvent is the next change of the users.
type NextEvent struct {
	// State that the users get.
	// +required
	State SchedulableState `json:"state"`
	// At is when.
	// +required
	At metav1.Time `json:"at"`
}

// ScheduledJobStatus is one job that is scheduled at JumpCloud.
type ScheduledJobStatus struct {
	// ScheduledJobID is JumpCloud's id of the job.
	// +kubebuilder:validation:MaxLength=128
	// +required
	ScheduledJobID string `json:"scheduledJobID"`
	// +required
	State SchedulableState `json:"state"`
	// At is when the job runs.
	// +required
	At metav1.Time `json:"at"`
	// Users of the object that the job is about.
	// +required
	Users int32 `json:"users"`
	// Adopted jobs were scheduled by somebody else: they count, and are never deleted.
	// +optional
	Adopted bool `json:"adopted,omitempty"`
	// Replacing jobs are deleted once the jobs that replace them are scheduled.
	// They do not count as scheduled.
	// +optional
	Replacing bool `json:"replacing,omitempty"`
	// Lost jobs were removed by somebody else. Their users are scheduled again.
	// +optional
	Lost bool `json:"lost,omitempty"`
	// InsteadOf is the date of the spec that had passed, of a job that was
	// scheduled for shortly after (pastDuePolicy RunNow).
	// +optional
	InsteadOf *metav1.Time `json:"insteadOf,omitempty"`
	// Mail says who gets the activation mail: Users, or the address of
	// activationEmailOverride; absent: nobody. It is not known of adopted jobs.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Mail string `json:"mail,omitempty"`
	// UserIDs are JumpCloud's ids of the users, separated by commas.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	UserIDs string `json:"userIDs,omitempty"`
	// CountedAt is when its users were counted as harmed, where nobody had approved
	// that. In the window of the guard, they are not counted again.
	// +optional
	CountedAt *metav1.Time `json:"countedAt,omitempty"`
}

// PassedEventStatus is what is known of a change whose time has come.
type PassedEventStatus struct {
	// +required
	State SchedulableState `json:"state"`
	// At is when the change was to happen.
	// +required
	At metav1.Time `json:"at"`
	// InsteadOf is the date of the spec that had passed (pastDuePolicy RunNow).
	// +optional
	InsteadOf *metav1.Time `json:"insteadOf,omitempty"`
	// Awaited users were scheduled and not seen in the state yet: JumpCloud's
	// ids, separated by commas.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	Awaited string `json:"awaited,omitempty"`
	// Executed users were seen in the state. What becomes of them later is not
	// looked at. JumpCloud's ids, separated by commas.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	Executed string `json:"executed,omitempty"`
}

// ScheduledUserPhase is where a user is on the way to the scheduled state.
// +kubebuilder:validation:Enum=Scheduled;Executed;Missed;Lost;NotFound;Protected;Contested;Pending;PastDue
type ScheduledUserPhase string

// Where a user is on the way to the scheduled state.
const (
	PhaseScheduled ScheduledUserPhase = "Scheduled"
	PhaseExecuted  ScheduledUserPhase = "Executed"
	PhaseMissed    ScheduledUserPhase = "Missed"
	PhaseLost      ScheduledUserPhase = "Lost"
	PhaseNotFound  ScheduledUserPhase = "NotFound"
	// PhaseProtected users are never changed.
	PhaseProtected ScheduledUserPhase = "Protected"
	// PhaseContested users are those of another object, which comes before.
	PhaseContested ScheduledUserPhase = "Contested"
	// PhasePending users wait to be scheduled, or for the time to be verified.
	PhasePending ScheduledUserPhase = "Pending"
	// PhasePastDue users were not scheduled when the time came, are not in the
	// state, and pastDuePolicy does nothing about it.
	PhasePastDue ScheduledUserPhase = "PastDue"
)

// ScheduledUserStatus is one user of a ScheduledUserState.
type ScheduledUserStatus struct {
	// Username, or what the spec names the user by.
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

// ScheduleSubmission is the record of the latest POST of a scheduled job:
// written before it is sent, so that no crash can schedule anything twice.
type ScheduleSubmission struct {
	JobStatus `json:",inline"`
	// ScheduledState of the users.
	// +required
	ScheduledState SchedulableState `json:"scheduledState"`
	// At is when the job runs.
	// +required
	At metav1.Time `json:"at"`
	// InsteadOf is the date of the spec that had passed (pastDuePolicy RunNow).
	// +optional
	InsteadOf *metav1.Time `json:"insteadOf,omitempty"`
	// Mail says who gets the activation mail: Users, or the address of
	// activationEmailOverride; absent: nobody.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Mail string `json:"mail,omitempty"`
	// UserIDs are JumpCloud's ids of the users, separated by commas.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	UserIDs string `json:"userIDs,omitempty"`
	// CountedAt is when its users were counted as harmed, where nobody had approved
	// that. In the window of the guard, they are not counted again.
	// +optional
	CountedAt *metav1.Time `json:"countedAt,omitempty"`
}

// ScheduledUserStateStatus tells what is scheduled and what happened.
type ScheduledUserStateStatus struct {
	CommonStatus `json:",inline"`
	LivingStatus `json:",inline"`

	// Summary of the users.
	// +optional
	Summary *ScheduleSummary `json:"summary,omitempty"`
	// Next change of the users.
	// +optional
	Next *NextEvent `json:"next,omitempty"`
	// Jobs that are scheduled at JumpCloud for the users.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	Jobs []ScheduledJobStatus `json:"jobs,omitempty"`
	// Passed are the changes whose time has come.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	Passed []PassedEventStatus `json:"passed,omitempty"`
	// Users are the first 100 that are not simply Scheduled or Executed.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	Users []ScheduledUserStatus `json:"users,omitempty"`
	// Submission is the latest that was announced.
	// +optional
	Submission *ScheduleSubmission `json:"submission,omitempty"`
}

// ScheduledUserState suspends or activates users at a time.
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
	// Status tells what became of it.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status ScheduledUserStateStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (s *ScheduledUserState) Common() *CommonStatus { return &s.Status.CommonStatus }

// Living returns the part of the status that every kind that lives has.
func (s *ScheduledUserState) Living() *LivingStatus { return &s.Status.LivingStatus }

// OrganizationRef names the Organization that the object belongs to.
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
