package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/preview"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/validation"
)

// errUnplannable ends a validation with objects that the operator would refuse because of what
// is at JumpCloud, or whose changes could not be determined.
var errUnplannable = errors.New("the operator would not carry out all of the manifests")

// against is what manifests are planned against: the flags of a connection, and its target.
// Without a target, nothing is planned.
type against struct {
	remote

	target string
}

// live is the target that the other flags describe.
const live = "live"

func (a *against) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&a.target, "against", "", "also plan, against the organization of your API key (live) or against the simulator at this address")
	a.remote.addTo(flags)
}

// check refuses flags that contradict each other.
func (a *against) check(paths []string) error {
	switch address, err := url.Parse(a.target); {
	case a.target == "" && a.keyFile != "":
		return usagef("--api-key-file can only be used with --against")
	case a.target == "":
		return nil
	case a.keyFile == "-" && slices.Contains(paths, manifest.Stdin):
		return usagef("standard input cannot hold both the manifests and the API key: write the key to a file and name it with --api-key-file")
	case a.target == live:
	case err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "":
		return usagef("invalid --against %q: must be live, or an address such as http://127.0.0.1:8080", a.target)
	case a.endpoint != "":
		return usagef("--against and --endpoint both set the address: use only one of them")
	default:
		a.endpoint = a.target
	}
	_, err := a.address()
	return err
}

// plannedObject is the plan of one object.
type plannedObject struct {
	*planView
	// Unanswered is set if the plan could not be determined.
	Unanswered bool `json:"unanswered,omitempty"`
}

// quiet reports whether there is nothing to show about the object.
func (p *plannedObject) quiet() bool { return len(p.Changes) == 0 && p.Status.Word == wordReady }

// plan plans the objects that have no problems. They see all objects that the API server would
// accept, because objects refer to each other.
func (a *against) plan(ctx context.Context, in io.Reader, report *validation.Report) ([]plannedObject, error) {
	if a.target == "" {
		return nil, nil
	}
	key, err := a.key(in)
	if err != nil {
		return nil, err
	}
	organization, err := preview.Organization(ctx, report.Accepted)
	if err != nil || organization == nil {
		return nil, err
	}
	planned, err := a.preview(ctx, key, preview.Options{Objects: report.Accepted, Organization: organization})
	if err != nil {
		return nil, err
	}
	return plansOf(ctx, planned, report)
}

// plansOf reads the plans of a preview, except those of objects with problems.
func plansOf(ctx context.Context, planned *preview.Preview, report *validation.Report) ([]plannedObject, error) {
	plans := []plannedObject{}
	reader := &cluster{Client: planned.Client}
	for _, object := range planned.Planned {
		if report.Complains(object.GetObjectKind().GroupVersionKind().Kind, object) {
			continue
		}
		view, err := reader.plan(ctx, object.Member)
		if err != nil {
			return nil, err
		}
		plans = append(plans, plannedObject{view, object.Unanswered})
	}
	return plans, nil
}

// text returns what the command plan prints for each object about which there is something to
// show, and a count of all; "" if nothing was planned.
func (a *against) text(plans []plannedObject, failure error) string {
	if a.target == "" || failure != nil {
		return ""
	}
	var b strings.Builder
	changes, quiet := 0, 0
	for i := range plans {
		switch {
		case plans[i].quiet():
			quiet++
			continue
		case plans[i].differs():
			changes++
		}
		b.WriteString("\n" + plans[i].String())
	}
	fmt.Fprintf(&b, "\n%s: %d would change something, %d would change nothing, %d cannot be planned.\n",
		text.Plural(len(plans), "object"), changes, quiet, len(plans)-changes-quiet)
	return b.String()
}

// verdict returns the error with which the command ends.
func verdict(plans []plannedObject) error {
	refused := func(p plannedObject) bool { return p.Unanswered || p.Status.Word == wordStalled }
	switch {
	case slices.ContainsFunc(plans, refused):
		return errUnplannable
	case slices.ContainsFunc(plans, func(p plannedObject) bool { return p.differs() }):
		return errDifferences
	default:
		return nil
	}
}
