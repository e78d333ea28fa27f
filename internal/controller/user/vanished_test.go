package user_test

import (
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// afterwards are what may happen to an object after its user was deleted in the console.
var afterwards = map[string]func(*world){
	"a resync":                    func(w *world) { w.Resync() },
	"a request":                   func(w *world) { w.Request(); w.Rest() },
	"an edit":                     func(w *world) { w.Edit(working("Looms")); w.Rest() },
	"a rename":                    func(w *world) { w.Edit(named("ada.king")); w.Rest() },
	"a restart":                   func(w *world) { w.Restart(); w.Resync() },
	"a restart before the change": nil,
}

// vanish deletes the object's user in the console.
func (w *world) vanish(then string) {
	if then == "a restart before the change" {
		w.Restart()
		w.Rest()
	}
	w.Expect(w.Org.DeleteUser(w.Get().Status.ID)).To(BeTrue())
	<-time.After(time.Second) // the latest reading began before
	if act := afterwards[then]; act != nil {
		act(w)
	} else {
		w.Resync()
	}
}

func TestAUserWhoVanishedIsMadeAgain(t *testing.T) {
	const password = "correct horse battery"
	for then := range afterwards {
		t.Run(then, func(t *testing.T) {
			story(t, func(w *world) {
				w.Expect(w.API.Create(w.T.Context(), &corev1.Secret{
					ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "initial"}, Data: map[string][]byte{"ada": []byte(password)},
				})).To(Succeed())
				w.Rest()
				before := w.Get().Status.ID
				w.vanish(then)
				w.ExpectReady("True/UpToDate")
				status := w.Get().Status
				w.Expect(status.ID).NotTo(Or(BeEmpty(), Equal(before)))
				w.Expect(w.count(status.Username)).To(Equal(1))
				w.Expect(w.bodies(http.MethodPost)).To(HaveEach(HaveKeyWithValue("password", password)))
				w.Expect(w.bodies(http.MethodPost)).To(HaveLen(2))
				w.Sim.ForgetHistory()
				w.Resync()
				w.Expect(len(w.Sim.History())).To(BeNumerically("<=", 2), "at rest")
			}, func(o *v1alpha1.User) { o.Spec.PasswordSecretRef = &v1alpha1.KeyReference{Name: "initial", Key: "ada"} })
		})
	}
}

func TestAUserWhoVanishedMustExist(t *testing.T) {
	for then := range afterwards {
		t.Run(then, func(t *testing.T) {
			story(t, func(w *world) {
				w.add("ada", nil)
				w.Rest()
				w.vanish(then)
				w.ExpectReady("False/RemoteNotFound")
				w.Expect(w.Get().Status.ID).To(BeEmpty())
				w.Expect(w.bodies(http.MethodPost)).To(BeEmpty())
			}, adoption(v1alpha1.AdoptMustExist))
		})
	}
}

// An administrator made the user again under the same name: that user is adopted.
func TestAUserWhoWasMadeAgainInTheConsoleIsAdopted(t *testing.T) {
	for _, then := range []string{"a resync", "an edit", "a restart"} {
		t.Run(then, func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				w.Expect(w.Org.DeleteUser(w.Get().Status.ID)).To(BeTrue())
				id := w.add("ada", jumpcloudtest.User{"jobTitle": "Countess"})
				afterwards[then](w)
				w.ExpectReady("True/UpToDate")
				w.Expect(w.Get().Status).To(And(HaveField("ID", id), HaveField("Adopted", true)))
			})
		})
	}
}

// The object is renamed while its user is being created under the former name: that user is
// found, and renamed.
func TestARenameDuringTheCreation(t *testing.T) {
	for name, then := range map[string]func(*world){
		"by a job that runs": func(*world) {},
		"after a restart":    (*world).Restart,
	} {
		for _, lost := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				story(t, func(w *world) {
					w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDelay = 90 * time.Second })
					if lost {
						w.Lose(http.MethodPost, "/api/v2/bulk/users", true)
					}
					w.Until(func() bool { return len(w.jobs(http.MethodPost)) > 0 })
					then(w)
					w.Edit(named("ada.king"))
					w.Rest()
					w.ExpectReady("True/UpToDate")
					w.Expect(w.Get().Status.ID).To(Equal(w.live("ada.king", "_id")[0]))
					w.Expect(w.Get().Status.Creating).To(BeNil())
					w.Expect(w.Org.Users()).To(HaveLen(1))
					w.Expect(w.jobs(http.MethodPost)).To(HaveLen(1))
				})
			})
		}
	}
}
