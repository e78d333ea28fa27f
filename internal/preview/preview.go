// Package preview plans what the controllers would do if manifests were applied. It runs
// passes of the controllers' own reconcilers on an in-memory cluster that holds only the
// manifests, with all objects in mode Plan.
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

// The operator's defaults. Only the first matters, because nothing is sent.
const (
	requestTimeout  = 40 * time.Second
	settleWindow    = time.Minute
	jobStallTimeout = 2 * time.Minute
	jobTimeout      = time.Hour
)

// Options say what to plan.
type Options struct {
	// Objects are the objects of the manifests, with the API server's defaults.
	Objects []client.Object
	// Organization is the result of Organization for them.
	Organization *v1alpha1.Organization
	// Pool has a session of the Organization, with credentials for reads only.
	Pool *session.Pool
	// AnyHost admits Workday reports on any host, as --allow-endpoint-override does.
	AnyHost bool
	// Values receives the values that would change; nil if they are not needed.
	Values lifecycle.Values
}

// Preview is an in-memory cluster after the controllers have planned.
type Preview struct {
	// Client reads the objects with their statuses, and the ConfigMaps with plans that are too
	// long for a status.
	client.Client
	// Planned are the objects that belong to the Organization, as they are after planning, in
	// the order of the manifests.
	Planned []Planned
}

// Planned is an object that was planned.
type Planned struct {
	lifecycle.Member
	// Unanswered is set if it could not be determined what would be done. The conditions say
	// why.
	Unanswered bool
}

// Run plans. It returns once each object has its plan, or a reason why there is none. The
// error is the context's, a rejection of the credentials by JumpCloud, or a failure of the
// program itself.
func Run(ctx context.Context, o Options) (*Preview, error) {
	c, members, err := newCluster(o.Objects, o.Organization)
	if err != nil {
		return nil, err
	}
	ctx = log.IntoContext(ctx, logr.Discard()) // the conditions say what people need
	p := &planner{cluster: c, pool: o.Pool, organization: client.ObjectKeyFromObject(o.Organization), unanswered: map[name]bool{}}
	for _, reconciler := range controller.Reconcilers(
		lifecycle.Cluster{Client: c, Live: c, Events: silent{}},
		setup.Options{
			Pool: o.Pool, AllowEndpointOverride: o.AnyHost, MaxConcurrentReconciles: atOnce,
			RequestTimeout: requestTimeout,
			Limits:         submission.Limits{SettleWindow: settleWindow, StallTimeout: jobStallTimeout, JobTimeout: jobTimeout},
			Counters:       silent{}, Values: o.Values, Carry: func(batch.Step) {}, // no job is created in mode Plan
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

// silent discards events and counts.
type silent struct{}

func (silent) Eventf(runtime.Object, runtime.Object, string, string, string, string, ...any) {}
func (silent) Rows(string, string, string, int)                                              {}
func (silent) Submission(string, string, string)                                             {}
func (silent) DriftCorrection(string, string)                                                {}
