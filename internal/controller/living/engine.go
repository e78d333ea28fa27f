package living

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/planbook"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Engine is the lifecycle.Actuator of a kind that lives.
type Engine[T Object, M any] struct {
	Kind Kind[T, M]
	// RequestTimeout of one call, from the status write that precedes it on.
	RequestTimeout time.Duration
	// Counters count for the metrics.
	Counters Counters
	// PlanStore writes long plans into ConfigMaps; nil: they are not written.
	PlanStore *planbook.Store
	// Wake has a pass made soon over an object that waits for users, of whom one
	// was seen. It must not block.
	Wake func(object types.NamespacedName)

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
	deleting bool
	// due is what this pass took out of the counts: see refund.
	due harms
	// long is all of a plan that the status does not hold the whole of; nil: there
	// is no such plan.
	long []planbook.Change
}

func (e *Engine[T, M]) begin(pass *lifecycle.Pass[T]) *work[T, M] {
	m := e.memories.get(pass.Object.GetUID())
	m.meet(pass.Object)
	return &work[T, M]{
		Engine: e, pass: &Pass[T, M]{Pass: pass, Memory: &m.kind, ChangedAt: m.changedAt},
		object: pass.Object, status: pass.Object.Living(), settings: e.Kind.Settings(pass.Object), m: m,
		deleting: !pass.Object.GetDeletionTimestamp().IsZero(), due: harms{},
	}
}

// Reconcile makes one pass: on with the plan that is being carried out, or a
// look whether anything is to be changed.
func (e *Engine[T, M]) Reconcile(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	w := e.begin(pass)
	defer w.m.part()
	return w.settle(ctx, w.publish(ctx, w.reconcile(ctx)))
}

func (w *work[T, M]) reconcile(ctx context.Context) lifecycle.Outcome {
	if outcome, owned := w.owned(ctx); !owned {
		return outcome
	}
	w.resolve(ctx)
	version, err := w.Kind.Load(ctx, w.pass)
	if err != nil {
		return lifecycle.Failed(err)
	}
	w.rebase(version)
	return w.advance(ctx, w.Kind.Observe)
}

// advance goes on with the plan that is being carried out, as long as what was
// approved of it is, or looks what is to be changed.
func (w *work[T, M]) advance(ctx context.Context, look func(context.Context, *Pass[T, M]) (*Plan[T, M], error)) lifecycle.Outcome {
	if w.m.plan != nil {
		approvals, err := w.pass.Approvals(ctx, w.settings.ApprovedPlan)
		if err != nil {
			return lifecycle.Failed(err)
		}
		if !w.withdrawn(approvals) {
			return w.carryOut(ctx)
		}
		w.m.drop()
	}
	return w.observe(ctx, look)
}

// Finalize makes one pass over an object that is being deleted.
func (e *Engine[T, M]) Finalize(ctx context.Context, pass *lifecycle.Pass[T]) lifecycle.Outcome {
	w := e.begin(pass)
	defer w.m.part()
	if !w.finalizes() {
		return released()
	}
	if pass.Session == nil {
		return pass.NoSession
	}
	return w.settle(ctx, w.publish(ctx, w.finalize(ctx)))
}

func (w *work[T, M]) finalize(ctx context.Context) lifecycle.Outcome {
	if !w.finalizes() { // the Organization may say Plan
		return released()
	}
	if outcome, owned := w.owned(ctx); !owned {
		return outcome
	}
	w.resolve(ctx)
	w.rebase("deletion")
	return w.advance(ctx, w.Kind.PlanDeletion)
}

// Forget drops what is remembered of an object that is gone.
func (e *Engine[T, M]) Forget(_ types.NamespacedName, uid types.UID) { e.memories.forget(uid) }

func released() lifecycle.Outcome {
	return lifecycle.Done(v1alpha1.UpToDateReason, "Nothing is left to do at JumpCloud.")
}

// owned reports whether no other object has what this one stands for. One that
// is being deleted leaves it to the other.
func (w *work[T, M]) owned(ctx context.Context) (lifecycle.Outcome, bool) {
	if w.deleting && w.settings.Deletion == DeletionSettles {
		return lifecycle.Outcome{}, true
	}
	identity := w.Kind.Identity(w.object)
	owner, claim, err := w.pass.Owner(ctx, identity.exclusive())
	if err != nil {
		return lifecycle.Failed(err), false
	}
	if claim == "" {
		return lifecycle.Outcome{}, true
	}
	w.m.drop()
	w.forgo()
	w.describe(nil, &judgement{})
	if w.deleting {
		return released(), false
	}
	w.disown(claim)
	return lifecycle.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
		"%s %s already stands for %s. Nothing is sent for this one: delete one of the two, or let them name different things.",
		w.Kind.Name(), client.ObjectKeyFromObject(owner), w.settings.Thing)), false
}

// rebase takes note of what this pass is made from.
func (w *work[T, M]) rebase(version string) {
	annotations := w.object.GetAnnotations()
	now := basis{
		generation: w.object.GetGeneration(), version: version,
		request:    annotations[v1alpha1.ReconcileRequestedAtAnnotation],
		empty:      annotations[v1alpha1.AllowEmptyAnnotation],
		resolution: annotations[v1alpha1.ResolveSubmissionAnnotation],
	}
	// What has an outcome already is older than this process. Of what is read
	// in the cluster, that cannot be told.
	old := version == "" && !w.pass.Requested && w.object.Common().ObservedGeneration == now.generation
	w.m.rebase(now, w.pass.Session, w.pass.Now, old)
}

// planning tells that nothing may be changed at JumpCloud, and whether it is
// the Organization that says so.
func (w *work[T, M]) planning() (planning, byOrganization bool) {
	if w.settings.Mode == v1alpha1.ModePlan {
		return true, false
	}
	organization := w.pass.Session != nil && w.pass.Session.Spec.Mode == v1alpha1.ModePlan
	return organization, organization
}

// finalizes tells whether the object must not go without a word to JumpCloud.
func (w *work[T, M]) finalizes() bool {
	planning, _ := w.planning()
	return w.settings.Deletion == DeletionSettles || w.settings.Deletion == DeletionActs && !planning
}

// call makes one change, and sends nothing after the deadline.
func (w *work[T, M]) call(ctx context.Context, change *Change[T, M], deadline time.Time) error {
	admission, err := w.pass.Session.Client.Admit(ctx, change.lane())
	if err != nil {
		return err
	}
	if change.Action == v1alpha1.ChangeCreate || change.Action == v1alpha1.ChangeSchedule {
		if err := w.pass.MayCreate(ctx); err != nil {
			return err
		}
	}
	// Where the process is asked to end, the answer is waited for all the same.
	// The client bounds the wait.
	w.pass.Unasked = change.unasked
	key := approval.Short(change.digest())
	harm, reserved := w.m.account.reserved[key]
	delete(w.m.account.reserved, key)
	err = change.Do(context.WithoutCancel(ctx), w.pass, jumpcloud.Submission{
		Admission: admission, Deadline: deadline,
	})
	if reserved && notMade(err) {
		w.m.account.reserved[key] = harm
	}
	return err
}
