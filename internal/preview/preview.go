// Package preview plans what the controllers would do if manifests were applied. It
// makes passes of the controllers' own reconcilers over a cluster in memory, which
// holds nothing but the manifests, with all objects in mode Plan.
package preview

import (
	"context"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// What the operator runs with by default. Only the first matters where nothing is sent.
const (
	requestTimeout  = 40 * time.Second
	settleWindow    = time.Minute
	jobStallTimeout = 2 * time.Minute
	jobTimeout      = time.Hour
)

// Options are what is planned.
type Options struct {
	// Objects are those of the manifests, with the API server's defaults.
	Objects []client.Object
	// Organization is what Organization returned for them.
	Organization *v1alpha1.Organization
	// Pool has a session of the Organization, with credentials for reads only.
	Pool *session.Pool
	// AnyHost admits Workday reports at any host, as --allow-endpoint-override does.
	AnyHost bool
	// Values takes what would be changed; nil: they are not asked for.
	Values lifecycle.Values
}

// Preview is a cluster in memory, after the controllers have planned.
type Preview struct {
	// Client reads the objects with their statuses, and the ConfigMaps with the plans that
	// are too long for these.
	client.Client
	// Planned are the objects that belong to the Organization, as they are by then, in the
	// order of the manifests.
	Planned []Planned
}

// Planned is an object that was planned.
type Planned struct {
	lifecycle.Member
	// Unanswered is set where what would be done could not be found out. The conditions
	// tell why.
	Unanswered bool
}

// Run plans. It returns once each object has its plan, or the reason why there is none.
// The error is the context's, that JumpCloud does not accept the credentials any more, or
// one of the program itself.
func Run(ctx context.Context, o Options) (*Preview, error) {
	c, members, err := newCluster(o.Objects, o.Organization)
	if err != nil {
		return nil, err
	}
	ctx = log.IntoContext(ctx, logr.Discard()) // the conditions tell what people need
	p := &planner{cluster: c, pool: o.Pool, organization: client.ObjectKeyFromObject(o.Organization), unanswered: map[name]bool{}}
	for _, reconciler := range controller.Reconcilers(
		lifecycle.Cluster{Client: c, Live: c, Events: silent{}},
		setup.Options{
			Pool: o.Pool, AllowEndpointOverride: o.AnyHost, MaxConcurrentReconciles: atOnce,
			RequestTimeout: requestTimeout,
			Limits:         submission.Limits{SettleWindow: settleWindow, StallTimeout: jobStallTimeout, JobTimeout: jobTimeout},
			Counters:       silent{}, Values: o.Values, Carry: func(batch.Step) {}, // no job is ever made in mode Plan
		},
	) {
		if err := p.plan(ctx, reconciler, members); err != nil {
			return nil, err
		}
	}
	preview := &Preview{Client: c}
	for _, member := range members {
		if err := c.Get(ctx, client.ObjectKeyFromObject(member), member); err != nil {
			return nil, err
		}
		gvk, err := c.GroupVersionKindFor(member)
		if err != nil {
			return nil, err
		}
		member.GetObjectKind().SetGroupVersionKind(gvk)
		preview.Planned = append(preview.Planned, Planned{member, p.unanswered[nameOf(member)]})
	}
	return preview, nil
}

// silent discards what is not asked for.
type silent struct{}

func (silent) Eventf(runtime.Object, runtime.Object, string, string, string, string, ...any) {}
func (silent) Rows(string, string, string, int)                                              {}
func (silent) Submission(string, string, string)                                             {}
func (silent) DriftCorrection(string, string)                                                {}
