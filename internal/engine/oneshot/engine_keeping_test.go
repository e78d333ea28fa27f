package oneshot_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// phones returns CSV lines with phone numbers and addresses of "ada" and of a user who is in
// the directory.
func phones(ada, there, department string) []string {
	return []string{
		"username,email,phoneNumbers.work,addresses.work.country,department",
		fmt.Sprintf("ada,ada@example.org,%s,uk,%s", ada, department),
		fmt.Sprintf("%s,%s@example.org,%s,uk,%s", member(1), member(1), there, department),
	}
}

// respelling makes a world in which JumpCloud keeps numbers and countries in its own form.
func respelling(t *testing.T, lines []string, changes ...func(*v1alpha1.BulkUserImport)) *world {
	t.Helper()
	w := newWorld(t, lines, changes...)
	w.Org.Generate(3)
	w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.Respell = true })
	return w
}

// imports replaces the lines of the source, and makes passes until the import rests.
func (w *world) imports(lines []string) {
	w.T.Helper()
	w.Expect(w.API.Update(w.T.Context(), configMap("identity", "hires", map[string]string{"users.csv": strings.Join(lines, "\n")}))).To(Succeed())
	w.rest()
}

// number returns the user's phone numbers.
func (w *world) number(username string) string {
	w.T.Helper()
	return fmt.Sprint(w.Org.UserByUsername(username)["phoneNumbers"])
}

// Values that JumpCloud keeps in another form count as declared, also in later runs and in
// later processes.
func TestValuesThatJumpCloudSpellsOtherwise(t *testing.T) {
	for name, numbers := range map[string][2]string{
		"spaces and a plus": {"44 20 7946", "+44 20 7947"}, "another country code": {"020 7946", "020 7947"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := respelling(t, phones(numbers[0], numbers[1], "Engines"))
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"ada": ledger.OutcomeCreated, member(1): ledger.OutcomeUpdated}))
				w.Expect(w.number("ada")).To(ContainSubstring("+44207946"))
				sent := len(w.Org.Jobs())
				for i, department := range []string{"Looms", "Mills"} {
					if i == 1 {
						w.Restart()
					}
					w.imports(phones(numbers[0], numbers[1], department))
					w.ExpectReady("True/Succeeded")
					w.Expect(w.value("ada", "department")).To(Equal(department))
					w.Expect(w.Org.Jobs()).To(HaveLen(sent+1+i), "once, for the department")
				}
				for _, job := range w.Sim.MutatingRequests()[sent:] {
					w.Expect(job.Body).NotTo(ContainSubstring("phoneNumbers"))
				}
			})
		})
	}
}

// If either the live or the declared value changes, the value is sent again.
func TestValuesThatChangeAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := respelling(t, phones("020 7946", "020 7947", "Engines"))
		w.rest()
		w.console("ada", jumpcloudtest.User{"phoneNumbers": []any{map[string]any{"type": "work", "number": "+1"}}})
		w.imports(phones("020 7946", "020 8000", "Engines"))
		w.ExpectReady("True/Succeeded")
		w.Expect(w.number("ada")).To(ContainSubstring("+44207946"))
		w.Expect(w.number(member(1))).To(ContainSubstring("+44208000"))
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"ada": ledger.OutcomeUpdated, member(1): ledger.OutcomeUpdated}))
		jobs := len(w.Org.Jobs())
		w.imports(phones("020 7946", "020 8000", "Engines")[:2])
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"ada": ledger.OutcomeUnchanged}))
		w.Expect(w.Org.Jobs()).To(HaveLen(jobs))
	})
}

// A user who already has the number in JumpCloud's form has it as declared, whether or not
// this process knows what was sent.
func TestAValueThatWasThereInAnotherSpelling(t *testing.T) {
	for name, restart := range map[string]bool{"": false, "restart": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := respelling(t, []string{"username,email,phoneNumbers.work", member(1) + "," + member(1) + "@example.org,44 20"})
				w.console(member(1), jumpcloudtest.User{"phoneNumbers": []any{map[string]any{"type": "work", "number": "+4420"}}})
				if restart {
					w.Until(w.sent(1))
					w.Restart()
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.Org.Jobs()).To(HaveLen(1))
			})
		})
	}
}

