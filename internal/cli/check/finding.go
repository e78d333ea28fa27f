package check

import (
	"encoding/json"
	"fmt"
	"time"
)

// Verdict is the result of a probe compared with the simulator's assumption.
type Verdict string

const (
	// Confirmed means that JumpCloud behaves as the simulator assumes.
	Confirmed Verdict = "confirmed"
	// Refuted means that it behaves differently.
	Refuted Verdict = "refuted"
	// Measured is the verdict on a time, for which nothing is assumed.
	Measured Verdict = "measured"
	// NotTried means that the behavior cannot be observed, or could not be in this run.
	NotTried Verdict = "not tried"
)

// Finding is what is known about one switch after the check.
type Finding struct {
	// Switch is the switch's name in the simulator's behavior.
	Switch string `json:"switch"`
	// Value is the value for the switch; nil if it was not tried.
	Value any `json:"value,omitempty"`
	// Verdict compares the value with the simulator's assumption.
	Verdict Verdict `json:"verdict"`
	// Shown is the exchange that shows the value, or the reason why the switch was not tried.
	Shown string `json:"shown"`
}

// Found returns the value as text; "" if the switch was not tried.
func (f *Finding) Found() string {
	if f.Value == nil {
		return ""
	}
	return asText(f.Value)
}

// asText returns a value of a switch as text, and "" as two quotes.
func asText(value any) string {
	if value == "" {
		return `""`
	}
	return fmt.Sprint(value)
}

// Report is the result of a check.
type Report struct {
	Findings []Finding `json:"findings"`
}

// Behavior returns the JSON of the simulator's switches with which it behaves as the checked
// organization. It omits switches that were not tried.
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

// found returns the finding of a probe.
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
