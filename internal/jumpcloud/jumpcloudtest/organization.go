package jumpcloudtest

import (
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

// OrganizationOptions describes a new organization. Its zero value is valid, and means an
// organization without credentials and users.
type OrganizationOptions struct {
	// ID is 24 lower-case hexadecimal digits. "": a new one.
	ID string `json:"id,omitempty"`
	// Name is its displayName. "": Example Org.
	Name string `json:"name,omitempty"`
	// APIKey is a single-tenant key of the organization. "": none; see Server.AddCredential.
	APIKey string `json:"apiKey,omitempty"`
	// Users is how many users to generate; see Organization.Generate.
	Users int `json:"users,omitempty"`
	// Settings are merged, member by member, into the default settings, which are
	// newSystemUserStateDefaults {manualEntry: STAGED, csvImport: STAGED, applicationImport:
	// ACTIVATED} and passwordPolicy {enableMinLength: true, minLength: 8}. A null removes a
	// member.
	Settings map[string]any `json:"settings,omitempty"`
	// Behavior is that of this organization; nil: that of the Server.
	Behavior *Behavior `json:"behavior,omitempty"`
}

// Organization is one tenant. It shares no data with others.
type Organization struct {
	server  *Server
	id      string
	name    string
	created time.Time

	// Guarded by the Server's lock.
	behavior  Behavior
	limiter   *rate.Limiter // nil: no limit
	settings  map[string]any
	users     *directory
	generated int
	mails     []Mail
	jobs      []*job
	jobsByID  map[string]*job
	queue     rowQueue
	busyUntil time.Time         // when the last row of a job is due
	byKey     map[string][]*row // all rows, by username or id; see keyOf
	rowFaults []*rowScript

	groups        groups
	schedule      schedule
	associations  map[string][]association  // by the id of a group or a user
	pushEndpoints map[string][]PushEndpoint // by the id of the user
	workday       *workday                  // nil: none
	report        WorkdayReport
}

// AddOrganization adds an organization. It panics if the id is taken or malformed, or if the
// settings are not valid JSON.
func (s *Server) AddOrganization(options OrganizationOptions) *Organization {
	o, err := s.addOrganization(options)
	if err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
	return o
}

func (s *Server) addOrganization(options OrganizationOptions) (*Organization, error) {
	settings, err := throughJSON(options.Settings)
	if err != nil {
		return nil, err
	}
	now := s.lock()
	defer s.mu.Unlock()
	o := &Organization{
		server: s, id: options.ID, name: options.Name, created: now,
		settings: defaultSettings(), users: newDirectory(), jobsByID: map[string]*job{}, byKey: map[string][]*row{},
		groups: newGroups(), associations: map[string][]association{}, pushEndpoints: map[string][]PushEndpoint{},
	}
	if o.id == "" {
		o.id = s.ids.next(now)
	}
	if !idPattern.MatchString(o.id) || s.organization(o.id) != nil {
		return nil, fmt.Errorf("organization id %q is malformed or taken", o.id)
	}
	if o.name == "" {
		o.name = "Example Org"
	}
	behavior := s.behavior
	if options.Behavior != nil {
		behavior = *options.Behavior
	}
	o.configure(func(b *Behavior) { *b = behavior })
	mergeSettings(o.settings, settings)
	o.generate(options.Users, now)
	s.organizations = append(s.organizations, o)
	if options.APIKey != "" {
		s.credentials.keys[options.APIKey] = &Credential{
			APIKey: options.APIKey, Organizations: []string{o.id}, Email: "admin@example.org",
		}
	}
	return o, nil
}

// ID returns the organization's id.
func (o *Organization) ID() string { return o.id }

// Behavior returns a copy of the organization's behaviour.
func (o *Organization) Behavior() Behavior {
	o.server.mu.Lock()
	defer o.server.mu.Unlock()
	return o.behavior
}

// Configure changes the organization's behaviour from now on. Jobs that are already accepted
// keep their due times.
func (o *Organization) Configure(change func(*Behavior)) {
	o.server.lock()
	defer o.server.mu.Unlock()
	o.configure(change)
}

func (o *Organization) configure(change func(*Behavior)) {
	before := o.behavior
	change(&o.behavior)
	b := o.behavior
	if b.RequestsPerSecond == before.RequestsPerSecond && b.Burst == before.Burst {
		return // a new bucket would be a full one
	}
	o.limiter = nil
	if b.RequestsPerSecond > 0 {
		o.limiter = rate.NewLimiter(rate.Limit(b.RequestsPerSecond), max(1, b.Burst))
	}
}

func (o *Organization) admits(at time.Time) bool { return o.limiter == nil || o.limiter.AllowN(at, 1) }

// ChangeSettings merges settings as OrganizationOptions.Settings does. It panics if they are
// not valid JSON.
func (o *Organization) ChangeSettings(settings map[string]any) {
	change, err := throughJSON(settings)
	if err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
	o.server.lock()
	defer o.server.mu.Unlock()
	mergeSettings(o.settings, change)
}

func defaultSettings() map[string]any {
	settings, err := throughJSON(map[string]any{
		"newSystemUserStateDefaults": map[string]any{"manualEntry": staged, "csvImport": staged, "applicationImport": activated},
		"passwordPolicy":             map[string]any{"enableMinLength": true, "minLength": 8},
	})
	if err != nil {
		panic(err) // the literal above is JSON
	}
	return settings
}

// mergeSettings merges objects member by member, at every depth.
func mergeSettings(into, change map[string]any) {
	for name, value := range change {
		inner, isObject := value.(map[string]any)
		present, wasObject := into[name].(map[string]any)
		switch {
		case value == nil:
			delete(into, name)
		case isObject && wasObject:
			mergeSettings(present, inner)
		default:
			into[name] = value
		}
	}
}

// defaultState returns the state of a new user that states none. An organization without the
// setting predates user states, when all users were active (assumed).
func (o *Organization) defaultState(setting string) string {
	defaults, _ := o.settings["newSystemUserStateDefaults"].(map[string]any)
	if state, ok := defaults[setting].(string); ok {
		return state
	}
	return activated
}
