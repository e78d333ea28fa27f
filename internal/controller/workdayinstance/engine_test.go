package workdayinstance_test

import (
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestAnInstanceIsCreated(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()

		w.ExpectReady("True/UpToDate")
		w.expectAuthenticated("True/Succeeded")
		w.Expect(w.changed()).To(Equal([]string{"POST /api/v2/workdays"}))
		w.Expect(w.live("reportUrl")).To(Equal(reportURL))
		status := w.Get().Status
		w.Expect(status.ID).To(Equal(w.live("id")))
		w.Expect(status.Name).To(Equal("Workday Import"))
		w.Expect(status.Adopted).To(BeFalse())
		w.Expect(status.Creating).To(BeNil())
		w.Expect(status.Auth.Valid).To(BeTrue())
		w.Expect(status.Auth.SecretUID).To(Equal("secret-uid"))
		w.Expect(*status.Workers).To(BeEquivalentTo(3))
		w.Expect(w.Finalized()).To(BeFalse(), "what is retained needs no finalizer")
	})
}

// At rest, a resync costs one read of the instance and no write; counting the workers costs
// one more if they were not counted lately.
func TestAtRest(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		before := w.Get().ResourceVersion
		w.Sim.ForgetHistory()

		w.Resync()

		w.Expect(w.Get().ResourceVersion).To(Equal(before))
		w.Expect(paths(w.Sim.History())).To(ConsistOf("GET /api/v2/workdays/*", "GET /api/v2/workdays/*/workers"))
	})
}

func TestAnInstanceIsAdopted(t *testing.T) {
	story(t, func(w *world) {
		id := w.Org.AddWorkday("Workday Import", oldReport, "somebody", "else")

		w.Rest()

		w.ExpectReady("True/Adopted")
		w.Expect(w.Get().Status.ID).To(Equal(id))
		w.Expect(w.Get().Status.Adopted).To(BeTrue())
		w.Expect(w.changed()).To(Equal([]string{"PUT /api/v2/workdays/*", "POST /api/v2/workdays/*/auth"}))
		w.Expect(w.live("reportUrl")).To(Equal(reportURL))
	})
}

// An instance with another name than documented keeps it.
func TestTheNameIsKept(t *testing.T) {
	story(t, func(w *world) {
		w.Org.AddWorkday("Our Workday", oldReport, isu, password)

		w.Rest()

		w.ExpectReady("True/Adopted")
		w.Expect(w.live("name")).To(Equal("Our Workday"))
		w.Expect(w.live("reportUrl")).To(Equal(reportURL))
	})
}

func TestAdoptionPolicies(t *testing.T) {
	for name, c := range map[string]struct {
		policy v1alpha1.AdoptionPolicy
		exists bool
		ready  string
	}{
		"never, and there is one":      {v1alpha1.AdoptNever, true, "False/AdoptionRefused"},
		"never, and there is none":     {v1alpha1.AdoptNever, false, "True/UpToDate"},
		"must exist, and there is one": {v1alpha1.AdoptMustExist, true, "True/Adopted"},
		"must exist, and there is not": {v1alpha1.AdoptMustExist, false, "False/RemoteNotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				if c.exists {
					w.Org.AddWorkday("Workday Import", reportURL, "", "")
				}

				w.Rest()

				w.ExpectReady(c.ready)
				if c.ready[0] == 'F' {
					w.Expect(w.changed()).To(BeEmpty())
				}
			}, adopting(c.policy))
		})
	}
}

// Credentials are sent if uid or version of the Secret differ, and only then.
func TestCredentialsAreRotated(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Sim.ForgetHistory()
		w.Org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Username: isu, Password: "correct horse", Workers: people(5)})
		w.rotate(isu, "correct horse")

		w.Rest()

		w.ExpectReady("True/UpToDate")
		w.Expect(w.changed()).To(Equal([]string{"POST /api/v2/workdays/*/auth"}))
		_, password := w.Org.WorkdayCredentials()
		w.Expect(password).To(Equal("correct horse"))
		w.Expect(*w.Get().Status.Workers).To(BeEquivalentTo(5), "new credentials may see another report")
		w.Resync()
		w.Restart()
		w.Resync()
		w.Expect(w.changed()).To(HaveLen(1))
	})
}

