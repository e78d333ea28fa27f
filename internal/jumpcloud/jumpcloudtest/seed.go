package jumpcloudtest

import "fmt"

// Seed describes organizations, their users and who may use them, as the JSON
// of the seed file and of POST /_simulator/seed.
type Seed struct {
	Organizations []SeedOrganization `json:"organizations"`
	Credentials   []Credential       `json:"credentials,omitempty"`
}

// SeedOrganization is an organization with its users.
type SeedOrganization struct {
	OrganizationOptions
	// Directory are users as AddUser takes them, in addition to the generated
	// ones.
	Directory []User `json:"directory,omitempty"`
}

// Seed adds what it describes, and stops at the first part that cannot be added.
func (s *Server) Seed(seed Seed) error {
	for _, described := range seed.Organizations {
		o, err := s.addOrganization(described.OrganizationOptions)
		if err != nil {
			return err
		}
		for i, u := range described.Directory {
			if _, err := o.addUser(u); err != nil {
				return fmt.Errorf("organization %s, directory[%d]: %w", o.id, i, err)
			}
		}
	}
	for i, c := range seed.Credentials {
		if err := s.addCredential(c); err != nil {
			return fmt.Errorf("credentials[%d]: %w", i, err)
		}
	}
	return nil
}
