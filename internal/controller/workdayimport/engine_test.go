package workdayimport_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Workers who are in the directory, by any unique value, make no rows. The others are created
// as staged users, on behalf of the instance.
func TestNewWorkersBecomeUsers(t *testing.T) {
	story(t, 6, func(w *world) {
		w.Org.AddUser(jumpcloudtest.User{"username": name(0), "email": "somebody@example.org"})
		w.Org.AddUser(jumpcloudtest.User{"username": "other", "email": name(1) + "@example.org"})
		w.Org.AddUser(jumpcloudtest.User{"username": "third", "email": "third@example.org", "employeeIdentifier": "E00002"})

		w.Rest()

		w.ExpectReady("True/Succeeded")
		w.created(3)
		w.Expect(w.Get().Status.Summary.Total).To(BeEquivalentTo(3))
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{
			name(3): ledger.OutcomeCreated, name(4): ledger.OutcomeCreated, name(5): ledger.OutcomeCreated,
		}))
		w.Expect(w.Get().Status.Results[0].ConfigMap).To(Equal("joiners-workday-results-000"))
		w.Expect(w.value(name(3), "state")).To(Equal("STAGED"))
		w.Expect(w.value(name(3), "firstname")).To(Equal("Ada"))
		w.Expect(w.value(name(3), "department")).To(Equal("Sales"))
		w.Expect(w.value(name(3), "employeeIdentifier")).To(Equal("E00003"))
		w.Expect(w.value(name(3), "company")).To(Equal("Acme"))
		w.Expect(w.activations()).To(BeZero())
		w.Expect(w.imports()).To(Equal(1))
		w.Expect(w.requests(http.MethodPost, "/bulk/users")).To(BeZero())
		w.Expect(w.Finalized()).To(BeFalse())
	}, mapped("department", "worker.attributes.Department", "employeeIdentifier", "worker.attributes.EmployeeID"),
		func(o *v1alpha1.WorkdayImport) { o.Spec.Defaults = &v1alpha1.UserAttributes{Company: new("Acme")} })
}

func TestTheFilter(t *testing.T) {
	story(t, 6, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.outcomes()).To(HaveLen(3))
		w.Expect(w.outcomes()).To(HaveKey(name(4)))
	}, filtered(`worker.attributes.Department == "Engineering"`))
}

// A mapping may replace a worker's own members, and combine several values.
func TestTheMapping(t *testing.T) {
	story(t, 1, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.value("ada.byron", "lastname")).To(Equal("Byron 0"))
		w.Expect(w.value("ada.byron", "attributes")).To(ContainElement(And(HaveKeyWithValue("name", "Level"), HaveKeyWithValue("value", "0"))))
	}, mapped("username", `(worker.firstName + ".byron").lowerAscii()`, "attributes.Level", "worker.attributes.Level"))
}

// Each spec and instance makes one run. A worker who joins the report later is imported by the
// next run.
func TestARunIsMadeOnce(t *testing.T) {
	story(t, 3, func(w *world) {
		w.Rest()
		w.report(people(5)...)
		w.Sim.ForgetHistory()
		before := w.Get().ResourceVersion
		w.Resync()
		w.Restart()
		w.Resync()
		w.Expect(w.Sim.History()).To(BeEmpty(), "an import at rest asks nothing")
		w.Expect(w.Get().ResourceVersion).To(Equal(before))

		w.Request()
		w.Rest()
		w.created(2)
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(2))
		w.Request()
		w.Rest()
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(2), "there was nothing to send")

		w.report(people(6)...)
		w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.Filter = "true" })
		w.Rest()
		w.created(1)

		w.report(people(7)...)
		w.instance(func(o *v1alpha1.WorkdayInstance) { o.Spec.ReportURL = "https://wd.example.com/another" })
		w.Rest()
		w.created(1)
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(4))
	})
}

// A report without workers, or without new ones, is a success.
func TestNobodyIsNew(t *testing.T) {
	story(t, 0, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.report(people(2)...)
		w.joins(0)
		w.joins(1)
		w.Request()
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.imports()).To(BeZero())
	})
}

// Nothing is read or sent while the instance is not ready or its credentials are not valid.
func TestTheInstanceIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		spoil, mend func(*v1alpha1.WorkdayInstance)
	}{
		"not ready": {condition(v1alpha1.ReadyCondition, metav1.ConditionFalse), condition(v1alpha1.ReadyCondition, metav1.ConditionTrue)},
		"not authenticated": {
			condition(v1alpha1.AuthenticatedCondition, metav1.ConditionFalse), condition(v1alpha1.AuthenticatedCondition, metav1.ConditionTrue),
		},
		"not looked at since it changed": {
			func(o *v1alpha1.WorkdayInstance) { o.Generation = 2 }, func(o *v1alpha1.WorkdayInstance) { o.Status.ObservedGeneration = 2 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, 3, func(w *world) {
				w.instance(c.spoil)
				w.Rest()
				w.ExpectReady("False/InstanceNotReady")
				w.Expect(w.Sim.History()).To(BeEmpty())

				w.instance(c.mend)
				w.Rest()
				w.ExpectReady("True/Succeeded")
				w.created(3)

				w.instance(c.spoil)
				w.Resync()
				w.ExpectReady("True/Succeeded")
			})
		})
	}
}

