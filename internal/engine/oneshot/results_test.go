package oneshot

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

func TestFailures(t *testing.T) {
	entries := []*ledger.Entry{{Row: 1, Username: "ada", Email: "ada@example.org"}, {Row: 2, Username: "chas", Email: "chas@example.org", UserID: "65f1c0ffee65f1c0ffee0bbb"}}
	clean := func(s string) string { return s }
	for name, c := range map[string]struct {
		record jumpcloud.JobResult
		row    int
	}{
		"opaque":                {jumpcloud.JobResult{Status: "failed"}, 0},
		"by username":           {jumpcloud.JobResult{Status: "FAILED", Meta: json.RawMessage(`{"user":{"username":"ada"}}`)}, 1},
		"by email, in any case": {jumpcloud.JobResult{Status: "error", PersistedFields: json.RawMessage(`{"email":"Ada@Example.org"}`)}, 1},
		"by id":                 {jumpcloud.JobResult{Status: "rejected", PersistedFields: json.RawMessage(`["x","65f1c0ffee65f1c0ffee0bbb"]`)}, 2},
		"names both":            {jumpcloud.JobResult{Status: "failed", Meta: json.RawMessage(`["ada","chas"]`)}, 0},
		"not JSON":              {jumpcloud.JobResult{Status: "failed", Meta: json.RawMessage(`{`)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var r submission.Results
			records := []jumpcloud.JobResult{c.record, {Status: "finished", Meta: json.RawMessage(`"ada"`)}}
			g.Expect(r.Read(func(yield func([]jumpcloud.JobResult, error) bool) { yield(records, nil) }, 2)).To(Succeed())
			g.Expect(failuresOf(&r, entries, clean)).To(Equal([]failure{{row: c.row}}))
		})
	}
}
