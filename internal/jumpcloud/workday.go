package jumpcloud

import "encoding/json"

// WorkdayInstanceName is the only name that JumpCloud allows a new instance
// (documented).
const WorkdayInstanceName = "Workday Import"

// WorkdayInstance is an organization's connection to Workday. None of it was ever observed:
// all that is said here about Workday is documented, or assumed where it says so.
type WorkdayInstance struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	ReportURL string `json:"reportUrl"`
	// LastImport is free text from JumpCloud; empty if there was none.
	LastImport string      `json:"lastImport"`
	Auth       WorkdayAuth `json:"auth"`
	// Unread are the members whose values are unknown, except what the parts of Auth report.
	Unread Unread `json:"-"`
}

// WorkdayAuth describes an instance's ways to authenticate with Workday.
type WorkdayAuth struct {
	Basic WorkdayAuthInfo `json:"basic"`
	// OAuth is announced, but does not work yet.
	OAuth WorkdayAuthInfo `json:"oauth"`
}

// UnmarshalJSON never fails for JSON: if the value is no object, nothing of either part is
// known.
func (a *WorkdayAuth) UnmarshalJSON(data []byte) error {
	type plain WorkdayAuth
	*a = WorkdayAuth{}
	if isNull(data) {
		return nil // absent
	}
	if unread := decodeRecord(data, (*plain)(a)); unread != nil {
		a.Basic.Unread, a.OAuth.Unread = unread, unread
	}
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
	// Unread are the members whose values are unknown.
	Unread Unread
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
	// Unread are the other members that are neither texts nor numbers.
	Unread Unread `json:"-"`
}

func (w *WorkdayWorker) shows() bool { return !w.Unread.Has() }

func (w *WorkdayInstance) valid() bool { return w.ID != "" }

func (w *WorkdayInstance) shows() bool { return w.valid() }

// UnmarshalJSON never fails for JSON: see Unread.
func (w *WorkdayInstance) UnmarshalJSON(data []byte) error {
	type plain WorkdayInstance
	*w = WorkdayInstance{}
	wire := struct {
		*plain
		ID         scalar `json:"id"`
		LastImport scalar `json:"lastImport"`
	}{plain: (*plain)(w)}
	w.Unread = decodeRecord(data, &wire)
	w.ID, w.LastImport = string(wire.ID), string(wire.LastImport)
	return nil
}

// UnmarshalJSON never fails for JSON: see Unread.
func (a *WorkdayAuthInfo) UnmarshalJSON(data []byte) error {
	*a = WorkdayAuthInfo{}
	if isNull(data) {
		return nil // absent
	}
	var wire struct {
		IsValid flag   `json:"isValid"`
		Expiry  scalar `json:"expiry"`
		Message scalar `json:"message"`
	}
	unread := decodeRecord(data, &wire)
	*a = WorkdayAuthInfo{IsValid: bool(wire.IsValid), Expiry: string(wire.Expiry), Message: string(wire.Message), Unread: unread}
	return nil
}

// UnmarshalJSON accepts members of other types than the documented ones: one odd worker must
// not hide the others.
func (w *WorkdayWorker) UnmarshalJSON(data []byte) error {
	var worker struct {
		Email      scalar          `json:"email"`
		Username   scalar          `json:"username"`
		FirstName  scalar          `json:"firstName"`
		LastName   scalar          `json:"lastName"`
		Attributes json.RawMessage `json:"attributes"`
	}
	unread := decodeRecord(data, &worker)
	*w = WorkdayWorker{
		Email: string(worker.Email), Username: string(worker.Username),
		FirstName: string(worker.FirstName), LastName: string(worker.LastName), Unread: unread,
	}
	if !isNull(worker.Attributes) {
		w.Attributes = worker.Attributes
	}
	return nil
}
