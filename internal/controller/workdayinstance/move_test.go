package workdayinstance_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

// moving are the requests of a move to another host.
var moving = []string{"DELETE /api/v2/workdays/*/auth", "PUT /api/v2/workdays/*", "POST /api/v2/workdays/*/auth"}

func declares(reportURL string) func(*v1alpha1.WorkdayInstance) {
	return func(o *v1alpha1.WorkdayInstance) { o.Spec.ReportURL = reportURL }
}

// Credentials do not follow a URL: they are removed first, and the whole move waits for an
// approval.
func TestCredentialsDoNotFollowTheURL(t *testing.T) {
	for name, declared := range map[string]string{
		"another host": farReport, "without TLS": "http://wd.example.com/report?format=json", "another port": "https://wd.example.com:8443/report",
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				w.Sim.ForgetHistory()
				w.Edit(declares(declared))
				w.Rest()
				w.Resync()

				w.ExpectReady("False/ApprovalRequired")
				w.Expect(w.changed()).To(BeEmpty())
				plan := w.Get().Status.Plan
				w.Expect(plan.Changes).To(HaveLen(3))
				w.Expect(plan.Changes[0].Subject).To(Equal("Workday Import (credentials for wd.example.com)"))
				for _, change := range plan.Changes {
					w.Expect(change.Withheld).To(BeTrue())
				}

				w.approve()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.changed()).To(Equal(moving))
				w.Expect(w.live("reportUrl")).To(Equal(declared))
				w.Expect(w.Get().Status.Plan).To(HaveField("Number", int64(1)))

				w.rotate(isu, password+" ")
				w.Rest()
				w.Expect(w.changed()).To(HaveLen(4), "at the new host, credentials are rotated as ever")
			})
		})
	}
}

// The same holds if the host was changed in the console, and for an instance that is adopted.
func TestALiveHostThatIsAnother(t *testing.T) {
	moves := func(w *world) {
		w.Rest()
		w.Expect(w.changed()).To(BeEmpty())
		w.approve()
		w.Expect(w.changed()).To(Equal(moving))
		w.Expect(w.live("reportUrl")).To(Equal(reportURL))
		username, sent := w.Org.WorkdayCredentials()
		w.Expect(username + ":" + sent).To(Equal(isu + ":" + password))
	}
	story(t, func(w *world) {
		w.Rest()
		w.Org.RemoveWorkday()
		w.Org.AddWorkday("Workday Import", farReport, isu, password)
		w.Sim.ForgetHistory()
		moves(w)
		w.ExpectReady("True/Adopted")
	})
	story(t, func(w *world) {
		w.Org.AddWorkday("Workday Import", farReport, "somebody", "else")
		moves(w)
		w.ExpectReady("True/Adopted")
	})
}

// If the console and then the spec name another host, new credentials are not sent there
// without an approval.
func TestNewCredentialsForAHostOfTheConsole(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		id := w.Get().Status.ID
		w.Org.MoveWorkday(farReport)
		w.Edit(declares(farReport))
		w.rotate(isu, "correct horse")
		w.Sim.ForgetHistory()
		w.Rest()
		w.Resync()
		w.Expect(w.Get().Status.ID).To(Equal(id))
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.changed()).To(BeEmpty())
		w.approve()
		w.Expect(w.changed()).To(Equal(moving[2:]))
	})
}

// A process may die at any call of a move: its successor finishes the move without a second
// approval. What is withdrawn meanwhile is not sent.
func TestAProcessMayDieInAMove(t *testing.T) {
	for _, withdrawn := range []bool{false, true} {
		for _, console := range []bool{false, true} {
			for n, died := 0, true; died; n++ {
				died = false
				for _, after := range []bool{false, true} {
					t.Run(fmt.Sprintf("withdrawn: %t, by the console: %t, call %d, after it: %t", withdrawn, console, n, after), func(t *testing.T) {
						story(t, func(w *world) {
							w.Rest()
							declared := farReport
							if console {
								declared = reportURL
								w.Org.MoveWorkday(farReport)
							} else {
								w.Edit(declares(farReport))
							}
							w.Resync()
							w.ExpectReady("False/ApprovalRequired")
							w.approved = w.Get().Status.Plan.Hash
							w.Request()
							given := len(w.authorized())
							w.DieAt(n, after, &died)
							w.Until(func() bool { return w.Dead || w.After >= enginetest.AtRest })
							if withdrawn && w.Dead {
								w.approved = ""
								given = len(w.authorized())
								w.Request()
								w.Rest()
								if !console || w.live("reportUrl") == farReport { // otherwise they go where they always were
									w.Expect(w.authorized()).To(HaveLen(given), "credentials go nowhere without an approval")
								}
								return
							}
							w.Rest()
							w.ExpectReady("True/UpToDate")
							w.Expect(w.live("reportUrl")).To(Equal(declared))
							username, sent := w.Org.WorkdayCredentials()
							w.Expect(username + ":" + sent).To(Equal(isu + ":" + password))
							w.Expect(w.Get().Status.Auth.Valid).To(BeTrue())
							w.Expect(len(w.authorized())).To(BeNumerically(">", given))
						})
					})
				}
			}
		}
	}
}

