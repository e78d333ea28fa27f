package workdayimport_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/workdayimport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

const (
	reportURL  = "https://wd.example.com/report?format=json"
	importPath = "/api/v2/workdays/*/import"
)

// world has a WorkdayInstance "workday", which is ready, a report of some workers, and the
// WorkdayImport "joiners".
type world struct {
	*enginetest.World[*v1alpha1.WorkdayImport]
}

// story runs a test about a report of this many workers, in a bubble of fake time.
func story(t *testing.T, workers int, tell func(w *world), changes ...func(*v1alpha1.WorkdayImport)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		object := &v1alpha1.WorkdayImport{
			ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "joiners"},
			Spec: v1alpha1.WorkdayImportSpec{
				OrganizationRef:    v1alpha1.OrganizationReference{Name: "acme"},
				WorkdayInstanceRef: v1alpha1.WorkdayInstanceReference{Name: "workday"},
				MatchBy:            v1alpha1.MatchByUsername, Mode: v1alpha1.ModeApply, OnInvalidRow: v1alpha1.OnInvalidRowAbort,
			},
		}
		for _, change := range changes {
			change(object)
		}
		w := &world{enginetest.New(t, object, newReconciler, enginetest.Options[*v1alpha1.WorkdayImport]{})}
		id := w.Org.AddWorkday("Workday Import", reportURL, "isu", "secret")
		w.report(people(workers)...)
		w.Expect(w.API.Create(t.Context(), &v1alpha1.WorkdayInstance{
			ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "workday", Generation: 1},
			Spec:       v1alpha1.WorkdayInstanceSpec{ReportURL: reportURL},
			Status: v1alpha1.WorkdayInstanceStatus{ID: id, CommonStatus: v1alpha1.CommonStatus{
				OrganizationID: w.Org.ID(), ObservedGeneration: 1,
				Conditions: []metav1.Condition{
					{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue}, {Type: v1alpha1.AuthenticatedCondition, Status: metav1.ConditionTrue},
				},
			}},
		})).To(Succeed())
		tell(w)
	})
}

func newReconciler(config lifecycle.Config) *lifecycle.Reconciler[*v1alpha1.WorkdayImport] {
	return lifecycle.NewReconciler(&oneshot.Engine[*v1alpha1.WorkdayImport]{
		Kind: &workdayimport.Kind{Reader: config.Client}, Ledger: &ledger.Store{Reader: config.Client, Writer: config.Client},
		Timing:   oneshot.Timing{RequestTimeout: enginetest.RequestTimeout, Limits: enginetest.JobLimits()},
		Counters: noCounters{}, Turns: turns.New(nil),
	}, config)
}

type noCounters struct{}

func (noCounters) Rows(string, string, string, int)  {}
func (noCounters) Submission(string, string, string) {}

// person is a worker of the report.
func person(i int) jumpcloudtest.Worker {
	return jumpcloudtest.Worker{
		"email": name(i) + "@example.org", "username": name(i), "firstName": "Ada", "lastName": fmt.Sprintf("Byron %d", i),
		"attributes": map[string]any{"Department": []string{"Engineering", "Sales"}[i%2], "EmployeeID": fmt.Sprintf("E%05d", i), "Level": i},
	}
}

func name(i int) string { return fmt.Sprintf("worker%05d", i) }

func people(n int) []jumpcloudtest.Worker {
	var all []jumpcloudtest.Worker
	for i := range n {
		all = append(all, person(i))
	}
	return all
}

// with is a person with some members or attributes replaced.
func with(i int, members jumpcloudtest.Worker, attributes map[string]any) jumpcloudtest.Worker {
	worker := person(i)
	maps.Copy(worker, members)
	if attributes != nil {
		worker["attributes"] = attributes
	}
	return worker
}

func (w *world) report(workers ...jumpcloudtest.Worker) {
	w.Org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Workers: workers})
}

// joins adds worker i to the directory.
func (w *world) joins(i int) {
	w.Org.AddUser(jumpcloudtest.User{"username": name(i), "email": name(i) + "@example.org"})
}

// instance changes the WorkdayInstance.
func (w *world) instance(change func(*v1alpha1.WorkdayInstance)) {
	w.T.Helper()
	o := &v1alpha1.WorkdayInstance{}
	key := w.Key
	key.Name = "workday"
	w.Expect(w.API.Get(w.T.Context(), key, o)).To(Succeed())
	change(o)
	w.Expect(w.API.Update(w.T.Context(), o)).To(Succeed())
}

