package workdayimport_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A report of more workers than one run holds is refused with its first page, and read again
// once it is corrected.
func TestAReportOfTooManyWorkers(t *testing.T) {
	story(t, 3, func(w *world) {
		w.Sim.Script(jumpcloudtest.Fault{
			Match:  jumpcloudtest.Match{Method: http.MethodGet, Path: "/api/v2/workdays/*/workers", Times: -1},
			Status: http.StatusOK, Header: http.Header{"X-Total-Count": {"150000"}}, Body: `[{"email":"ada@example.org"}]`,
		})
		w.Rest()
		w.ExpectReady("False/InvalidRows")
		w.Expect(w.Message()).To(Equal("The report of the Workday instance: has more than 100000 workers, which is the most for one run: " +
			"limit it in Workday to the workers who are to be imported. Nothing was sent."))
		w.Expect(w.requests(http.MethodGet, "/workers")).To(Equal(1))
		w.Expect(w.imports()).To(BeZero())

		w.Sim.RemoveFaults()
		w.Request()
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(3)
	})
}

// Mappings may make far more of a worker than the report has.
func TestRowsThatTakeTooMuch(t *testing.T) {
	var pairs []string
	for i := range 50 {
		pairs = append(pairs, fmt.Sprintf("attributes.Copy%d", i), "worker.attributes.Long")
	}
	story(t, 0, func(w *world) {
		var workers []jumpcloudtest.Worker
		for i := range 1000 {
			workers = append(workers, with(i, nil, map[string]any{"Long": strings.Repeat("x", 4000)}))
		}
		w.report(workers...)
		w.Rest()
		w.ExpectReady("False/InvalidRows")
		w.Expect(w.Message()).To(Equal("spec.mapping: makes rows that take more than 160 MiB: map fewer or shorter values, or leave out more workers by spec.filter. Nothing was sent."))
		w.Expect(w.imports()).To(BeZero())

		w.report(with(0, nil, map[string]any{"Long": "short"}))
		w.Request()
		w.Rest()
		w.created(1)
	}, mapped(pairs...))
}