// Credentials that do not work stall the object until the Secret changes. The workers are not
// read meanwhile.
func TestCredentialsThatAreNotValid(t *testing.T) {
	story(t, func(w *world) {
		w.rotate(isu, "mistyped")

		w.Rest()

		w.ExpectReady("False/AuthenticationFailed")
		w.expectAuthenticated("False/AuthenticationFailed")
		status := w.Get().Status
		w.Expect(status.Auth.Valid).To(BeFalse())
		w.Expect(status.Auth.Message).To(Equal("Unauthorized"))
		w.Expect(status.Workers).To(BeNil())
		w.Resync()
		w.Expect(w.changed()).To(Equal([]string{"POST /api/v2/workdays"}), "the same credentials are not sent twice")
		w.Expect(w.read("/workers")).To(BeZero())

		w.rotate(isu, password)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.expectAuthenticated("True/Succeeded")
	})
}

// If JumpCloud refuses credentials that do not work, the previous ones stay, and the new ones
// are not sent again and again.
func TestCredentialsThatAreRefused(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Sim.ForgetHistory()
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.RefuseWrongWorkdayPassword = true })
		w.rotate(isu, "mistyped")

		w.Rest()
		w.Resync()

		w.ExpectReady("False/AuthenticationFailed")
		w.expectAuthenticated("False/AuthenticationFailed")
		w.Expect(w.changed()).To(HaveLen(1))
		w.rotate(isu, password)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.expectAuthenticated("True/Succeeded")
	})
}

// The reason of a refusal may have been corrected: credentials are sent again when a person
// says so, and at no resync.
func TestRefusedCredentialsAreSentAgain(t *testing.T) {
	for name, corrects := range map[string]func(*world){
		"on request":             func(w *world) { w.Request() },
		"for another report URL": func(w *world) { w.Edit(declares(reportURL + "&x=1")) },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				w.refuse(http.MethodPost, authPath, http.StatusBadRequest)
				w.rotate(isu, password)
				w.Rest()
				w.ExpectReady("False/AuthenticationFailed")
				w.Sim.ForgetHistory()
				w.Resync()
				w.Resync()
				w.Expect(w.changed()).To(BeEmpty())
				corrects(w)
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.expectAuthenticated("True/Succeeded")
			})
		})
	}
}

// The validity of credentials may show late: it is checked before the resync then.
func TestValidityThatShowsLate(t *testing.T) {
	story(t, func(w *world) {
		w.Org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Username: "not", Password: "yet", Workers: people(3)})
		w.Until(func() bool {
			return w.Condition(v1alpha1.StalledCondition).Reason == v1alpha1.AuthenticationFailedReason
		})
		w.Expect(w.After).To(BeNumerically("<", time.Minute))

		w.Org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Username: isu, Password: password, Workers: people(3)})
		w.Rest()

		w.ExpectReady("True/UpToDate")
	})
}

func TestWithoutCredentials(t *testing.T) {
	for name, data := range map[string][2]string{"no username": {"", password}, "only white space": {isu, " \n"}} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.rotate(data[0], data[1])

				w.Rest()

				w.ExpectReady("False/CredentialsNotFound")
				w.expectAuthenticated("False/CredentialsNotFound")
				w.Expect(w.Sim.History()).To(BeEmpty())
			})
		})
	}
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/CredentialsNotFound")
		w.Expect(w.Message()).To(ContainSubstring("Secret absent does not exist"))
	}, func(o *v1alpha1.WorkdayInstance) { o.Spec.CredentialsSecretRef.Name = "absent" })
}

// JumpCloud deletes no instance, but its support may: then it is created again, or its
// replacement is adopted.
func TestAnInstanceThatIsGone(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Org.RemoveWorkday()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.ID).To(Equal(w.live("id")))

		w.Org.AddWorkday("Workday Import", oldReport, isu, password)
		w.Resync()
		w.ExpectReady("True/Adopted")
		w.Expect(w.live("reportUrl")).To(Equal(reportURL))
	})
}

// A second object of the organization sends nothing, and the first is untouched until it is
// deleted.
func TestASecondObject(t *testing.T) {
	second := object("younger", 5, func(o *v1alpha1.WorkdayInstance) { o.Spec.ReportURL = "https://wd.example.com/other" })
	storyWith(t, []client.Object{second}, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Sim.ForgetHistory()

		w.Key.Name = "younger"
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Sim.History()).To(BeEmpty())
		w.Expect(w.live("reportUrl")).To(Equal(reportURL))

		w.Key.Name = "workday"
		w.Delete()
		w.Key.Name = "younger"
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Expect(w.live("reportUrl")).To(Equal("https://wd.example.com/other"))
	})
}

