package user_test

import (
	"errors"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestAUserIsCreated(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada", "email", "department", "state")).To(Equal([]any{"ada@example.org", "Engines", "STAGED"}))
		status := w.Get().Status
		w.Expect(status.ID).To(Equal(w.Org.UserByUsername("ada")["_id"]))
		w.Expect(status.Username).To(Equal("ada"))
		w.Expect(status.State).To(Equal(v1alpha1.UserStateStaged))
		w.Expect(status.Adopted).To(BeFalse())
		w.Expect(status.Creating).To(BeNil())
		w.Expect(status.LastChange).NotTo(BeNil())
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost}))
		version := w.Get().ResourceVersion
		w.Sim.ForgetHistory()
		w.Resync()
		w.Expect(w.Get().ResourceVersion).To(Equal(version), "nothing is written at rest")
		w.Expect(w.Sent()).To(BeEmpty())
	})
}

func TestAnInitialPasswordIsSentOnceAndShownNowhere(t *testing.T) {
	const password = "correct horse battery"
	refers := func(o *v1alpha1.User) {
		o.Spec.PasswordSecretRef = &v1alpha1.KeyReference{Name: "initial", Key: "ada"}
	}
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/SourceNotFound")
		w.Expect(w.live("ada")).To(BeNil())
		w.Expect(w.API.Create(w.T.Context(), &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "initial"}, Data: map[string][]byte{"ada": []byte(password + "\n")},
		})).To(Succeed())
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.bodies(http.MethodPost)).To(ConsistOf(HaveKeyWithValue("password", password)))
		w.Expect(w.Describe()).NotTo(ContainSubstring(password))
		w.Edit(working("Looms"))
		w.Rest()
		w.Expect(w.bodies(http.MethodPatch)).To(Equal([]map[string]any{{"id": w.Get().Status.ID, "department": "Looms"}}))
	}, refers)
}

// Whoever exists needs no initial password: Secrets of initial passwords may be removed, and
// objects applied anew without their status.
func TestAUserWhoIsThereNeedsNoInitialPassword(t *testing.T) {
	story(t, func(w *world) {
		id := w.add("ada", nil)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.ID).To(Equal(id))
	}, func(o *v1alpha1.User) { o.Spec.PasswordSecretRef = &v1alpha1.KeyReference{Name: "initial", Key: "ada"} })
}

// The Secret is deleted after the creation was planned: nobody is created without the password.
func TestNobodyIsCreatedWithoutThePassword(t *testing.T) {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "initial"}, Data: map[string][]byte{"ada": []byte("correct horse")}}
	storyWith(t, []client.Object{secret}, func(w *world) {
		failed := false
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Verb == "create" && !failed { // the dry run before the creation
				failed = true
				return errors.New("the API server is gone for a moment")
			}
			return do()
		}
		w.Until(func() bool { return failed })
		w.Expect(w.API.Delete(w.T.Context(), secret)).To(Succeed())
		w.Rest()
		w.ExpectReady("False/SourceNotFound")
		w.Expect(w.Sent()).To(BeEmpty())
	}, func(o *v1alpha1.User) { o.Spec.PasswordSecretRef = &v1alpha1.KeyReference{Name: "initial", Key: "ada"} })
}

// While it is not known what became of a creation, the object has a finalizer, so that its
// deletion waits for that.
func TestAnOpenCreationHoldsTheObject(t *testing.T) {
	story(t, func(w *world) {
		w.Lose(http.MethodPost, "/api/v2/bulk/users", false)
		w.Until(func() bool {
			return w.Condition(v1alpha1.ReconcilingCondition).Reason == v1alpha1.SubmissionSettlingReason
		})
		w.Expect(w.Finalized()).To(BeTrue())
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Finalized()).To(BeFalse())
	})
}

func TestAUserWhoIsThereIsAdopted(t *testing.T) {
	story(t, func(w *world) {
		id := w.add("ada", jumpcloudtest.User{"department": "Looms", "jobTitle": "Countess"})
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status).To(And(HaveField("ID", id), HaveField("Adopted", true), HaveField("State", v1alpha1.UserStateActivated)))
		w.Expect(w.live("ada", "department", "jobTitle")).To(Equal([]any{"Engines", "Countess"}))
		w.Expect(w.bodies(http.MethodPatch)).To(Equal([]map[string]any{{"id": id, "department": "Engines"}}))
	})
}

func TestAdoptionPolicies(t *testing.T) {
	t.Run("Never", func(t *testing.T) {
		story(t, func(w *world) {
			w.add("ada", nil)
			w.Rest()
			w.ExpectReady("False/AdoptionRefused")
			w.Expect(w.Sent()).To(BeEmpty())
		}, adoption(v1alpha1.AdoptNever))
	})
	t.Run("MustExist", func(t *testing.T) {
		story(t, func(w *world) {
			w.Rest()
			w.ExpectReady("False/RemoteNotFound")
			w.Expect(w.Condition(v1alpha1.ReadyCondition).Message).To(ContainSubstring("set IfExists to have it created"))
			w.Expect(w.Sent()).To(BeEmpty())
			w.add("ada", nil)
			w.Resync()
			w.ExpectReady("True/UpToDate")
		}, adoption(v1alpha1.AdoptMustExist))
	})
}

