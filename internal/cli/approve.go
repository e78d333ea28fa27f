package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// approving is one invocation of the command approve.
type approving struct {
	output

	c            *cluster
	env          *environment
	yes          bool
	hash, reason string
}

func newApprove(env *environment) *cobra.Command {
	a := &approving{env: env}
	command := env.command(&cobra.Command{
		Use:   "approve KIND/NAME",
		Short: "Show what waits for an approval, and approve exactly that after you confirm",
		Long: `Show what waits for an approval, ask for confirmation, and create a PlanApproval for
exactly what was shown. If the plan changes before you answer, nothing is approved.

With -o yaml or json, print the PlanApproval instead of creating it, so that you can
commit it. The plan is then written to standard error.`,
		Example: `  kubectl jumpcloud approve bulkuserimport/hires -n identity --reason CHG-1234
  kubectl jumpcloud approve organization/acme -n identity --yes --hash sha256:...`,
		Args: oneObject(),
	}, func(cmd *cobra.Command, c *cluster, args []string) error {
		a.c = c
		return a.run(cmd.Context(), args)
	})
	a.addTo(command, "json", "yaml")
	command.Flags().BoolVar(&a.yes, "yes", false, "do not ask for confirmation; requires --hash")
	command.Flags().StringVar(&a.hash, "hash", "", "approve only the plan with this hash")
	command.Flags().StringVar(&a.reason, "reason", "", "reason for the approval, such as a ticket number; recorded in the PlanApproval")
	return command
}

func (a *approving) run(ctx context.Context, args []string) error {
	if err := a.check(); err != nil {
		return err
	}
	if a.yes && a.hash == "" {
		return usagef("--yes approves only what --hash names: look at the plan first")
	}
	object, err := a.c.object(ctx, args)
	if err != nil {
		return err
	}
	text, hash, err := a.c.toApprove(ctx, object)
	if err != nil {
		return err
	}
	if a.hash != "" && a.hash != hash {
		return fmt.Errorf("nothing was approved: --hash is %s, and what waits of %s is %s now. Review the plan, and approve it again if you mean all of it",
			a.hash, title(object), hash)
	}
	if given, err := a.given(ctx, object, hash); given || err != nil {
		return err
	}
	show := a.env.Out
	if a.format != "" {
		show = a.env.ErrOut
	}
	// What could not be shown must not be approved.
	if err := write(show, text); err != nil {
		return fmt.Errorf("nothing was approved: %w", err)
	}
	if a.format != "" {
		return a.encode(a.env.Out, a.approval(object, hash, false))
	}
	if err := a.ask(object, hash); err != nil {
		return err
	}
	return a.create(ctx, object, hash)
}

// toApprove returns everything of an object that waits for an approval, as text for people,
// and its hash.
func (c *cluster) toApprove(ctx context.Context, object lifecycle.Object) (text, hash string, err error) {
	var views []*planView
	head := ""
	if organization, ok := object.(*v1alpha1.Organization); ok {
		head = headOf(organization)
		if views, err = c.withheldPlans(ctx, organization); err != nil {
			return "", "", err
		}
	} else {
		view, err := c.plan(ctx, object)
		if err != nil {
			return "", "", err
		}
		views = []*planView{view}
	}
	if hash = waitingHash(object); hash == "" {
		return "", "", fmt.Errorf("nothing of %s waits for an approval: %s", title(object), stateOf(object).line())
	}
	return plansText(head, views), hash, nil
}

// waitingHash returns the hash of what waits for an approval of an object; "" if nothing does.
func waitingHash(object lifecycle.Object) string {
	if organization, ok := object.(*v1alpha1.Organization); ok {
		if organization.Status.Withheld == nil {
			return ""
		}
		return organization.Status.Withheld.Hash
	}
	plan := approval.PlanOf(object)
	if plan.WithheldBy == "" || plan.Withheld == 0 {
		return ""
	}
	return plan.Hash
}