func TestPlanSendsNothing(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Planned")
		w.Expect(w.Get().Status.Plan.Total).To(BeEquivalentTo(1))
		w.Org.AddWorkday("Workday Import", oldReport, "", "")
		w.Resync()
		w.Expect(w.Get().Status.Plan.Changes).To(HaveLen(2))
		w.Expect(w.changed()).To(BeEmpty())
	}, planned)
}

func TestDeletion(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Sim.ForgetHistory()
		w.Delete()
		w.Pass()
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.Sim.History()).To(BeEmpty(), "it is retained")
	})
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.Finalized()).To(BeTrue())
		w.Sim.ForgetHistory()
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.changed()).To(Equal([]string{"DELETE /api/v2/workdays/*/auth"}))
		username, _ := w.Org.WorkdayCredentials()
		w.Expect(username).To(BeEmpty())
	}, deauthorizes)
	// An instance that JumpCloud does not have any more needs no call.
	story(t, func(w *world) {
		w.Rest()
		w.Org.RemoveWorkday()
		w.Delete()
		w.Until(w.Gone)
	}, deauthorizes)
}

// Credentials that do not work are removed, too.
func TestInvalidCredentialsAreTakenAway(t *testing.T) {
	story(t, func(w *world) {
		w.rotate(isu, "mistyped")
		w.Rest()
		w.Delete()
		w.Until(w.Gone)
		username, _ := w.Org.WorkdayCredentials()
		w.Expect(username).To(BeEmpty())
	}, deauthorizes)
}

// An instance whose creation was not answered is the object's own.
func TestALostAnswerToTheCreation(t *testing.T) {
	for _, carriedOut := range []bool{true, false} {
		story(t, func(w *world) {
			w.Lose(http.MethodPost, "/api/v2/workdays", carriedOut)

			w.Rest()

			w.ExpectReady("True/UpToDate")
			w.Expect(w.Get().Status.Adopted).To(BeFalse())
			w.Expect(w.Get().Status.Creating).To(BeNil())
			if carriedOut {
				w.Expect(w.changed()).To(Equal([]string{"POST /api/v2/workdays", "POST /api/v2/workdays/*/auth"}))
			} else {
				w.Expect(w.changed()).To(Equal([]string{"POST /api/v2/workdays", "POST /api/v2/workdays"}))
			}
		})
	}
}

// Somebody creates the instance between the operator's look and its request: JumpCloud refuses
// the request, and the operator looks again.
func TestACreationIsRefused(t *testing.T) {
	for _, status := range []int{http.StatusConflict, http.StatusBadRequest} {
		story(t, func(w *world) {
			w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.SecondWorkdayStatus = status })
			w.OnCall = func(c enginetest.Call, do func() error) error {
				if c.Verb == http.MethodPost && w.Org.Workday() == nil {
					w.Org.AddWorkday("Workday Import", reportURL, "", "")
				}
				return do()
			}

			w.Rest()

			w.ExpectReady("True/Adopted")
			w.Expect(w.Get().Status.Creating).To(BeNil())
		})
	}
}

// A creation that JumpCloud refuses because of its content leaves no announcement.
func TestACreationThatIsNotAccepted(t *testing.T) {
	story(t, func(w *world) {
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.RefuseWrongWorkdayPassword = true })
		w.rotate(isu, "mistyped")

		w.Rest()

		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.Get().Status.Creating).To(BeNil())
		w.rotate(isu, password)
		w.Rest()
		w.ExpectReady("True/UpToDate")
	})
}

func TestWorkersAreCountedByPages(t *testing.T) {
	story(t, func(w *world) {
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.OmitTotalHeader = true })
		workers := people(250)
		workers[120] = workers[119] // a report may list somebody twice
		w.Org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Username: isu, Password: password, Workers: workers})

		w.Rest()

		w.ExpectReady("True/UpToDate")
		w.Expect(*w.Get().Status.Workers).To(BeEquivalentTo(250))
		w.Expect(w.read("/workers")).To(Equal(4))
	})
}
