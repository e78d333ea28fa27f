package check

import (
	"encoding/json"
	"fmt"
	"time"
)

// Verdict says what a probe made of what the simulator assumes.
type Verdict string

const (
	// Confirmed is a behavior as the simulator assumes it.
	Confirmed Verdict = "confirmed"
	// Refuted is another one.
	Refuted Verdict = "refuted"
	// Measured is a time, about which nothing is assumed.
	Measured Verdict = "measured"
	// NotTried is a behavior that cannot be seen, or could not be this time.
	NotTried Verdict = "not tried"
)

// Finding is what is known about one switch after the check.
type Finding struct {
	// Switch is its name in the simulator's behavior.
	Switch string `json:"switch"`
	// Value is what the switch is to be set to; nil: not tried.
	Value any `json:"value,omitempty"`
	// Verdict compares it with what the simulator assumes.
	Verdict Verdict `json:"verdict"`
	// Shown is the exchange that shows it, or why it was not tried.
	Shown string `json:"shown"`
}

// Found is the value as text; empty: not tried.
func (f *Finding) Found() string {
	if f.Value == nil {
		return ""
	}
	return asText(f.Value)
}

// asText shows a value of a switch: a word as it is, and one that is empty as "".
func asText(value any) string {
	if value == "" {
		return `""`
	}
	return fmt.Sprint(value)
}

// Report is what a check found.
type Report struct {
	Findings []Finding `json:"findings"`
}

// Behavior is the JSON of the simulator's switches that behaves as what was
// checked. Switches that were not tried are left out.
func (r *Report) Behavior() ([]byte, error) {
	switches := object{}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Verdict != NotTried {
			switches[f.Switch] = f.Value
		}
	}
	content, err := json.MarshalIndent(switches, "", "  ")
	return append(content, '\n'), err
}

// found makes the finding of a probe.
func (p *probe) found(value any, shown string) Finding {
	f := Finding{Switch: p.name, Value: value, Verdict: Refuted, Shown: shown}
	if elapsed, isTime := value.(time.Duration); isTime {
		f.Value, f.Verdict = elapsed.String(), Measured
	} else if value == p.assumed {
		f.Verdict = Confirmed
	} else {
		f.Shown += "; assumed: " + asText(p.assumed)
	}
	return f
}
