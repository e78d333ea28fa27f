package jumpcloudtest

import (
	"fmt"
	"maps"
	"slices"
)

// Seed describes organizations, their contents and their credentials. It is the JSON of the
// seed file and of POST /_simulator/seed.
type Seed struct {
	Organizations []SeedOrganization `json:"organizations"`
	Credentials   []Credential       `json:"credentials,omitempty"`
}

// SeedOrganization is an organization with its contents.
type SeedOrganization struct {
	OrganizationOptions
	// Directory contains users as for AddUser, in addition to the generated ones.
	Directory []User `json:"directory,omitempty"`
	// UserGroups contains groups as for AddUserGroup, each with the ids or usernames of its
	// members in members.
	UserGroups []UserGroup `json:"userGroups,omitempty"`
	// ScheduledStates are as for AddScheduledState.
	ScheduledStates []NewScheduledState `json:"scheduledStates,omitempty"`
	// PushEndpoints are as for AddPushEndpoint, by id or username.
	PushEndpoints map[string][]PushEndpoint `json:"pushEndpoints,omitempty"`
	// WorkdayReport is the report that a Workday instance reads.
	WorkdayReport WorkdayReport `json:"workdayReport,omitzero"`
}

// Seed adds the described parts, and stops at the first one that cannot be added.
func (s *Server) Seed(seed Seed) error {
	for _, described := range seed.Organizations {
		o, err := s.addOrganization(described.OrganizationOptions)
		if err != nil {
			return err
		}
		if err := o.seed(described); err != nil {
			return fmt.Errorf("organization %s, %w", o.id, err)
		}
	}
	for i, c := range seed.Credentials {
		if err := s.addCredential(c); err != nil {
			return fmt.Errorf("credentials[%d]: %w", i, err)
		}
	}
	return nil
}

func (o *Organization) seed(described SeedOrganization) error {
	for i, u := range described.Directory {
		if _, err := o.addUser(u); err != nil {
			return fmt.Errorf("directory[%d]: %w", i, err)
		}
	}
	for i, g := range described.UserGroups {
		if _, err := o.seedUserGroup(g); err != nil {
			return fmt.Errorf("userGroups[%d]: %w", i, err)
		}
	}
	for i, state := range described.ScheduledStates {
		if _, err := o.addScheduledState(state); err != nil {
			return fmt.Errorf("scheduledStates[%d]: %w", i, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(described.PushEndpoints)) {
		for i, endpoint := range described.PushEndpoints[name] {
			if _, err := o.addPushEndpoint(name, endpoint); err != nil {
				return fmt.Errorf("pushEndpoints[%s][%d]: %w", name, i, err)
			}
		}
	}
	return o.setWorkdayReport(described.WorkdayReport)
}

// seedUserGroup adds a group whose attributes include its members.
func (o *Organization) seedUserGroup(given UserGroup) (string, error) {
	g := maps.Clone(given)
	listed, _ := g["members"].([]any)
	delete(g, "members")
	members := stringsOf(listed)
	if len(members) != len(listed) {
		return "", malformed("members are ids or usernames")
	}
	return o.addUserGroup(g, members)
}