// given reports whether a PlanApproval of the plan exists already, and says so.
func (a *approving) given(ctx context.Context, object lifecycle.Object, hash string) (bool, error) {
	if a.format != "" {
		return false, nil
	}
	all, err := a.c.approvals(ctx, object)
	if err != nil {
		return false, err
	}
	for i := range all {
		if all[i].Spec.Plan == hash {
			return true, write(a.env.Out, fmt.Sprintf("PlanApproval %s approves this plan already.\n", client.ObjectKeyFromObject(&all[i])))
		}
	}
	return false, nil
}

var errNotApproved = errors.New("nothing was approved")

// ask asks for a confirmation of what was shown. Any answer but yes means no.
func (a *approving) ask(object lifecycle.Object, hash string) error {
	if a.yes {
		return nil
	}
	if err := write(a.env.Out, fmt.Sprintf("\nApprove plan %s of %s?\nType yes to approve exactly this: ", hash, title(object))); err != nil {
		return fmt.Errorf("%w: %w", errNotApproved, err)
	}
	answer, err := bufio.NewReader(a.env.In).ReadString('\n')
	switch {
	case strings.TrimSpace(answer) == "yes":
		return nil
	case errors.Is(err, io.EOF) && answer == "":
		return fmt.Errorf("%w: there was no answer. In a pipeline, use --yes with --hash", errNotApproved)
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("%w: %w", errNotApproved, err)
	}
	return fmt.Errorf("%w: the answer was not yes", errNotApproved)
}

// create creates the PlanApproval, unless something else waits by then. A later change does no
// harm: the hash covers only what was shown.
func (a *approving) create(ctx context.Context, shown lifecycle.Object, hash string) error {
	now, err := a.c.get(ctx, shown.GetObjectKind().GroupVersionKind().Kind, client.ObjectKeyFromObject(shown))
	if err != nil {
		return fmt.Errorf("%w: %w", errNotApproved, err)
	}
	if now.GetUID() != shown.GetUID() || waitingHash(now) != hash {
		return fmt.Errorf("%w: the plan of %s changed since it was shown. Look at it again", errNotApproved, title(shown))
	}
	p := a.approval(now, hash, true)
	err = a.c.Create(ctx, p)
	if apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("%w: there is another PlanApproval %s. Delete it, and try again", errNotApproved, client.ObjectKeyFromObject(p))
	}
	if err != nil {
		return fmt.Errorf("%w: create PlanApproval %s: %w", errNotApproved, p.Name, err)
	}
	return write(a.env.Out, fmt.Sprintf("PlanApproval %s created.\n", client.ObjectKeyFromObject(p)))
}

const (
	// maxApprovedName is how much of an object's name is in the name of its PlanApproval.
	maxApprovedName = 200
	// hashDigits is how many digits of a plan's hash are in the name of its PlanApproval.
	hashDigits = 12
)

// approval returns the PlanApproval of a plan. If bound, it counts only for this object, and
// not for another one of the same name; one for Git cannot know the object.
func (a *approving) approval(object lifecycle.Object, hash string, bound bool) *v1alpha1.PlanApproval {
	gvk := object.GetObjectKind().GroupVersionKind()
	name := object.GetName()
	name = strings.TrimRight(name[:min(len(name), maxApprovedName)], "-.")
	digits := strings.TrimPrefix(hash, "sha256:")
	p := &v1alpha1.PlanApproval{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "PlanApproval"},
		ObjectMeta: metav1.ObjectMeta{Namespace: object.GetNamespace(), Name: name + "-" + digits[:min(len(digits), hashDigits)]},
		Spec: v1alpha1.PlanApprovalSpec{
			ObjectRef: v1alpha1.ApprovableReference{Kind: v1alpha1.ApprovableKind(gvk.Kind), Name: object.GetName()},
			Plan:      hash, Reason: a.reason,
		},
	}
	// If the object is being deleted in the foreground, this would be deleted with it.
	if bound && !controllerutil.ContainsFinalizer(object, metav1.FinalizerDeleteDependents) {
		p.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind, Name: object.GetName(), UID: object.GetUID(),
		}}
	}
	return p
}
