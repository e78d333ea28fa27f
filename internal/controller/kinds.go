// Package controller registers the controllers of all kinds.
package controller

import (
	"sigs.k8s.io/controller-runtime/pkg/manager"

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
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// kinds are all kinds that belong to an Organization. A new kind is one line here:
// see "Add a kind" in docs/architecture.md.
var kinds = []setup.Kind{
	bulkuserimport.Registration,
	user.Registration,
	usergroup.Registration,
	scheduleduserstate.Registration,
	pushendpoint.Registration,
	workdayinstance.Registration,
	workdayimport.Registration,
}

// Kinds returns an empty object of each kind that belongs to an Organization. All
// of them have plans that people approve.
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
	if o.Claimants == nil {
		o.Claimants = &claims.Reader{
			Objects: mgr.GetClient(), Loader: rows.Loader{Reader: mgr.GetAPIReader()}, Ledger: &ledger.Store{Reader: mgr.GetAPIReader()}, Pool: o.Pool,
		}
	}
	for _, kind := range kinds {
		if err := kind.Setup(mgr, o); err != nil {
			return err
		}
	}
	return nil
}

// SetupBase registers the controllers that the kinds belong to: those of
// Organizations and of PlanApprovals.
func SetupBase(mgr manager.Manager, o *setup.Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if o.Window == nil {
		o.Window = lifecycle.NewWindow(mgr.GetClient(), mgr.GetAPIReader(), o.Pool, nil)
	}
	if err := planapproval.Setup(mgr, *o, Kinds()); err != nil {
		return err
	}
	if err := organization.Setup(mgr, *o); err != nil {
		return err
	}
	return withheld.Setup(mgr, &withheld.Reconciler{
		Client: mgr.GetClient(), Events: mgr.GetEventRecorder(lifecycle.RecorderName), Kinds: Kinds(),
	})
}