func TestDriftIsCorrected(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.inConsole("ada", jumpcloudtest.User{"department": "Looms", "jobTitle": "Countess"})
		w.Resync()
		w.Expect(w.live("ada", "department", "jobTitle")).To(Equal([]any{"Engines", "Countess"}))
		w.Expect(w.Events).To(ContainElement(HavePrefix("DriftCorrected")))
		w.ExpectReady("True/UpToDate")
	})
}

func TestARenameKeepsTheUser(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		id := w.Get().Status.ID
		w.Edit(named("ada.king"))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada.king", "_id")).To(Equal([]any{id}))
		w.Expect(w.live("ada")).To(BeNil())
		w.Expect(w.Counted().Harmful).To(Equal(1))
	})
}

// A value of another user is never taken, and the message names that user.
func TestValuesOfOthers(t *testing.T) {
	for what, change := range map[string]func(*v1alpha1.User){
		"spec.email: belongs to user \"grace\"":                     emailed("Grace@example.org"),
		"spec.username: the directory has user \"grace\", which":    named("Grace"),
		"spec.employeeIdentifier: belongs to user \"grace\"; state": func(o *v1alpha1.User) { o.Spec.EmployeeIdentifier = new("7") },
	} {
		t.Run(what, func(t *testing.T) {
			story(t, func(w *world) {
				w.add("grace", jumpcloudtest.User{"employeeIdentifier": "7"})
				w.Rest()
				w.ExpectReady("False/RemoteConflict")
				w.Expect(w.Message()).To(HavePrefix(what))
				w.Expect(w.Sent()).To(BeEmpty())
			}, change)
			story(t, func(w *world) {
				w.add("grace", jumpcloudtest.User{"employeeIdentifier": "7"})
				w.add("ada", nil)
				w.Rest()
				w.Edit(change)
				w.Rest()
				if w.Get().Spec.Username == nil { // by its username, the object finds the other user
					w.ExpectReady("False/RemoteConflict")
				}
				w.Expect(w.Sent()).To(BeEmpty())
			})
		})
	}
}

func TestOneOfTwoObjectsOwnsTheUser(t *testing.T) {
	second := object("second", 1, named("ada"), emailed("second@example.org"))
	storyWith(t, []client.Object{second}, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.TurnTo("second")
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(ContainSubstring(`User identity/ada already stands for the user "ada"`))
		w.Expect(w.Sent()).To(HaveLen(1))
	})
}

// The message names what two objects have in common.
func TestTwoObjectsWithOneEmailOrIdentifier(t *testing.T) {
	identified := func(o *v1alpha1.User) { o.Spec.EmployeeIdentifier = new("7") }
	for stands, second := range map[string]func(*v1alpha1.User){
		`email "ada@example.org"`: emailed("Ada@Example.org"),
		`employeeIdentifier "7"`:  func(o *v1alpha1.User) { emailed("second@example.org")(o); identified(o) },
	} {
		storyWith(t, []client.Object{object("second", 1, second)}, func(w *world) {
			w.Rest()
			w.TurnTo("second")
			w.Rest()
			w.ExpectReady("False/RemoteConflict")
			w.Expect(w.Message()).To(HavePrefix("User identity/ada already has the " + stands + ". Nothing is sent"))
			w.Expect(w.Sent()).To(HaveLen(1))
		}, identified)
	}
}

func TestBadSpecsSendNothing(t *testing.T) {
	for what, change := range map[string]func(*v1alpha1.User){
		"email":    emailed("nobody"),
		"username": named("Ada King"),
		"manager":  managedBy("ada"), // her own
		"required": func(o *v1alpha1.User) { o.Spec.Email = nil },
	} {
		t.Run(what, func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				w.ExpectReady("False/InvalidSpec")
				w.Expect(w.Message()).To(And(HavePrefix("spec."), ContainSubstring(what)))
				w.Expect(w.Sent()).To(BeEmpty())
			}, change)
		})
	}
}

func TestProtectedUsersAreNeverChanged(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", jumpcloudtest.User{"department": "Looms", "admin": map[string]any{"id": "x"}})
		w.Rest()
		w.ExpectReady("False/ProtectedUser")
		w.Edit(working("Looms"))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Edit(state(v1alpha1.UserStateSuspended))
		w.Rest()
		w.ExpectReady("False/ProtectedUser")
		w.Expect(w.Sent()).To(BeEmpty())
	})
}

func TestAManagerMayComeLater(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.live("ada", "department")).To(Equal([]any{"Engines"}))
		id := w.add("charles", nil)
		w.ReadDirectory("charles")
		w.Expect(w.Woken).To(HaveKey(w.Key))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada", "manager")).To(Equal([]any{id}))
	}, managedBy("charles"))
}