func TestAnInstanceThatIsNotThere(t *testing.T) {
	story(t, 3, func(w *world) {
		w.Rest()
		w.ExpectReady("False/SourceNotFound")
	}, func(o *v1alpha1.WorkdayImport) { o.Spec.WorkdayInstanceRef.Name = "absent" })
	story(t, 3, func(w *world) {
		w.instance(func(o *v1alpha1.WorkdayInstance) { o.Status.ID = "" })
		w.Rest()
		w.ExpectReady("False/InstanceNotReady")
		w.Expect(w.Sim.History()).To(BeEmpty())
	})
	story(t, 3, func(w *world) {
		w.instance(func(o *v1alpha1.WorkdayInstance) { o.Status.OrganizationID = "another" })
		w.Rest()
		w.ExpectReady("False/InvalidSpec")
		w.Expect(w.Sim.History()).To(BeEmpty())
	})
}

// While the credentials are not valid, what was sent is followed to its end, and nothing more
// is sent.
func TestCredentialsEndWhileAJobIsOpen(t *testing.T) {
	story(t, 4, func(w *world) {
		w.batches(2)
		w.Until(func() bool { return w.imports() == 1 })
		w.instance(condition(v1alpha1.AuthenticatedCondition, metav1.ConditionFalse))
		w.Rest()
		w.ExpectReady("False/InstanceNotReady")
		w.Expect(w.imports()).To(Equal(1))
		w.Expect(w.Org.CountUsers()).To(Equal(2))

		w.instance(condition(v1alpha1.AuthenticatedCondition, metav1.ConditionTrue))
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(4)
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
	})
}

func TestSpecsThatAreInvalid(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*v1alpha1.WorkdayImport)
		message string
	}{
		"filter":          {filtered("worker.emial == ''"), "spec.filter:1:7: undefined field 'emial'"},
		"filter's result": {filtered("worker.email"), "spec.filter:1:1: must be true or false"},
		"mapping":         {mapped("company", "'x'", "department", "nobody"), "spec.mapping[1].from:1:1: undeclared reference"},
		"mapped list":     {mapped("department", "[worker.email]"), "spec.mapping[0].from:1:1: must be a text"},
		"unknown column":  {mapped("departments", "worker.email"), `unknown column "departments" (did you mean "department"?)`},
		"password":        {mapped("password", "worker.email"), "passwords are read from Secrets only"},
		"the same twice":  {mapped("jobTitle", "'x'", "jobtitle", "'y'"), "mean the same"},
		"schedule":        {scheduled("0 0 * *"), "spec.schedule: expected exactly 5 fields"},
		"defaults": {func(o *v1alpha1.WorkdayImport) {
			o.Spec.Defaults = &v1alpha1.UserAttributes{Attributes: []v1alpha1.CustomAttribute{{Name: "no spaces", Value: "x"}}}
		}, "spec.defaults.attributes"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, 3, func(w *world) {
				w.Rest()
				w.ExpectReady("False/InvalidSpec")
				w.Expect(w.Message()).To(ContainSubstring(c.message))
				w.Expect(w.Sim.History()).To(BeEmpty())
			}, c.change)
		})
	}
}

// A worker for whom an expression fails makes an invalid row and is never left out by the
// filter, unless the worker is in the directory.
func TestInvalidWorkers(t *testing.T) {
	broken := with(1, nil, map[string]any{"Level": 1})
	engineers := filtered(`worker.attributes.Department == "Engineering"`)
	story(t, 0, func(w *world) {
		w.report(person(0), broken, person(2))
		w.Rest()
		w.ExpectReady("False/InvalidRows")
		w.Expect(w.Get().Status.Failures[0].Message).To(Equal("worker 2 of the report: spec.filter has no value for this worker: " +
			"it uses a member that the report lacks (has() or .? make it optional)"))
		w.Expect(w.imports()).To(BeZero())

		w.report(people(3)...)
		w.Resync()
		w.ExpectReady("True/Succeeded")
		w.created(2)
	}, engineers)
	story(t, 0, func(w *world) {
		w.report(person(0), broken, person(2))
		w.Rest()
		w.ExpectReady("False/RowsFailed")
		w.created(2)
		w.Expect(w.Get().Status.Summary.Failed).To(BeEquivalentTo(1))
	}, engineers, skipping)
	story(t, 0, func(w *world) {
		w.report(person(0), broken, person(2))
		w.joins(1)
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(2)
	}, engineers)
}

