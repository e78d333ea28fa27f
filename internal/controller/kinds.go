// Package controller registers the controllers of all kinds.
package controller

import (
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/bulkuserimport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/claims"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/organization"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/organization/withheld"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/planapproval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/pushendpoint"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/scheduleduserstate"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/user"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/usergroup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/workdayimport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/workdayinstance"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

// kinds are all kinds that belong to an Organization, each after those whose objects it reads.
// A new kind is one line here: see "Add a kind" in docs/architecture.md.
var kinds = []setup.Kind{
	user.Registration,
	usergroup.Registration,
	scheduleduserstate.Registration,
	pushendpoint.Registration,
	workdayinstance.Registration,
	bulkuserimport.Registration,
	workdayimport.Registration,
}

// Kinds returns an empty object of each kind that belongs to an Organization. All of them have
// plans that people approve.
func Kinds() []lifecycle.Member {
	objects := make([]lifecycle.Member, len(kinds))
	for i := range kinds {
		objects[i] = kinds[i].Object
	}
	return objects
}

// Setup registers the controllers of all kinds.
func Setup(mgr manager.Manager, o setup.Options) error {
	if err := SetupBase(mgr, &o); err != nil {
		return err
	}
	if o.Carry == nil {
		jobs := batch.NewRunner()
		if err := mgr.Add(jobs); err != nil {
			return err
		}
		o.Carry = jobs.Carry
	}
	for _, kind := range kinds {
		if err := kind.Setup(mgr, o); err != nil {
			return err
		}
	}
	return nil
}

// Reconciler makes passes over the objects of one kind.
type Reconciler struct {
	reconcile.Reconciler
	// Object is an empty object of the kind.
	Object lifecycle.Member
}

// Reconcilers returns the Reconcilers of all kinds for callers that make passes without a
// manager, each after those of the kinds whose objects it reads. The options must be complete
// except for what complete sets.
func Reconcilers(c lifecycle.Cluster, o setup.Options) []Reconciler {
	complete(c, &o)
	all := make([]Reconciler, len(kinds))
	for i, kind := range kinds {
		all[i] = Reconciler{kind.Reconciler(c, o), kind.Object}
	}
	return all
}

// complete sets what the kinds share and the options lack.
func complete(c lifecycle.Cluster, o *setup.Options) {
	if o.Window == nil {
		o.Window = lifecycle.NewWindow(c.Client, c.Live, o.Pool, o.Clock)
	}
	if o.Schemas == nil {
		o.Schemas = lifecycle.NewSchemas(nil)
	}
	if o.Claimants == nil {
		o.Claimants = &claims.Reader{
			Objects: c.Client, Admission: o.Admission(c), Loader: rows.Loader{Reader: c.Live},
			Ledger: &ledger.Store{Reader: c.Live}, Pool: o.Pool,
		}
	}
	if o.Turns == nil {
		open := &claims.Jobs{Live: c.Live, Namespaces: o.WatchNamespaces, Cache: c.Client, Ledger: &ledger.Store{Reader: c.Live}}
		o.Turns = turns.New(open.Open)
	}
}

// SetupBase registers the controllers that all kinds depend on: those of Organizations and of
// PlanApprovals.
func SetupBase(mgr manager.Manager, o *setup.Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	complete(lifecycle.ClusterOf(mgr), o)
	if err := planapproval.Setup(mgr, *o, Kinds()); err != nil {
		return err
	}
	if err := organization.Setup(mgr, *o); err != nil {
		return err
	}
	return withheld.Setup(mgr, &withheld.Reconciler{
		Client: mgr.GetClient(), Events: mgr.GetEventRecorder(lifecycle.RecorderName), Kinds: Kinds(), Schemas: o.Schemas,
	})
}
