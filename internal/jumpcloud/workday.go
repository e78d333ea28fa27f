package jumpcloud

import "encoding/json"

// WorkdayInstanceName is the only name that JumpCloud allows a new instance
// (documented).
const WorkdayInstanceName = "Workday Import"

// WorkdayInstance is an organization's connection to Workday. None of it was ever observed:
// all that is said here about Workday is documented, or assumed where it says so.
type WorkdayInstance struct {
	ID        string
	Name      string
	ReportURL string
	// LastImport is free text from JumpCloud; empty if there was none.
	LastImport string
	Auth       WorkdayAuth
}

// WorkdayAuth describes an instance's ways to authenticate with Workday.
type WorkdayAuth struct {
	Basic WorkdayAuthInfo `json:"basic"`
	// OAuth is announced, but does not work yet.
	OAuth WorkdayAuthInfo `json:"oauth"`
}

// UnmarshalJSON accepts members of other types than the documented ones.
func (a *WorkdayAuth) UnmarshalJSON(data []byte) error {
	type plain WorkdayAuth
	*a = WorkdayAuth{}
	decodeRecord(data, (*plain)(a))
	return nil
}

// WorkdayAuthInfo reports whether one way to authenticate works.
type WorkdayAuthInfo struct {
	IsValid bool
	// Expiry is a date as JumpCloud writes it; empty if there is none.
	Expiry string
	// Message is one line from JumpCloud of at most 256 bytes, with the client's credentials
	// masked, and also those for Workday if the call had them.
	Message string
}

// WorkdayCredentials are the credentials of Workday's integration system user. Only basic
// authentication works.
type WorkdayCredentials struct {
	Username string   `json:"username"`
	Password Password `json:"password"`
}

// WorkdayInstanceInput is what an instance is created from.
type WorkdayInstanceInput struct {
	ReportURL   string
	Credentials WorkdayCredentials
}

// WorkdayInstanceUpdate is the writable part of an instance. JumpCloud accepts the name, but
// does not allow changing it.
type WorkdayInstanceUpdate struct {
	Name      string `json:"name"`
	ReportURL string `json:"reportUrl"`
}

// WorkdayWorker is one row of the report. The report decides which members it has and what
// they contain.
type WorkdayWorker struct {
	Email     string
	Username  string
	FirstName string
	LastName  string
	// Attributes is an object of the report's own members; nil if it has none.
	Attributes json.RawMessage

	noObject bool
}

func (w *WorkdayWorker) shows() bool { return !w.noObject }

func (w *WorkdayInstance) valid() bool { return w.ID != "" }

func (w *WorkdayInstance) shows() bool { return w.valid() }

// UnmarshalJSON accepts members of other types than the documented ones.
func (w *WorkdayInstance) UnmarshalJSON(data []byte) error {
	var instance struct {
		ID         json.RawMessage `json:"id"`
		Name       json.RawMessage `json:"name"`
		ReportURL  json.RawMessage `json:"reportUrl"`
		LastImport json.RawMessage `json:"lastImport"`
		Auth       WorkdayAuth     `json:"auth"`
	}
	decodeRecord(data, &instance)
	*w = WorkdayInstance{
		ID: text(instance.ID), Name: text(instance.Name), ReportURL: text(instance.ReportURL),
		LastImport: text(instance.LastImport), Auth: instance.Auth,
	}
	return nil
}

// UnmarshalJSON accepts members of other types than the documented ones.
func (a *WorkdayAuthInfo) UnmarshalJSON(data []byte) error {
	var info struct {
		IsValid json.RawMessage `json:"isValid"`
		Expiry  json.RawMessage `json:"expiry"`
		Message json.RawMessage `json:"message"`
	}
	decodeRecord(data, &info)
	*a = WorkdayAuthInfo{IsValid: text(info.IsValid) == "true", Expiry: text(info.Expiry), Message: text(info.Message)}
	return nil
}

// UnmarshalJSON accepts members of other types than the documented ones: one odd worker must
// not hide the others.
func (w *WorkdayWorker) UnmarshalJSON(data []byte) error {
	var worker struct {
		Email      json.RawMessage `json:"email"`
		Username   json.RawMessage `json:"username"`
		FirstName  json.RawMessage `json:"firstName"`
		LastName   json.RawMessage `json:"lastName"`
		Attributes json.RawMessage `json:"attributes"`
	}
	unread := decodeRecord(data, &worker)
	*w = WorkdayWorker{
		noObject: unread.Has(),
		Email:    text(worker.Email), Username: text(worker.Username),
		FirstName: text(worker.FirstName), LastName: text(worker.LastName),
	}
	if !isNull(worker.Attributes) {
		w.Attributes = worker.Attributes
	}
	return nil
}
