package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Guard bounds harm: see HarmClass. A plan that would harm more than the
// smaller of its two figures, but at least 3, withholds all of its harmful
// changes until they are approved; what the same object did in the window
// without an approval counts too.
type Guard struct {
	// MaxHarmful changes of one plan.
	// +kubebuilder:default=25
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	// +optional
	MaxHarmful *int32 `json:"maxHarmful,omitempty"`
	// MaxPercent of the organization's users, rounded down.
	// +kubebuilder:default=5
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	MaxPercent *int32 `json:"maxPercent,omitempty"`
	// Window bounds what all objects of the organization do together.
	// +kubebuilder:default={duration: "24h", maxHarmful: 50, maxPercent: 10}
	// +optional
	Window GuardWindow `json:"window,omitzero"`
}

// GuardWindow bounds what all objects of one JumpCloud organization do
// together, in any time of the given length, without an approval. Where several
// Organization objects lead to the same JumpCloud organization, the smallest
// figures hold.
type GuardWindow struct {
	// Duration of the window: 1h to 168h.
	// +kubebuilder:default="24h"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1h') && duration(self) <= duration('168h')",message="duration must be between 1h and 168h"
	// +optional
	Duration metav1.Duration `json:"duration,omitzero"`
	// MaxHarmful changes in any such time. The smaller of maxHarmful and
	// maxPercent holds, but at least 10.
	// +kubebuilder:default=50
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	// +optional
	MaxHarmful *int32 `json:"maxHarmful,omitempty"`
	// MaxPercent of the organization's users, rounded down.
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	MaxPercent *int32 `json:"maxPercent,omitempty"`
	// MaxCreated users in any such time; absent: no limit.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	// +optional
	MaxCreated *int32 `json:"maxCreated,omitempty"`
}

// HarmBucket counts what was reserved in one hour.
type HarmBucket struct {
	// Hour that the bucket counts for, by its beginning.
	// +required
	Hour metav1.Time `json:"hour"`
	// Harmful changes.
	// +optional
	Harmful int32 `json:"harmful,omitempty"`
	// Created users.
	// +optional
	Created int32 `json:"created,omitempty"`
}

// GuardStatus counts what objects did without an approval.
type GuardStatus struct {
	// Harmed counts by the hour. Changes are counted before they are sent.
	// +kubebuilder:validation:MaxItems=200
	// +listType=atomic
	// +optional
	Harmed []HarmBucket `json:"harmed,omitempty"`
	// LastWrite names the last write of harmed, so that one whose answer was lost
	// can be found.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	LastWrite string `json:"lastWrite,omitempty"`
}

// WithheldBy says why changes wait for an approval.
// +kubebuilder:validation:Enum=Mode;Guard;Window;Change
type WithheldBy string

// Why changes wait for an approval.
const (
	// WithheldByMode: the mode is ApplyAfterApproval.
	WithheldByMode WithheldBy = "Mode"
	// WithheldByGuard: the plan, or the object in the window, would harm more
	// than the guard allows.
	WithheldByGuard WithheldBy = "Guard"
	// WithheldByWindow: all objects together would do more than the guard's
	// window allows.
	WithheldByWindow WithheldBy = "Window"
	// WithheldByChange: the changes need an approval whatever the guard says.
	WithheldByChange WithheldBy = "Change"
)

// WithheldObject names the plan of one object.
type WithheldObject struct {
	// Kind of the object.
	// +kubebuilder:validation:MaxLength=63
	// +required
	Kind string `json:"kind"`
	// Namespace of the object.
	// +kubebuilder:validation:MaxLength=63
	// +required
	Namespace string `json:"namespace"`
	// Name of the object.
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
	// Hash of the object's plan.
	// +kubebuilder:validation:MaxLength=71
	// +required
	Hash string `json:"hash"`
	// Harmful changes of it.
	// +required
	Harmful int32 `json:"harmful"`
}

// WithheldStatus is what waits for an approval, of all objects together.
type WithheldStatus struct {
	// Hash names the plans of all objects that wait. Put it into
	// spec.approvedPlan, or into a PlanApproval, to release exactly these.
	// +kubebuilder:validation:MaxLength=71
	// +required
	Hash string `json:"hash"`
	// Changes that wait.
	// +required
	Changes int32 `json:"changes"`
	// Objects are the first 50 whose plans wait.
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	Objects []WithheldObject `json:"objects,omitempty"`
}

// ReleasedStatus is what an approval of the Organization released.
type ReleasedStatus struct {
	// Hash that was approved. What is released ends when another one, or none, is
	// approved.
	// +kubebuilder:validation:MaxLength=71
	// +required
	Hash string `json:"hash"`
	// Plans holds digests of the plans that the hash names, at most 10,000.
	// +kubebuilder:validation:MaxLength=131072
	// +optional
	Plans string `json:"plans,omitempty"`
}

// ApprovalsFrom says what approves a plan.
// +kubebuilder:validation:Enum=Either;Objects
type ApprovalsFrom string

// What approves a plan.
const (
	// ApprovalsFromEither: spec.approvedPlan of the object, or a PlanApproval.
	ApprovalsFromEither ApprovalsFrom = "Either"
	// ApprovalsFromObjects: a PlanApproval only.
	ApprovalsFromObjects ApprovalsFrom = "Objects"
)

// Grant records by which approval a plan is carried out. An approval is good
// for one plan, once.
type Grant struct {
	// ApprovedHash is the plan that was approved and is being carried out. Where
	// nothing approves exactly this hash any more, what was not sent yet is
	// withdrawn.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedHash string `json:"approvedHash,omitempty"`
	// DoneHash is the latest approved plan that is done.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	DoneHash string `json:"doneHash,omitempty"`
	// WithheldBy says why changes wait for an approval; absent where none does.
	// +optional
	WithheldBy WithheldBy `json:"withheldBy,omitempty"`
}