// condition sets a condition of an instance.
func condition(conditionType string, status metav1.ConditionStatus) func(*v1alpha1.WorkdayInstance) {
	return func(o *v1alpha1.WorkdayInstance) {
		for i := range o.Status.Conditions {
			if o.Status.Conditions[i].Type == conditionType {
				o.Status.Conditions[i].Status = status
			}
		}
	}
}

// batches limits the rows of a job.
func (w *world) batches(size int32) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.BulkBatchSize = size })
}

// value returns a field of the user, who must exist.
func (w *world) value(username, field string) any {
	w.T.Helper()
	user := w.Org.UserByUsername(username)
	w.Expect(user).NotTo(BeNil(), w.About("user "+username))
	return user[field]
}

// entries returns the ledger entries of the latest run by username.
func (w *world) entries() map[string]ledger.Entry {
	w.T.Helper()
	store := &ledger.Store{Reader: w.API, Writer: w.API}
	read, err := store.Read(w.T.Context(), ledger.OwnerOf(w.Get(), v1alpha1.GroupVersion.WithKind("WorkdayImport"), ledger.WorkdaySuffix))
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(read).NotTo(BeNil(), w.About("no ledger"))
	entries := map[string]ledger.Entry{}
	for _, entry := range read.Entries {
		entries[entry.Username] = entry
	}
	return entries
}

// outcomes returns the outcomes of the rows of the latest run by username.
func (w *world) outcomes() map[string]ledger.Outcome {
	w.T.Helper()
	outcomes := map[string]ledger.Outcome{}
	for username, entry := range w.entries() {
		outcomes[username] = entry.Outcome
	}
	return outcomes
}

// requests counts the requests with a method whose path has this ending.
func (w *world) requests(method, ending string) int {
	n := 0
	for _, r := range w.Sim.History() {
		if r.Method == method && strings.HasSuffix(r.Path, ending) {
			n++
		}
	}
	return n
}

func (w *world) imports() int { return w.requests(http.MethodPost, "/import") }

// activations counts the activation mails.
func (w *world) activations() int {
	n := 0
	for _, mail := range w.Org.Mails() {
		if mail.Kind == jumpcloudtest.MailActivation {
			n++
		}
	}
	return n
}

// created checks how many users the latest run has created.
func (w *world) created(n int) {
	w.T.Helper()
	w.Expect(w.Get().Status.Summary).NotTo(BeNil(), w.Describe)
	w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(n), w.Describe)
}

// at waits for a time of day and makes the passes that are due until then.
func (w *world) at(clock string) {
	w.T.Helper()
	of, err := time.Parse("15:04:05", clock)
	w.Expect(err).NotTo(HaveOccurred())
	now := time.Now().UTC()
	until := time.Date(now.Year(), now.Month(), now.Day(), of.Hour(), of.Minute(), of.Second(), 0, time.UTC)
	if !until.After(now) {
		until = until.AddDate(0, 0, 1)
	}
	for w.After > 0 && time.Now().Add(w.After).Before(until) {
		<-time.After(w.After)
		w.Pass()
	}
	<-time.After(time.Until(until))
}

func filtered(filter string) func(*v1alpha1.WorkdayImport) {
	return func(o *v1alpha1.WorkdayImport) { o.Spec.Filter = filter }
}

func mapped(pairs ...string) func(*v1alpha1.WorkdayImport) {
	return func(o *v1alpha1.WorkdayImport) {
		for i := 0; i < len(pairs); i += 2 {
			o.Spec.Mapping = append(o.Spec.Mapping, v1alpha1.AttributeMapping{Attribute: pairs[i], From: pairs[i+1]})
		}
	}
}

func scheduled(cron string) func(*v1alpha1.WorkdayImport) {
	return func(o *v1alpha1.WorkdayImport) { o.Spec.Schedule = cron }
}

func mode(m v1alpha1.Mode) func(*v1alpha1.WorkdayImport) {
	return func(o *v1alpha1.WorkdayImport) { o.Spec.Mode = m }
}

func skipping(o *v1alpha1.WorkdayImport) { o.Spec.OnInvalidRow = v1alpha1.OnInvalidRowSkip }
