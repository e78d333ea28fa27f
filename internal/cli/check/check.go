package check

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// MostUsers is how many users an organization may have, apart from those of checks.
	MostUsers = 50
	// sweepTime is the maximum duration of the removal after the probes, and after an
	// interrupt.
	sweepTime = 5 * time.Minute
)

// Options say which organization to check, and how.
type Options struct {
	// BaseURL is scheme://host[/prefix], without /api.
	BaseURL string
	// APIKey is that of an administrator who may change users and groups.
	APIKey string
	// OrganizationID is the organization that is checked.
	OrganizationID string
	// EmailDomain is the domain of the users' addresses, which may be sent mails.
	EmailDomain string
	// Transport carries the requests, one at a time.
	Transport http.RoundTripper
	// RequestsPerSecond is the maximum rate of requests; 0 means no limit.
	RequestsPerSecond float64
	// Patience is how long the check waits for delayed effects.
	Patience time.Duration
	// Sleep waits, at most until the context ends. nil means in real time.
	Sleep func(ctx context.Context, d time.Duration) error
	// Now returns the time, which must be JumpCloud's too. nil means real time.
	Now func() time.Time
	// Progress is told what is being done. nil means that nobody is.
	Progress func(text string)
}

// Run checks the organization. In any case it removes what it created, and what an earlier run
// left; the error names what cannot be removed.
func Run(ctx context.Context, o Options) (*Report, error) { return run(ctx, o, all) }

func run(ctx context.Context, o Options, probes []group) (*Report, error) {
	l := newLab(o)
	if err := l.admit(ctx); err != nil {
		return nil, err
	}
	l.o.Progress("Looking for objects that an earlier check left behind ...")
	if err := l.sweep(ctx); err != nil {
		return nil, err
	}
	report, err := l.try(ctx, probes)
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepTime)
	defer cancel()
	l.o.Progress("Removing what the check created ...")
	if err := errors.Join(err, l.sweep(cleaning)); err != nil {
		return nil, err
	}
	return report, nil
}

// Clean only removes what earlier runs left.
func Clean(ctx context.Context, o Options) error {
	l := newLab(o)
	if err := l.admit(ctx); err != nil {
		return err
	}
	return l.sweep(ctx)
}

// admit refuses an organization that is too large to be one for tests. It only reads.
func (l *lab) admit(ctx context.Context) error {
	organizations, err := l.list(ctx, call{path: "/organizations", outside: true})
	if err != nil {
		return err
	}
	for _, organization := range organizations {
		l.visible = append(l.visible, text(organization, "_id"))
	}
	others := 0
	users, err := l.users(ctx)
	if err != nil {
		return err
	}
	for _, user := range users {
		if !markedUser(user) {
			others++
		}
	}
	if others > MostUsers {
		return fmt.Errorf("organization %s has %d users: check accepts an organization with at most %d users, because it must be set aside for tests",
			l.o.OrganizationID, others, MostUsers)
	}
	return nil
}
