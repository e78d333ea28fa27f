package v1alpha1

// LeaversPolicy defines what happens to users that an import found or created and that
// its source no longer names.
// +kubebuilder:validation:Enum=Ignore;Report;Suspend
type LeaversPolicy string

// What happens to users who have left the source of an import.
const (
	// LeaversIgnore does nothing, and remembers no users.
	LeaversIgnore LeaversPolicy = "Ignore"
	// LeaversReport lists them in the status and in the ledger.
	LeaversReport LeaversPolicy = "Report"
	// LeaversSuspend suspends those who are Activated and not protected, under the guard
	// of the Organization, and lists the others.
	LeaversSuspend LeaversPolicy = "Suspend"
)

// LeaverStatus refers to a user who has left the source.
type LeaverStatus struct {
	// ID is JumpCloud's id of the user.
	// +kubebuilder:validation:MaxLength=64
	// +required
	ID string `json:"id"`
	// Username of the user.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Username string `json:"username,omitempty"`
}

// LeaversStatus describes who has left the source, as of the last run or plan, and holds
// the digests that verify the ConfigMaps that list the users of the import.
type LeaversStatus struct {
	// Count of the users who have left the source and are not suspended.
	// +optional
	Count int32 `json:"count"`
	// Users are the first 50 users who have left and are not suspended. The ConfigMaps in
	// results list all of them with the actions Leave and SuspendLeaver.
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	Users []LeaverStatus `json:"users,omitempty"`
	// Unknown describes why it is not known who has left. In this case, no user counts as
	// having left. Otherwise, it is absent.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Unknown string `json:"unknown,omitempty"`
	// BlockedBy is the import that prevents the operator from knowing who has left. The
	// directory is read again once it is known which users that import names.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	BlockedBy string `json:"blockedBy,omitempty"`
	// Digest of the users who belong to the import. ConfigMaps that hold other users were
	// edited by someone else and are not trusted.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Digest string `json:"digest,omitempty"`
	// Next is the digest of the users that are about to be written. It is absent if no
	// write is in progress.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Next string `json:"next,omitempty"`
}
