package jumpcloud

import (
	"encoding/json"
	"time"
)

// date parses what JumpCloud writes as a time: RFC 3339, also without a zone, or a bare date
// (observed, also in the specification's samples). Without a zone it is UTC (assumed).
// Anything else is the zero time: one odd value must not spoil a whole page.
type date struct{ time.Time }

// UnmarshalJSON never fails.
func (d *date) UnmarshalJSON(data []byte) error {
	*d = date{}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text(json.RawMessage(data))); err == nil {
			d.Time = t.UTC()
			return nil
		}
	}
	return nil
}

// known returns the time, or nil for the zero time.
func (d date) known() *time.Time {
	if d.IsZero() {
		return nil
	}
	return &d.Time
}
