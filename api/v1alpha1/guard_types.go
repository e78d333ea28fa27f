package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Guard limits how many users one object may harm without an approval. The limit is the
// smaller of maxHarmful and maxPercent, but at least 3. Harmful changes that the object
// made within the window without an approval count as well. Above the limit, all
// harmful changes of the plan are withheld until they are approved.
type Guard struct {
	// MaxHarmful is the number of users that one object may harm: 0 to 100,000.
	// Defaults to 25.
	// +kubebuilder:default=25
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	// +optional
	MaxHarmful *int32 `json:"maxHarmful,omitempty"`
	// MaxPercent is the same limit as a percentage of the organization's users, rounded
	// down: 0 to 100. Defaults to 5.
	// +kubebuilder:default=5
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	MaxPercent *int32 `json:"maxPercent,omitempty"`
	// Window limits what all objects of the organization do together. If absent, its
	// fields have their defaults.
	// +kubebuilder:default={duration: "24h", maxHarmful: 50, maxPercent: 10}
	// +optional
	Window GuardWindow `json:"window,omitzero"`
}

// GuardWindow limits what all objects of one JumpCloud organization do together without
// an approval, in any period of the given duration. If several Organization objects
// lead to the same JumpCloud organization, the smallest limits apply.
type GuardWindow struct {
	// Duration of the window: 1h to 168h. Defaults to 24h.
	// +kubebuilder:default="24h"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1h') && duration(self) <= duration('168h')",message="duration must be between 1h and 168h"
	// +optional
	Duration metav1.Duration `json:"duration,omitzero"`
	// MaxHarmful is the number of users that may be harmed in any window: 0 to 100,000.
	// The limit is the smaller of maxHarmful and maxPercent, but at least 10. Defaults to
	// 50.
	// +kubebuilder:default=50
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	// +optional
	MaxHarmful *int32 `json:"maxHarmful,omitempty"`
	// MaxPercent is the same limit as a percentage of the organization's users, rounded
	// down: 0 to 100. Defaults to 10.
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	MaxPercent *int32 `json:"maxPercent,omitempty"`
	// MaxCreated is the number of users that may be created in any window: 0 to
	// 1,000,000. If absent, there is no limit.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	// +optional
	MaxCreated *int32 `json:"maxCreated,omitempty"`
}

// HarmBucket counts the changes of one hour.
type HarmBucket struct {
	// Hour is the start of the hour.
	// +required
	Hour metav1.Time `json:"hour"`
	// Harmful changes.
	// +optional
	Harmful int32 `json:"harmful,omitempty"`
	// Created users.
	// +optional
	Created int32 `json:"created,omitempty"`
}

// GuardStatus counts the changes that objects made without an approval.
type GuardStatus struct {
	// Harmed counts changes per hour. Changes are counted before they are sent.
	// +kubebuilder:validation:MaxItems=200
	// +listType=atomic
	// +optional
	Harmed []HarmBucket `json:"harmed,omitempty"`
	// LastWrite identifies the last write of harmed, so that the operator recognizes a
	// write whose response was lost.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	LastWrite string `json:"lastWrite,omitempty"`
}

// WithheldBy is the reason why changes wait for an approval.
// +kubebuilder:validation:Enum=Mode;Guard;Window;Change;Withdrawal
type WithheldBy string

// Why changes wait for an approval.
const (
	// WithheldByMode: the mode is ApplyAfterApproval.
	WithheldByMode WithheldBy = "Mode"
	// WithheldByGuard: the plan, together with what the object did in the window, would
	// harm more users than the guard allows.
	WithheldByGuard WithheldBy = "Guard"
	// WithheldByWindow: all objects together would do more than the guard's
	// window allows.
	WithheldByWindow WithheldBy = "Window"
	// WithheldByChange: the changes always need an approval.
	WithheldByChange WithheldBy = "Change"
	// WithheldByWithdrawal: the approval of the changes was withdrawn before they were
	// sent. They need another approval, even if they would not have needed the first one
	// by themselves.
	WithheldByWithdrawal WithheldBy = "Withdrawal"
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
	// Harmful is the number of users that the plan would harm.
	// +required
	Harmful int32 `json:"harmful"`
}

// WithheldStatus lists what waits for an approval, for all objects together.
type WithheldStatus struct {
	// Hash identifies the plans of all waiting objects. To release exactly these plans,
	// copy it to spec.approvedPlan or to a PlanApproval.
	// +kubebuilder:validation:MaxLength=71
	// +required
	Hash string `json:"hash"`
	// Changes is the number of waiting changes.
	// +required
	Changes int32 `json:"changes"`
	// Objects are the first 50 objects whose plans wait.
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	Objects []WithheldObject `json:"objects,omitempty"`
}

// ReleasedStatus records what an approval for the Organization released.
type ReleasedStatus struct {
	// Hash that was approved. The release ends when another hash, or none, is approved.
	// +kubebuilder:validation:MaxLength=71
	// +required
	Hash string `json:"hash"`
	// Plans holds digests of the plans that the hash names, at most 10,000.
	// +kubebuilder:validation:MaxLength=131072
	// +optional
	Plans string `json:"plans,omitempty"`
}

// ApprovalsFrom defines what can approve a plan.
// +kubebuilder:validation:Enum=Either;Objects
type ApprovalsFrom string

// What can approve a plan.
const (
	// ApprovalsFromEither: spec.approvedPlan of the object, or a PlanApproval.
	ApprovalsFromEither ApprovalsFrom = "Either"
	// ApprovalsFromObjects: a PlanApproval only.
	ApprovalsFromObjects ApprovalsFrom = "Objects"
)

// Grant records the approval that a plan is carried out under. An approval is valid for
// one plan, once.
type Grant struct {
	// ApprovedHash is the hash of the approved plan that is being carried out. If
	// exactly this hash is no longer approved, the changes that were not sent yet are
	// withheld again, until another approval names them.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedHash string `json:"approvedHash,omitempty"`
	// DoneHash is the hash of the latest approved plan that is done.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	DoneHash string `json:"doneHash,omitempty"`
	// WithheldBy is the reason why changes wait for an approval. It is absent if no
	// change waits.
	// +optional
	WithheldBy WithheldBy `json:"withheldBy,omitempty"`
}