// New workers are validated like all rows; known ones are not.
func TestWorkersAreValidated(t *testing.T) {
	for name, c := range map[string]struct {
		workers []jumpcloudtest.Worker
		message string
	}{
		"no username":    {[]jumpcloudtest.Worker{with(1, jumpcloudtest.Worker{"username": ""}, nil)}, "username: is required"},
		"no email":       {[]jumpcloudtest.Worker{with(1, jumpcloudtest.Worker{"email": nil}, nil)}, "email: is required"},
		"an odd name":    {[]jumpcloudtest.Worker{with(1, jumpcloudtest.Worker{"username": "1 2"}, nil)}, "username: must start with a letter"},
		"an odd value":   {[]jumpcloudtest.Worker{with(1, jumpcloudtest.Worker{"firstName": map[string]any{"en": "Ada"}}, nil)}, "values for this worker that are no text (firstName)"},
		"odd attributes": {[]jumpcloudtest.Worker{with(1, jumpcloudtest.Worker{"attributes": "x"}, nil)}, "attributes for this worker that are no object"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, 0, func(w *world) {
				w.report(append([]jumpcloudtest.Worker{with(0, jumpcloudtest.Worker{"username": "not valid"}, nil)}, c.workers...)...)
				w.joins(0)
				w.Rest()
				w.ExpectReady("False/InvalidRows")
				w.Expect(w.Get().Status.Failures[0].Message).To(ContainSubstring(c.message))
				w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
			}, mapped("description", "string(worker.attributes.size())"))
		})
	}
}

func TestActivationMailsAreCounted(t *testing.T) {
	story(t, 3, func(w *world) {
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Get().Status.Plan.ActivationMails).To(BeEquivalentTo(2))
		w.Expect(w.Get().Status.Plan.Create).To(BeEquivalentTo(3))
		w.Expect(w.imports()).To(BeZero())

		w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.activations()).To(Equal(2))
	}, mode(v1alpha1.ModeApplyAfterApproval), mapped("state", `worker.attributes.Department == "Sales" ? "Staged" : "Activated"`))
}

func TestPlanSendsNothing(t *testing.T) {
	story(t, 3, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Planned")
		w.Expect(w.Get().Status.Plan.Create).To(BeEquivalentTo(3))
		w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
		w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.Mode = v1alpha1.ModeApply })
		w.Rest()
		w.ExpectReady("True/Succeeded")
	}, mode(v1alpha1.ModePlan))
}

// A manager who is created by the same run is set afterwards. Only the bulk update can do
// that.
func TestManagers(t *testing.T) {
	story(t, 2, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.value(name(1), "manager")).To(Equal(w.value(name(0), "_id")))
		w.Expect(w.requests(http.MethodPatch, "/bulk/users")).To(Equal(1))
	}, mapped("manager", `worker.attributes.Level == 0 ? "" : "worker00000"`))
}

// The results of a job are found on whichever path JumpCloud has them.
func TestWhereResultsAre(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"both paths": func(*world) {},
		"apart":      func(w *world) { w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.ImportResultsApart = true }) },
		"only with the others": func(w *world) {
			w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: "/api/v2/workdays/*/import/*/results"}, Status: http.StatusNotFound})
		},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, 3, func(w *world) {
				change(w)
				w.Rest()
				w.ExpectReady("True/Succeeded")
				w.created(3)
			})
		})
	}
}

// The report has no total, and lists a worker twice who is in the directory.
func TestAReportWithoutATotal(t *testing.T) {
	story(t, 0, func(w *world) {
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.OmitTotalHeader = true })
		workers := people(230)
		workers[150] = person(149)
		w.report(workers...)
		w.joins(149)
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(228)
	})
}

// A worker whose manager is unknown is created, and the next run that finds the manager sets
// it. Nothing else of the user is changed.
func TestAManagerWhoAppearsIsSet(t *testing.T) {
	story(t, 2, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(2)
		w.Expect(w.Get().Status.Summary.ManagersNotFound).To(BeEquivalentTo(1))
		w.report(person(0), with(1, jumpcloudtest.Worker{"firstName": "Augusta"}, nil), person(2))
		w.Request()
		w.Rest()
		w.created(1)
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{name(1): ledger.OutcomeSkipped, name(2): ledger.OutcomeCreated}))

		w.Org.AddUser(jumpcloudtest.User{"username": "boss", "email": "boss@example.org"})
		w.Request()
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{name(1): ledger.OutcomeUpdated}))
		w.Expect(w.value(name(1), "manager")).To(Equal(w.value("boss", "_id")))
		w.Expect(w.value(name(1), "firstname")).To(Equal("Ada"))
	}, mapped("manager", `worker.username == "worker00001" ? "boss" : ""`))
}