// Defaults are not compared with users later. It is not a failure if JumpCloud spells them
// differently.
func TestDefaultsThatJumpCloudSpellsOtherwise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := respelling(t, []string{"username,email", "ada,ada@example.org"}, func(o *v1alpha1.BulkUserImport) {
			o.Spec.Defaults = &v1alpha1.UserAttributes{PhoneNumbers: []v1alpha1.PhoneNumber{{Type: "work", Number: "020 7946"}}}
		})
		w.rest()
		w.ExpectReady("True/Succeeded")
	})
}

// Nothing is learned from a change that may not have been made: the record says that the row
// failed, the value is the previous one, or there is none.
func TestNothingIsLearnedFromAChangeThatMayNotBeMade(t *testing.T) {
	for name, c := range map[string]struct {
		before string
		fault  jumpcloudtest.RowFault
	}{
		"it failed":    {"+4420", jumpcloudtest.RowFault{StatusMsg: "no"}},
		"as before":    {"+1", jumpcloudtest.RowFault{Record: jumpcloudtest.RecordFinished}},
		"none is kept": {"", jumpcloudtest.RowFault{Record: jumpcloudtest.RecordFinished}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := respelling(t, []string{"username,email,phoneNumbers.work", member(1) + "," + member(1) + "@example.org,44 20"})
				if c.before != "" {
					w.console(member(1), jumpcloudtest.User{"phoneNumbers": []any{map[string]any{"type": "work", "number": c.before}}})
				}
				w.Org.ScriptRows(c.fault)
				w.rest()
				w.ExpectReady("False/RowsFailed")
			})
		})
	}
}

// If another row of the job fails, what is seen of this one still counts.
func TestARowThatFailsHidesNoSpellingOfOthers(t *testing.T) {
	for name, there := range map[string]string{"becomes another": "", "was there": "+4420"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := respelling(t, []string{
					"username,email,phoneNumbers.work", member(1) + "," + member(1) + "@example.org,44 20", member(2) + "," + member(2) + "@example.org,44 21",
				})
				w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.Telling = jumpcloudtest.TellingNested })
				w.console(member(1), jumpcloudtest.User{"phoneNumbers": []any{map[string]any{"type": "work", "number": there}}})
				w.Org.ScriptRows(jumpcloudtest.RowFault{Username: member(2), StatusMsg: "no"})
				w.rest()
				w.ExpectReady("False/RowsFailed")
				w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{member(1): ledger.OutcomeUpdated, member(2): ledger.OutcomeFailed}))
			})
		})
	}
}

// The results hold digests of the kept values. Edited results are not believed.
func TestEditedResultsTellNothingOfSpellings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := respelling(t, phones("020 7946", "020 7947", "Engines"))
		w.rest()
		results := &corev1.ConfigMap{}
		key := w.Key
		key.Name = w.Get().Status.Results[0].ConfigMap
		w.Expect(w.API.Get(t.Context(), key, results)).To(Succeed())
		w.Expect(results.Data["results.csv"]).To(And(ContainSubstring("phoneNumbers.work="), Not(ContainSubstring("7946"))))
		results.Data["results.csv"] = strings.Replace(results.Data["results.csv"], "addresses.work.country=", "addresses.work.region=", 1)
		w.Expect(w.API.Update(t.Context(), results)).To(Succeed())
		jobs := len(w.Org.Jobs())
		w.imports(phones("020 7946", "020 7947", "Looms"))
		w.ExpectReady("True/Succeeded")
		w.Expect(len(w.Org.Jobs())).To(BeNumerically(">", jobs))
		requests := w.Sim.MutatingRequests()
		w.Expect(requests[jobs].Body).To(ContainSubstring("phoneNumbers"), "all is sent again")
	})
}
