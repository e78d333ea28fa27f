// Package session connects objects to the organization they belong to: one
// client, limiter, pause and directory for each endpoint and organization,
// shared by all controllers.
package session

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Session is the working connection of one Organization object whose
// credentials were verified by this process. It is immutable: a changed
// Organization gets a new one.
type Session struct {
	// Organization is the object that the session was made for.
	Organization types.NamespacedName
	// OrganizationID is JumpCloud's id of the organization.
	OrganizationID string
	// Spec is the Organization's spec, with defaults.
	Spec v1alpha1.OrganizationSpec
	// Client calls JumpCloud with the Organization's credentials.
	Client *jumpcloud.Client
	// Directory reads the organization's users.
	Directory *Directory
}
