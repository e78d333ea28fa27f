package e2e

import (
	"maps"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// badImport creates an import from a report with three new workers, and waits until it has the
// promised condition. No import may be sent.
func (w *badWorld) badImport(spec v1alpha1.WorkdayImportSpec, workers ...jumpcloudtest.Worker) {
	w.Helper()
	report := jumpcloudtest.WorkdayReport{Username: workdayUser, Password: workdayPassword, Workers: workers}
	for i := range 3 {
		report.Workers = append(report.Workers, worker(1001+i))
	}
	w.org.SetWorkdayReport(report)
	isReady(w.world, w.workday(workdayPassword))
	tells(w, w.joiners(spec))
	for _, request := range w.sim.MutatingRequests() {
		w.Expect(request.Path).NotTo(HaveSuffix("/import"))
	}
}

func mapping(attribute, from string) v1alpha1.WorkdayImportSpec {
	return v1alpha1.WorkdayImportSpec{Mapping: []v1alpha1.AttributeMapping{{Attribute: attribute, From: from}}}
}

// badWorkdays are connections and imports that cannot work.
var badWorkdays = map[string]func(*badWorld){
	"No Secret with the credentials for Workday": func(w *badWorld) {
		tells(w, w.instanceOf("workday"))
		w.Expect(w.mutations()).To(BeZero())
	},
	"No credentials for an instance that does not exist": func(w *badWorld) {
		tells(w, w.instanceOf("workday", func(s *v1alpha1.WorkdayInstanceSpec) { s.CredentialsSecretRef = nil }))
		w.Expect(w.mutations()).To(BeZero())
	},
	"Credentials that Workday does not take": func(w *badWorld) {
		w.report(3)
		tells(w, w.workday("mistyped"))
	},
	"A second object for the connection to Workday": func(w *badWorld) {
		w.report(3)
		older := w.workday(workdayPassword)
		isReady(w.world, older)
		w.grown(older)
		tells(w, w.instanceOf("another"))
	},
	"An import while the credentials do not work": func(w *badWorld) {
		w.report(3)
		reaches(w.world, w.workday("mistyped"), v1alpha1.AuthenticationFailedReason)
		tells(w, w.joiners(v1alpha1.WorkdayImportSpec{}))
	},
	"An import of an instance that does not exist": func(w *badWorld) {
		tells(w, w.joiners(v1alpha1.WorkdayImportSpec{}))
	},
	"A filter that does not compile": func(w *badWorld) {
		w.badImport(v1alpha1.WorkdayImportSpec{Filter: `worker.emial != ""`})
	},
	"A mapping to an unknown attribute": func(w *badWorld) { w.badImport(mapping("departments", "worker.email")) },
	"A mapping of a list":               func(w *badWorld) { w.badImport(mapping("department", `worker.email.split("@")`)) },
	"An expression that may take too long": func(w *badWorld) {
		w.badImport(mapping("description", `[[worker.email].map(x, x.replace("a", x))[0]].map(x, x.replace("a", x))[0]`))
	},
	"A schedule with seconds": func(w *badWorld) {
		w.badImport(v1alpha1.WorkdayImportSpec{Schedule: "0 0 6 * * 1-5"})
	},
	"A worker whom the report lists twice": func(w *badWorld) {
		w.org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Username: workdayUser, Password: workdayPassword, Workers: []jumpcloudtest.Worker{
			worker(1000), worker(1000), worker(1001), worker(1002), worker(1003),
		}})
		isReady(w.world, w.workday(workdayPassword))
		tells(w, w.joiners(v1alpha1.WorkdayImportSpec{}))
	},
	"A worker without a member that the filter names": func(w *badWorld) {
		odd := maps.Clone(worker(1000))
		odd["attributes"] = map[string]any{}
		w.badImport(v1alpha1.WorkdayImportSpec{Filter: `worker.attributes.Department == "Sales"`}, odd)
	},
}
