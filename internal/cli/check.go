package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/cli/check"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// checking is one invocation of the command check.
type checking struct {
	remote
	genericiooptions.IOStreams

	format                output
	behavior, emailDomain string
	patience              time.Duration
	isTest, clean, dryRun bool

	// sleep and now replace real time, if they are not nil.
	sleep func(ctx context.Context, d time.Duration) error
	now   func() time.Time
}

func newCheck(streams genericiooptions.IOStreams) *cobra.Command {
	c := &checking{IOStreams: streams}
	command := &cobra.Command{
		Use:   "check",
		Short: "Find out how JumpCloud behaves, in an organization that is set aside for this purpose",
		Long: `Find out how JumpCloud behaves where its documentation says nothing. The command
creates users, groups, jobs and scheduled states in an organization that is set aside for
this purpose, observes what happens to them, and removes them. It changes nothing else. It
can write the findings as the behavior of the simulator.

Everything that it creates is called ` + check.Prefix + `..., and is removed after an interrupt
too. After a crash, the next run or --clean removes it.

JumpCloud may send mail to the addresses of the users, so --email-domain must name a domain
where no one receives mail. The command refuses an organization with more than 50 users.`,
		Example: `  kubectl jumpcloud check --dry-run
  kubectl jumpcloud check --i-know-this-is-a-test-organization --api-key-file key.txt --behavior behavior.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	flags := command.Flags()
	c.addTo(flags)
	c.format.addTo(command, "json", "yaml")
	flags.StringVar(&c.behavior, "behavior", "", "file to write the findings to, for simulator --behavior")
	flags.StringVar(&c.emailDomain, "email-domain", "example.com", "domain of the email addresses of the users that are created")
	flags.DurationVar(&c.patience, "patience", time.Minute, "how long to wait for something slow, such as a job")
	flags.BoolVar(&c.isTest, "i-know-this-is-a-test-organization", false, "confirm that no one works with this organization, and that users and groups may be created in it")
	flags.BoolVar(&c.clean, "clean", false, "only remove what earlier runs left behind")
	flags.BoolVar(&c.dryRun, "dry-run", false, "only print what would be created")
	return command
}

func (c *checking) run(ctx context.Context) error {
	if err := c.format.check(); err != nil {
		return err
	}
	switch {
	case c.dryRun:
		return write(c.Out, planText())
	case !c.isTest:
		return usagef("check creates and removes users and groups, so the organization must be set aside for it: " +
			"confirm this with --i-know-this-is-a-test-organization, or use --dry-run to see what would be created")
	case c.patience < time.Second:
		return usagef("--patience must be at least 1s")
	case c.emailDomain == "" || strings.ContainsAny(c.emailDomain, "@ "):
		return usagef("invalid --email-domain %q: must be a domain such as example.com", c.emailDomain)
	}
	options, err := c.options(ctx)
	if err != nil {
		return err
	}
	if c.clean {
		return check.Clean(ctx, options)
	}
	file, err := reserve(c.behavior)
	if err != nil {
		return err
	}
	defer file.discard()
	report, err := check.Run(ctx, options)
	if err != nil {
		return err
	}
	behavior, err := report.Behavior()
	if err != nil {
		return err
	}
	if err := file.write(behavior); err != nil {
		return err
	}
	if c.format.format != "" {
		return c.format.encode(c.Out, report)
	}
	return write(c.Out, reportText(report, c.behavior))
}

// options connects first, so that a mistake shows before anything is created.
func (c *checking) options(ctx context.Context) (check.Options, error) {
	address, err := c.address()
	if err != nil {
		return check.Options{}, err
	}
	key, err := c.key(c.In)
	if err != nil {
		return check.Options{}, err
	}
	_, organization, err := c.dial(ctx, key)
	if err != nil {
		return check.Options{}, err
	}
	progress := func(text string) { _, _ = fmt.Fprintln(c.ErrOut, text) }
	progress(fmt.Sprintf("Checking organization %s. Everything it creates is called %s..., and is removed.", organization.ID, check.Prefix))
	return check.Options{
		BaseURL: address, APIKey: key, OrganizationID: organization.ID, EmailDomain: c.emailDomain,
		Transport: jumpcloud.NewTransport(), RequestsPerSecond: float64(c.requestsPerSecond), Patience: c.patience,
		Sleep: c.sleep, Now: c.now, Progress: progress,
	}, nil
}

// planText says what a check will create.
func planText() string {
	t := table{header: []string{"PROBES", "CREATES AT MOST, AND REMOVES"}}
	for _, plan := range check.Plans() {
		t.add(plan.Title, plan.Makes)
	}
	return paragraph(0, "Everything that the check creates is called "+check.Prefix+"... Nothing else is changed.") + "\n" + t.String()
}

// reportText returns the findings for people.
func reportText(report *check.Report, file string) string {
	t := table{header: []string{"SWITCH", "FOUND", "VERDICT", "SHOWN BY"}}
	counts := map[check.Verdict]int{}
	for i := range report.Findings {
		f := &report.Findings[i]
		counts[f.Verdict]++
		t.add(f.Switch, f.Found(), string(f.Verdict), f.Shown)
	}
	text := fmt.Sprintf("%d switches: %d confirmed, %d refuted, %d measured, %d not tried.", len(report.Findings),
		counts[check.Confirmed], counts[check.Refuted], counts[check.Measured], counts[check.NotTried])
	if file != "" {
		text += fmt.Sprintf(" Wrote %s, for simulator --behavior %s.", file, file)
	}
	return t.String() + "\n" + paragraph(0, text)
}

// reserved is a file that is written at the end, completely or not at all.
type reserved struct {
	name string
	file *os.File // nil if none is wanted
}

// reserve makes sure that the file can be written, by creating a temporary file beside it.
func reserve(name string) (*reserved, error) {
	if name == "" {
		return &reserved{}, nil
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return nil, fmt.Errorf("--behavior: %w", err)
	}
	return &reserved{name, file}, nil
}

func (r *reserved) write(content []byte) error {
	if r.file == nil {
		return nil
	}
	if _, err := r.file.Write(content); err != nil {
		return fmt.Errorf("--behavior: %w", err)
	}
	if err := r.file.Close(); err != nil {
		return fmt.Errorf("--behavior: %w", err)
	}
	if err := os.Rename(r.file.Name(), r.name); err != nil {
		return fmt.Errorf("--behavior: %w", err)
	}
	return nil
}

// discard removes the temporary file.
func (r *reserved) discard() {
	if r.file != nil {
		_ = r.file.Close()
		_ = os.Remove(r.file.Name())
	}
}
