package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DeletionPolicy defines what happens in JumpCloud when an object is deleted. The field
// of each kind lists the policies that it supports.
type DeletionPolicy string

const (
	// DeletionPolicyRetain changes nothing in JumpCloud.
	DeletionPolicyRetain DeletionPolicy = "Retain"
	// DeletionPolicyDelete deletes what the object manages.
	DeletionPolicyDelete DeletionPolicy = "Delete"
	// DeletionPolicySuspend suspends the user.
	DeletionPolicySuspend DeletionPolicy = "Suspend"
	// DeletionPolicyCancel cancels scheduled jobs.
	DeletionPolicyCancel DeletionPolicy = "Cancel"
	// DeletionPolicyDeauthorize removes the credentials of a Workday instance.
	DeletionPolicyDeauthorize DeletionPolicy = "Deauthorize"
)

// ChangeAction is what one planned change does.
// +kubebuilder:validation:Enum=Create;Update;Delete;AddMember;RemoveMember;Schedule;Cancel
type ChangeAction string

// What one planned change does.
const (
	// ChangeCreate creates what the object declares.
	ChangeCreate ChangeAction = "Create"
	// ChangeUpdate changes fields of it.
	ChangeUpdate ChangeAction = "Update"
	// ChangeDelete deletes it.
	ChangeDelete ChangeAction = "Delete"
	// ChangeAddMember adds a user to a group.
	ChangeAddMember ChangeAction = "AddMember"
	// ChangeRemoveMember removes a user from a group.
	ChangeRemoveMember ChangeAction = "RemoveMember"
	// ChangeSchedule schedules a state of users.
	ChangeSchedule ChangeAction = "Schedule"
	// ChangeCancel cancels a scheduled job.
	ChangeCancel ChangeAction = "Cancel"
)

// PlannedChange is one change of a plan.
type PlannedChange struct {
	// +required
	Action ChangeAction `json:"action"`
	// Subject of the change: the name of a group, a username, or a job.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Subject string `json:"subject"`
	// Fields that change.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	Fields []string `json:"fields,omitempty"`
	// Harmful changes are counted by the Organization's guard.
	// +optional
	Harmful bool `json:"harmful,omitempty"`
	// Withheld changes wait for an approval.
	// +optional
	Withheld bool `json:"withheld,omitempty"`
}

// ChangePlan describes what the operator would change in JumpCloud for one object.
type ChangePlan struct {
	// Hash identifies the changes that wait for an approval, or all changes if none
	// waits. To approve exactly these, copy it to spec.approvedPlan or to a
	// PlanApproval.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Hash string `json:"hash,omitempty"`
	// Number is part of the hash. It increases when an approved plan is done, so that
	// an approval counts only once.
	// +optional
	Number int64 `json:"number,omitempty"`
	// Total number of changes.
	Total int32 `json:"total"`
	// Harmful is the number of harmful changes.
	Harmful int32 `json:"harmful"`
	// ActivationMails is the number of users to whom JumpCloud would send mail to activate
	// their accounts.
	// +optional
	ActivationMails int32 `json:"activationMails,omitempty"`
	// Withheld is the number of changes that wait for an approval.
	Withheld int32 `json:"withheld"`
	// Changes are the first 50 changes, with withheld changes first.
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	Changes []PlannedChange `json:"changes,omitempty"`
	Grant   `json:",inline"`
	// Approved contains digests of the changes of an approved plan until the plan is
	// done, so that exactly the approved changes continue after a restart. It contains
	// at most 10,000; the remaining changes of a larger plan need another approval
	// after a restart.
	// +kubebuilder:validation:MaxLength=131072
	// +optional
	Approved string `json:"approved,omitempty"`
	// Withdrawn contains digests of the changes whose approval was withdrawn before they
	// were sent. They need another approval for as long as they are in the plan.
	// +kubebuilder:validation:MaxLength=131072
	// +optional
	Withdrawn string `json:"withdrawn,omitempty"`
}

// CreatingStatus announces that something is about to be created in JumpCloud. If the
// response is lost, the object owns what is found by that name.
type CreatingStatus struct {
	// Name of what is being created.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Name string `json:"name"`
	// Attempt number, from 1. Attempts that provably sent nothing do not count.
	// +required
	Attempt int32 `json:"attempt"`
}

// LivingStatus is the part of the status for kinds that are kept as declared.
type LivingStatus struct {
	// Plan contains the changes that have not been made in JumpCloud yet.
	// +optional
	Plan *ChangePlan `json:"plan,omitempty"`
	// Creating announces a creation whose response has not been recorded yet.
	// +optional
	Creating *CreatingStatus `json:"creating,omitempty"`
	// Harmed counts, per hour, the harm that the object did without an approval within
	// the window of the Organization's guard.
	// +kubebuilder:validation:MaxItems=200
	// +listType=atomic
	// +optional
	Harmed []HarmBucket `json:"harmed,omitempty"`
	// Counted contains digests of the harmful changes that are counted in harmed and in
	// the Organization's window, but have not been verified yet. They are not counted
	// again after a restart. It contains at most 10,000.
	// +kubebuilder:validation:MaxLength=131072
	// +optional
	Counted string `json:"counted,omitempty"`
	// CountedAt is the time when the latest changes in counted were announced.
	// +optional
	CountedAt *metav1.MicroTime `json:"countedAt,omitempty"`
	// PlanConfigMaps contain the full plan if it has more than 50 changes.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	PlanConfigMaps []ResultsReference `json:"planConfigMaps,omitempty"`
}
