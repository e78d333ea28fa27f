package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// probe finds out about one switch of the simulator.
type probe struct {
	// name is that of the switch in the simulator's behavior.
	name string
	// assumed is the side that the simulator takes by itself; nil: a time.
	assumed any
	// calls says in short what is called.
	calls string
	// decide makes the calls and returns the value of the switch. An error of type
	// unseenError or unexpectedError leaves it not tried.
	decide func(ctx context.Context, l *lab) (any, error)
}

// group is probes that share what they make, which is removed after the last.
type group struct {
	title string
	// makes says in short what is there at most at once.
	makes  string
	probes []probe
}

// unseenError is the reason why a switch cannot be told this time.
type unseenError string

func (u unseenError) Error() string { return string(u) }

// Plan is what a check would do, in its order.
type Plan struct{ Title, Makes string }

// Plans returns what a check would make, before it does.
func Plans() (plans []Plan) {
	for _, g := range all {
		plans = append(plans, Plan{g.title, g.makes})
	}
	return plans
}

// try makes the probes. The error is one that ends the check.
func (l *lab) try(ctx context.Context, probes []group) (*Report, error) {
	report := &Report{}
	for _, g := range probes {
		l.o.Progress(fmt.Sprintf("Trying %s: makes %s ...", g.title, g.makes))
		for i := range g.probes {
			finding, err := l.tryOne(ctx, &g.probes[i])
			if err != nil {
				return nil, err
			}
			// Words that JumpCloud answers are quoted.
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
