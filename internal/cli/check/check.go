package check

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// MostUsers is how many users an organization may have to be checked.
	MostUsers = 50
	// sweepTime is how long the removal may take after an interrupt.
	sweepTime = 5 * time.Minute
)

// Options say which organization is checked, and how.
type Options struct {
	// BaseURL is scheme://host[/prefix], without /api.
	BaseURL string
	// APIKey is that of an administrator who may change users and groups.
	APIKey string
	// OrganizationID is the organization that is checked.
	OrganizationID string
	// EmailDomain is that of the users' addresses, which may be sent mails.
	EmailDomain string
	// Transport carries the requests, one at a time.
	Transport http.RoundTripper
	// RequestsPerSecond is how many requests are made at most; 0: any number.
	RequestsPerSecond float64
	// Patience is how long the check waits for what takes a while.
	Patience time.Duration
	// Sleep waits, at most until the context ends. Nil: by real time.
	Sleep func(ctx context.Context, d time.Duration) error
	// Now is the time that JumpCloud has too. Nil: real time.
	Now func() time.Time
	// Progress is told what is being done. Nil: nothing is.
	Progress func(text string)
}

// Run checks the organization. It removes what it made, and what an earlier run
// left, whatever happens; what cannot be removed is named by the error.
func Run(ctx context.Context, o Options) (*Report, error) { return run(ctx, o, all) }

func run(ctx context.Context, o Options, probes []group) (*Report, error) {
	l := newLab(o)
	if err := l.admit(ctx); err != nil {
		return nil, err
	}
	l.o.Progress("Looking for what an earlier check left ...")
	if err := l.sweep(ctx); err != nil {
		return nil, err
	}
	report, err := l.try(ctx, probes)
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepTime)
	defer cancel()
	l.o.Progress("Removing what was made ...")
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

// admit refuses an organization that is too large to be one for tests. It only
// reads.
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
		return fmt.Errorf("organization %s has %d users: only one with at most %d is checked, as it must be set aside for tests",
			l.o.OrganizationID, others, MostUsers)
	}
	return nil
}
