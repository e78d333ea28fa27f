package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DeletionPolicy says what becomes at JumpCloud of what an object stands for,
// when the object is deleted. Which policies a kind has, its field says.
type DeletionPolicy string

const (
	// DeletionPolicyRetain leaves it.
	DeletionPolicyRetain DeletionPolicy = "Retain"
	// DeletionPolicyDelete deletes it.
	DeletionPolicyDelete DeletionPolicy = "Delete"
	// DeletionPolicyCancel cancels what is scheduled.
	DeletionPolicyCancel DeletionPolicy = "Cancel"
	// DeletionPolicyDeauthorize takes its credentials away.
	DeletionPolicyDeauthorize DeletionPolicy = "Deauthorize"
)

// ChangeAction is what one planned change does.
// +kubebuilder:validation:Enum=Create;Update;Delete;AddMember;RemoveMember;Schedule;Cancel
type ChangeAction string

// What one planned change does.
const (
	// ChangeCreate creates the object's counterpart at JumpCloud.
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
	// Subject is what the change is about: the name of a group, a username, a job.
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

// ChangePlan is what the operator would change at JumpCloud for one object.
type ChangePlan struct {
	// Hash names the changes that wait for an approval; where none does, all of
	// them. Put it into spec.approvedPlan to approve exactly these.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Hash string `json:"hash,omitempty"`
	// Number is part of the hash. It grows when an approved plan is done, so that
	// an approval is good for once.
	// +optional
	Number int64 `json:"number,omitempty"`
	// Total changes.
	Total int32 `json:"total"`
	// Harmful ones of them.
	Harmful int32 `json:"harmful"`
	// Withheld ones of them wait for an approval.
	Withheld int32 `json:"withheld"`
	// Changes are the first 50, what is withheld first.
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	Changes []PlannedChange `json:"changes,omitempty"`
	Grant   `json:",inline"`
	// Approved holds digests of an approved plan's changes until it is done, so
	// that after a restart exactly what was approved goes on. It holds at most
	// 10,000: what is left of a larger plan after a restart needs another approval.
	// +kubebuilder:validation:MaxLength=131072
	// +optional
	Approved string `json:"approved,omitempty"`
}

// CreatingStatus announces that something is about to be created at JumpCloud:
// what is found by that name after a lost answer is the object's own.
type CreatingStatus struct {
	// Name of what is created.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Name string `json:"name"`
	// Attempt, from 1. Attempts that provably sent nothing do not count.
	// +required
	Attempt int32 `json:"attempt"`
}

// LivingStatus is the status of a kind that lives: it is kept as declared.
type LivingStatus struct {
	// Plan is what is to be changed at JumpCloud and was not yet.
	// +optional
	Plan *ChangePlan `json:"plan,omitempty"`
	// Creating announces a creation whose answer is not recorded yet.
	// +optional
	Creating *CreatingStatus `json:"creating,omitempty"`
	// Harmed counts by the hour what the object did without an approval in the
	// window of the Organization's guard.
	// +kubebuilder:validation:MaxItems=200
	// +listType=atomic
	// +optional
	Harmed []HarmBucket `json:"harmed,omitempty"`
	// Counted holds digests of the harmful changes that are counted in harmed, and
	// in the Organization's window, and were not seen to be made yet: after a
	// restart, they are not counted twice. It holds at most 10,000.
	// +kubebuilder:validation:MaxLength=131072
	// +optional
	Counted string `json:"counted,omitempty"`
	// CountedAt is when the latest of them were announced.
	// +optional
	CountedAt *metav1.MicroTime `json:"countedAt,omitempty"`
	// PlanConfigMaps hold the whole of a plan of more than 50 changes.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	PlanConfigMaps []ResultsReference `json:"planConfigMaps,omitempty"`
}
