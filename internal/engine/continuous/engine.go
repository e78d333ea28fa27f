package continuous

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/planlist"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

// Engine is the lifecycle.Actuator of a kind that lives.
type Engine[T Object, M any] struct {
	Kind Kind[T, M]
	// RequestTimeout bounds one call, counted from the status write that precedes it.
	RequestTimeout time.Duration
	// Counters count for the metrics.
	Counters Counters
	// Values receives the values of plans; nil: nobody needs them.
	Values lifecycle.Values
	// PlanStore writes long plans into ConfigMaps; nil: they are not written.
	PlanStore *planlist.Store
	// Wake schedules a pass soon over an object that waits for users, one of whom was seen, or
	// for another object's turn to end. It must not block.
	Wake func(object types.NamespacedName)
	// Turns record which objects change lists of users.
	Turns *turns.Registry

	memories memories[T, M]
}

// work is one pass over one object.
type work[T Object, M any] struct {
	*Engine[T, M]
	pass     *Pass[T, M]
	object   T
	status   *v1alpha1.LivingStatus
	settings Settings
	m        *memory[T, M]
	harm     *harmCount[T]
	report   *report[T, M]
	deleting bool
}

func (e *Engine[T, M]) begin(pass *lifecycle.Pass[T]) *work[T, M] {
	m := e.memories.get(pass.Object.GetUID())
	m.meet(pass.Object)
	w := &work[T, M]{
		Engine: e, pass: &Pass[T, M]{Pass: pass, Memory: &m.kind, ChangedAt: m.changedAt},
		object: pass.Object, status: pass.Object.Living(), settings: e.Kind.Settings(pass.Object), m: m,
		deleting: !pass.Object.GetDeletionTimestamp().IsZero(),
	}
	w.harm = &harmCount[T]{
		account: &m.account, pass: pass, status: w.status, due: harms{},
		read: announcement{harmed: w.status.Harmed, at: w.status.CountedAt.DeepCopy()},
	}
	planning, _ := w.planning()
	w.report = &report[T, M]{Engine: e, pass: pass, status: w.status, planning: planning, deleting: w.deleting}
	return w
}

// Reconcile makes one pass: it continues the plan that is being carried out, or observes and
// plans.
func (e *Engine[T, M]) Reconcile(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	w := e.begin(pass)
	return w.end(ctx, w.reconcile(ctx))
}

func (w *work[T, M]) reconcile(ctx context.Context) lifecycle.Outcome {
	if outcome, owned := w.owned(ctx); !owned {
		return outcome
	}
	w.harm.resolve(ctx)
	version, err := w.Kind.Load(ctx, w.pass)
	if err != nil {
		return lifecycle.Failed(err)
	}
	w.rebase(version)
	return w.advance(ctx, w.Kind.Observe)
}

// end publishes the plan, settles the counts of harm, and ends turns that are not needed any
// more.
func (w *work[T, M]) end(ctx context.Context, outcome lifecycle.Outcome) lifecycle.Outcome {
	if w.m.phase != carryingOut {
		outcome = w.report.publish(ctx, outcome)
	}
	outcome = w.harm.settle(ctx, outcome)
	w.keepTurns()
	return outcome
}

// advance continues the plan that is being carried out, as long as its approval stands;
// otherwise it observes and plans. It first waits for a job that has a change of the object.
func (w *work[T, M]) advance(ctx context.Context, look func(context.Context, *Pass[T, M]) (*Plan[T, M], error)) lifecycle.Outcome {
	if outcome, ends := w.awaitJob(ctx); ends {
		return outcome
	}
	if w.m.phase == carryingOut {
		approvals, err := w.pass.Approvals(ctx, w.settings.ApprovedPlan)
		if err != nil {
			return lifecycle.Failed(err)
		}
		if !withdrawn(w.status.Plan, approvals) {
			return w.carryOut(ctx)
		}
		w.m.drop()
	}
	return w.observe(ctx, look)
}

// Finalize makes one pass over an object that is being deleted.
func (e *Engine[T, M]) Finalize(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	w := e.begin(pass)
	if !w.finalizes() {
		return released()
	}
	if pass.Session == nil {
		return pass.NoSession
	}
	return w.end(ctx, w.finalize(ctx))
}

