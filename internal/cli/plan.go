package cli

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

func newPlan(env *environment) *cobra.Command {
	var o output
	var show showing
	command := env.command(&cobra.Command{
		Use:   "plan KIND/NAME",
		Short: "Show every planned change, and what waits for an approval",
		Long: `Show every change that is planned for an object: the user, the fields, and whether the
change waits for an approval. For an Organization, show all plans that wait because of
its guard or its window.

With --show-values, also show old and new values. These are not stored in the cluster, so
the operator's planners plan again, against JumpCloud with your own API key. The command
only reads from JumpCloud.

The exit code is 10 if anything would be changed, and 0 if nothing would be changed.`,
		Example: `  kubectl jumpcloud plan bulkuserimport/hires -n identity
  kubectl jumpcloud plan organization/acme -n identity -o csv
  kubectl jumpcloud plan bulkuserimport/hires -n identity --show-values --api-key-file key.txt`,
		Args: oneObject(),
	}, func(cmd *cobra.Command, c *cluster, args []string) error {
		if err := o.check(); err != nil {
			return err
		}
		if err := show.check(); err != nil {
			return err
		}
		views, head, err := c.plans(cmd.Context(), args)
		if err != nil {
			return err
		}
		moved, err := show.fill(cmd.Context(), env.In, c, views)
		if err != nil {
			return err
		}
		if moved > 0 {
			_, _ = fmt.Fprintf(env.ErrOut, "%s no longer planned as shown, so values are missing: run the command again after the operator has updated its plan.\n", text.Count(moved, "change is", "changes are"))
		}
		if err := o.plans(env.Out, head, views); err != nil {
			return err
		}
		for _, view := range views {
			if view.differs() {
				return errDifferences
			}
		}
		return nil
	})
	o.addTo(command, "json", "yaml", "csv")
	show.addTo(command.Flags())
	return command
}

// plans reads the plan of an object, or the waiting plans of an Organization, and returns the
// text that precedes them.
func (c *cluster) plans(ctx context.Context, args []string) (views []*planView, head string, err error) {
	object, err := c.object(ctx, args)
	if err != nil {
		return nil, "", err
	}
	if organization, ok := object.(*v1alpha1.Organization); ok {
		views, err := c.withheldPlans(ctx, organization)
		return views, headOf(organization), err
	}
	view, err := c.plan(ctx, object)
	if err != nil {
		return nil, "", err
	}
	return []*planView{view}, "", nil
}

// plans writes plans in the requested format.
func (o *output) plans(w io.Writer, head string, views []*planView) error {
	switch {
	case o.format == "csv":
		return writeCSV(w, views)
	case o.format != "" && len(views) == 1 && head == "":
		return o.encode(w, views[0])
	case o.format != "":
		return o.encode(w, append([]*planView{}, views...))
	}
	return write(w, plansText(head, views))
}

func plansText(head string, views []*planView) string {
	texts := make([]string, 0, len(views)+1)
	if head != "" {
		texts = append(texts, head)
	}
	for _, view := range views {
		texts = append(texts, view.String())
	}
	return strings.Join(texts, "\n")
}

func writeCSV(w io.Writer, views []*planView) error {
	var b strings.Builder
	lines := csv.NewWriter(&b)
	records := [][]string{{"kind", "namespace", "name", "action", "subject", "details", "harmful", "withheld", "invalid"}}
	for _, v := range views {
		for i := range v.Changes {
			c := &v.Changes[i]
			records = append(records, []string{
				v.Kind, v.Namespace, v.Name, c.Action, ledger.Cell(c.Subject), ledger.Cell(c.told()),
				strconv.FormatBool(c.Harmful), strconv.FormatBool(c.Withheld), strconv.FormatBool(c.Invalid),
			})
		}
	}
	if err := lines.WriteAll(records); err != nil {
		return err
	}
	return write(w, b.String())
}

// headOf says what of all objects of an Organization waits.
func headOf(organization *v1alpha1.Organization) string {
	waits := organization.Status.Withheld
	if waits == nil {
		return paragraph(0, title(organization)+": nothing waits because of its guard or its window.")
	}
	return paragraph(0, fmt.Sprintf("%s: %s because of its guard or its window. One approval of this hash releases all that waits:",
		title(organization), text.Count(int(waits.Changes), "change waits", "changes wait"))) + "Hash: " + printable(waits.Hash) + "\n"
}
