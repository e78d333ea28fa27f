package jumpcloudtest

import "time"

// User is a user as JumpCloud's JSON has it.
type User = map[string]any

// OrganizationOptions describes a new organization. Its zero value is a valid
// one without credentials and users.
type OrganizationOptions struct {
	// ID is 24 hexadecimal digits. "": a new one.
	ID string `json:"id,omitempty"`
	// Name is its displayName. "": Example Org.
	Name string `json:"name,omitempty"`
	// APIKey is a single-tenant key for it. "": none; see Server.AddCredential.
	APIKey string `json:"apiKey,omitempty"`
	// Users is how many users to generate; see Organization.Generate.
	Users int `json:"users,omitempty"`
	// Settings are merged, member by member, over the default settings, which are
	// newSystemUserStateDefaults {manualEntry: STAGED, csvImport: STAGED,
	// applicationImport: ACTIVATED} and passwordPolicy {enableMinLength: true,
	// minLength: 8}. A null takes a member away.
	Settings map[string]any `json:"settings,omitempty"`
	// Behavior of this organization; nil: that of the Server.
	Behavior *Behavior `json:"behavior,omitempty"`
}

// Organization is one tenant. Its data are its own.
type Organization struct{ id string }

// AddOrganization adds an organization. It panics if the id is taken or
// malformed.
func (s *Server) AddOrganization(o OrganizationOptions) *Organization { return &Organization{} }

// Organization returns the one with this id, or nil.
func (s *Server) Organization(id string) *Organization { return nil }

// ID returns the organization's id.
func (o *Organization) ID() string { return o.id }

// Configure changes the organization's behaviour from the next request on.
func (o *Organization) Configure(change func(*Behavior)) {}

// ChangeSettings merges settings as OrganizationOptions.Settings does.
func (o *Organization) ChangeSettings(settings map[string]any) {}

// AddUser puts a user into the directory as somebody at the console would have,
// without rules, mails or history, and returns its id. Read-only attributes such
// as admin may be given. It panics without a username and an email that are new.
func (o *Organization) AddUser(u User) string { return "" }

// Generate adds n users: username user000001 and so on, email
// user000001@example.org, names, a department out of ten, an
// employeeIdentifier E000001, state ACTIVATED.
func (o *Organization) Generate(n int) {}

// UpdateUser sets attributes of a user as somebody at the console would; a nil
// takes one away. It reports whether the user exists.
func (o *Organization) UpdateUser(id string, change User) bool { return false }

// DeleteUser removes a user and reports whether it existed.
func (o *Organization) DeleteUser(id string) bool { return false }

// Users returns all users in order of creation. They are copies.
func (o *Organization) Users() []User { return nil }

// CountUsers returns how many users there are.
func (o *Organization) CountUsers() int { return 0 }

// User returns the user with this id, or nil.
func (o *Organization) User(id string) User { return nil }

// UserByUsername returns the user with exactly this username, or nil.
func (o *Organization) UserByUsername(username string) User { return nil }

// Password returns the password last set for a user; "" if none was.
func (o *Organization) Password(id string) string { return "" }

// MailKind is the sort of an email.
type MailKind string

const (
	// MailActivation asks a user without a password to set one.
	MailActivation MailKind = "activation"
	// MailWelcome tells a user with a password about the account.
	MailWelcome MailKind = "welcome"
	// MailJobSummary tells the administrator how a job ended.
	MailJobSummary MailKind = "jobSummary"
)

// Mail is an email that JumpCloud would have sent.
type Mail struct {
	At       time.Time `json:"at"`
	Kind     MailKind  `json:"kind"`
	To       string    `json:"to"`
	UserID   string    `json:"userID,omitempty"`
	Username string    `json:"username,omitempty"`
	JobID    string    `json:"jobID,omitempty"`
}

// Mails returns the emails so far.
func (o *Organization) Mails() []Mail { return nil }