func (w *work[T, M]) finalize(ctx context.Context) lifecycle.Outcome {
	if !w.finalizes() { // the Organization's mode may be Plan
		return released()
	}
	if outcome, owned := w.owned(ctx); !owned {
		return outcome
	}
	w.harm.resolve(ctx)
	w.rebase("deletion")
	return w.advance(ctx, w.Kind.PlanDeletion)
}

// Forget drops what is remembered of an object that is gone. If a job with a change of the
// object is under way, the object keeps its turns until the job has ended.
func (e *Engine[T, M]) Forget(key types.NamespacedName, uid types.UID) {
	drop := func() { e.Turns.Drop(turns.Holder{Kind: e.Kind.Name(), NamespacedName: key, UID: uid}) }
	if sent := e.memories.forget(uid); sent != nil {
		sent.Then(drop)
	} else {
		drop()
	}
}

func released() lifecycle.Outcome {
	return lifecycle.Done(v1alpha1.UpToDateReason, "Nothing is left to do at JumpCloud.")
}

// owned reports whether no other object owns what this one stands for, and returns the outcome
// if one does. An object that is being deleted leaves it to the owner.
func (w *work[T, M]) owned(ctx context.Context) (lifecycle.Outcome, bool) {
	if w.deleting && w.settings.Deletion == DeletionSettles {
		return lifecycle.Outcome{}, true
	}
	identity := w.Kind.Identity(w.object)
	owner, key, err := w.pass.Owner(ctx, identity.exclusive())
	if err != nil {
		return lifecycle.Failed(err), false
	}
	if key == "" {
		return lifecycle.Outcome{}, true
	}
	w.withdraw()
	w.m.drop()
	w.harm.forgo()
	w.report.describe(nil, &evaluation{})
	if w.deleting {
		return released(), false
	}
	if slices.Contains(identity.Held, key) {
		identity.Disown(key)
	}
	return lifecycle.Stalled(v1alpha1.RemoteConflictReason, identity.Taken(key, w.Kind.Name(), client.ObjectKeyFromObject(owner), w.settings.Thing)), false
}

// Taken returns the message for an object if another object of the kind owns the key; thing is
// Settings.Thing.
func (i *Identity) Taken(key, kind string, owner client.ObjectKey, thing string) string {
	has := "stands for " + thing
	if slices.Contains(i.Unique, key) {
		has = "has the " + key
	}
	return fmt.Sprintf("%s %s already %s. Nothing is sent for this one: delete one of the two, or let them name different things.",
		kind, owner, has)
}

// rebase records the basis of this pass, and drops a plan with another basis.
func (w *work[T, M]) rebase(version string) {
	annotations := w.object.GetAnnotations()
	now := basis{
		generation: w.object.GetGeneration(), version: version,
		request:    annotations[v1alpha1.ReconcileRequestedAtAnnotation],
		empty:      annotations[v1alpha1.AllowEmptyAnnotation],
		resolution: annotations[v1alpha1.ResolveSubmissionAnnotation],
	}
	// A generation with an outcome is older than this process. The age of what Load read in
	// the cluster is unknown.
	old := version == "" && !w.pass.Requested && w.object.Common().ObservedGeneration == now.generation
	w.m.rebase(now, w.pass.Session, w.pass.Now, old)
}

// planning reports whether nothing may be changed at JumpCloud, and whether only the
// Organization's mode says so.
func (w *work[T, M]) planning() (planning, byOrganization bool) {
	if w.settings.Mode == v1alpha1.ModePlan {
		return true, false
	}
	organization := w.pass.Session != nil && w.pass.Session.Spec.Mode == v1alpha1.ModePlan
	return organization, organization
}

// finalizes reports whether the object needs the finalizer: its deletion must be carried out
// or settled at JumpCloud first.
func (w *work[T, M]) finalizes() bool {
	planning, _ := w.planning()
	return w.settings.Deletion == DeletionSettles || w.settings.Deletion == DeletionActs && !planning
}
