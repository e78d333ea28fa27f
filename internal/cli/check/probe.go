package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// probe determines one switch of the simulator.
type probe struct {
	// name is the switch's name in the simulator's behavior.
	name string
	// assumed is the simulator's default; nil for a time.
	assumed any
	// calls describes the calls in short.
	calls string
	// decide makes the calls and returns the value of the switch. After an unseenError or
	// unexpectedError the switch counts as not tried.
	decide func(ctx context.Context, l *lab) (any, error)
}

// group is a group of probes that share what they create, which is removed after the last one.
type group struct {
	title string
	// makes describes in short what exists at most at the same time.
	makes  string
	probes []probe
}

// unseenError is the reason why a switch could not be determined in this run.
type unseenError string

func (u unseenError) Error() string { return string(u) }

// Plan describes one group of probes of a check.
type Plan struct{ Title, Makes string }

// Plans returns what a check would create, in the order of the groups.
func Plans() (plans []Plan) {
	for _, g := range all {
		plans = append(plans, Plan{g.title, g.makes})
	}
	return plans
}

// try runs the probes. An error ends the check.
func (l *lab) try(ctx context.Context, probes []group) (*Report, error) {
	report := &Report{}
	for _, g := range probes {
		l.o.Progress(fmt.Sprintf("Trying %s: creates %s ...", g.title, g.makes))
		for i := range g.probes {
			finding, err := l.tryOne(ctx, &g.probes[i])
			if err != nil {
				return nil, err
			}
			// Shown may quote words from JumpCloud's answers.
			finding.Shown = strings.ReplaceAll(finding.Shown, l.o.APIKey, "***")
			report.Findings = append(report.Findings, finding)
		}
		if err := l.clear(ctx); err != nil {
			return nil, err
		}
		l.forget()
	}
	for _, n := range notTried {
		report.Findings = append(report.Findings, Finding{Switch: n.name, Verdict: NotTried, Shown: n.why})
	}
	return report, nil
}

func (l *lab) tryOne(ctx context.Context, p *probe) (Finding, error) {
	l.shown = ""
	value, err := p.decide(ctx, l)
	_, hidden := errors.AsType[unseenError](err)
	_, odd := errors.AsType[unexpectedError](err)
	switch {
	case err == nil:
		return p.found(value, p.calls+": "+l.shown), nil
	case hidden, odd:
		return Finding{Switch: p.name, Verdict: NotTried, Shown: p.calls + ": " + err.Error()}, nil
	}
	return Finding{}, err
}
