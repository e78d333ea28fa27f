package jumpcloudtest

import (
	"slices"
	"time"
)

// MailKind is the kind of an email.
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
func (o *Organization) Mails() []Mail {
	o.server.lock()
	defer o.server.mu.Unlock()
	return slices.Clone(o.mails)
}

// welcome mails a user that has become active, at the given address or the user's own. This is
// documented for /state/activate; that creates and updates choose the address in the same way
// is assumed.
func (o *Organization) welcome(u *user, to string, now time.Time) {
	mail := Mail{At: now, Kind: MailWelcome, To: to, UserID: u.id, Username: u.text("username")}
	if u.password == "" {
		mail.Kind = MailActivation
		if mail.To == "" {
			mail.To = u.text("alternateEmail")
		}
	}
	if mail.To == "" {
		mail.To = u.text("email")
	}
	o.mails = append(o.mails, mail)
}