// If the status is lost in a move, the approval for the declared host is, too: credentials go
// there only if the instance already reads from there.
func TestAStatusThatIsLostInAMove(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Edit(declares(farReport))
		w.Rest()
		w.Sim.ForgetHistory()
		stored := w.Get()
		stored.Status = v1alpha1.WorkdayInstanceStatus{}
		w.Expect(w.API.Status().Update(w.T.Context(), stored)).To(Succeed())
		w.Restart()
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.changed()).To(BeEmpty())
		w.approve()
		w.Expect(w.changed()).To(Equal(moving))
	})
}

// Credentials that JumpCloud refuses at the new host can be corrected without another
// approval: the approval is for the host.
func TestCredentialsThatAreRefusedAfterAMove(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Edit(declares(farReport))
		w.Rest()
		w.refuse(http.MethodPost, authPath, 400)
		w.approve()
		w.ExpectReady("False/AuthenticationFailed")
		w.rotate(isu, password)
		w.Restart()
		w.Rest()
		w.ExpectReady("True/UpToDate")
	})
}

// A deleted instance is not created again at another host without an approval.
func TestACreationAtAnotherHost(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Org.RemoveWorkday()
		w.Edit(declares(farReport))
		w.Sim.ForgetHistory()
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.changed()).To(BeEmpty())
		w.approve()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.changed()).To(Equal([]string{"POST /api/v2/workdays"}))
	})
	// A creation that was refused has taken no credentials anywhere.
	story(t, func(w *world) {
		w.refuse(http.MethodPost, "/api/v2/workdays", 400)
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Edit(declares(farReport))
		w.Rest()
		w.ExpectReady("True/UpToDate")
	})
}

// Earlier versions of the operator did not record the host.
func TestAHostThatWasNotNoted(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		stored := w.Get()
		stored.Status.Auth.Host = ""
		w.Expect(w.API.Status().Update(w.T.Context(), stored)).To(Succeed())
		w.Sim.ForgetHistory()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.changed()).To(BeEmpty())
		w.Expect(w.Get().Status.Auth.Host).To(Equal("wd.example.com"))
	})
}

// Without the flag for tests, only the Organization's hosts are admitted.
func TestHostsOfTheOrganization(t *testing.T) {
	story(t, func(w *world) {
		w.strict = true
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.WorkdayHosts = []string{"*.workday.com"} })
		w.Connect()
		w.Rest()
		w.ExpectReady("False/InvalidSpec")
		w.expectDocumented("A report at a host that the Organization does not admit")
		w.Expect(w.Sim.History()).To(BeEmpty())
		w.Edit(declares("http://wd.example.com/report?format=json"))
		w.Rest()
		w.expectDocumented("A report without TLS")
		w.Expect(w.Sim.History()).To(BeEmpty())
		w.Edit(declares(reportURL))

		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.WorkdayHosts = []string{"*.Example.com"} })
		w.Connect()
		w.Rest()
		w.ExpectReady("True/UpToDate")

		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.WorkdayHosts = nil })
		w.Connect()
		w.Sim.ForgetHistory()
		w.Rest()
		w.ExpectReady("False/InvalidSpec")
		w.Expect(w.Sim.History()).To(BeEmpty())
	})
}

// expectDocumented expects what a row of docs/bad-input.md promises.
func (w *world) expectDocumented(row string) {
	w.T.Helper()
	w.ExpectReady("False/InvalidSpec")
	page, err := os.ReadFile("../../../docs/bad-input.md")
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(string(page)).To(ContainSubstring("| " + row + " | `Stalled=True InvalidSpec` | " + w.Message() + " | "))
}

// authorized returns the requests that give credentials.
func (w *world) authorized() []string {
	var given []string
	for _, request := range w.changed() {
		if request == moving[2] || request == "POST /api/v2/workdays" {
			given = append(given, request)
		}
	}
	return given
}
