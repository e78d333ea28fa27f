// Package setup registers the controllers of kinds: it has what they share, and makes each
// engine from that.
package setup

import (
	"errors"
	"fmt"
	"time"

	"k8s.io/utils/clock"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Options are what the controllers share. Their uncached reads use the manager's API reader.
type Options struct {
	// Pool holds the sessions of Organizations.
	Pool *session.Pool
	// Window counts what all kinds do together; nil: the setup of all kinds makes it.
	Window *guard.Window
	// AllowEndpointOverride admits Organization.spec.endpoint.
	AllowEndpointOverride bool
	// WatchNamespaces are the only namespaces that the manager's cache holds; empty: it holds
	// all.
	WatchNamespaces []string
	// MaxConcurrentReconciles is the number of workers of each controller.
	MaxConcurrentReconciles int
	// RequestTimeout bounds one HTTP attempt, and how long after its intent a request may be
	// sent.
	RequestTimeout time.Duration
	// Limits bound the waiting for a job.
	Limits submission.Limits
	// Counters counts what the kinds do, for the metrics.
	Counters Counters
	// Values takes the values of plans; nil: they are discarded, as in the operator.
	Values lifecycle.Values
	// Claimants knows which users objects name; nil: the setup of all kinds makes it.
	Claimants oneshot.Claimants
	// Turns knows which objects change lists of users; nil: the setup of all kinds makes it.
	Turns *turns.Registry
	// Carry drives the jobs that carry changes of many objects; nil: the setup of all kinds
	// has the manager do so.
	Carry func(batch.Step)
	// Schemas knows which CRDs are older than this operator.
	Schemas *lifecycle.Schemas
	// Clock tells the time; nil: the real time.
	Clock clock.PassiveClock
}

// Counters counts what the kinds do. Its methods must not block.
type Counters interface {
	oneshot.Counters
	continuous.Counters
}

// Admission returns the check of how the objects of a cluster stand with their Organizations.
func (o *Options) Admission(c lifecycle.Cluster) *lifecycle.Admission {
	return &lifecycle.Admission{Client: c.Client, WatchNamespaces: o.WatchNamespaces}
}

// Validate returns what is wrong with the options.
func (o *Options) Validate() error {
	var problems []error
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"request timeout", o.RequestTimeout},
		{"job stall timeout", o.Limits.StallTimeout},
		{"job timeout", o.Limits.JobTimeout},
	} {
		if d.value <= 0 {
			problems = append(problems, fmt.Errorf("the %s must be above zero", d.name))
		}
	}
	// An intent that is resolved while its request may still be on its way could be sent a
	// second time.
	if least := o.RequestTimeout * 3 / 2; o.Limits.SettleWindow < least {
		problems = append(problems, fmt.Errorf("the submission settle window must be at least 1.5 times the request timeout: %s", least))
	}
	if o.MaxConcurrentReconciles < 1 {
		problems = append(problems, errors.New("there must be at least one concurrent reconcile"))
	}
	return errors.Join(problems...)
}
