package oneshot_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// newEmails returns CSV lines that change the emails of n users and create one.
func newEmails(n int) []string {
	lines := []string{"username,email"}
	for i := 1; i <= n; i++ {
		lines = append(lines, fmt.Sprintf("%s,changed%d@example.org", member(i), i))
	}
	return append(lines, "fresh,fresh@example.org")
}

// changed counts the users whose email newEmails has changed.
func (w *world) changed(n int) (changed int) {
	for i := 1; i <= n; i++ {
		if w.value(member(i), "email") == fmt.Sprintf("changed%d@example.org", i) {
			changed++
		}
	}
	return changed
}

// forge edits the ledger as anyone who may write ConfigMaps can: with the operator's own code,
// so that every digest in it is right.
func (w *world) forge(change func(*ledger.Ledger)) {
	w.T.Helper()
	owner := ledger.OwnerOf(w.Get(), v1alpha1.GroupVersion.WithKind("BulkUserImport"), ledger.ImportSuffix)
	store := &ledger.Store{Reader: w.API, Writer: w.API}
	stored, err := store.Read(w.T.Context(), owner)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(stored).NotTo(BeNil())
	change(stored)
	_, err = store.Write(w.T.Context(), owner, stored)
	w.Expect(err).NotTo(HaveOccurred())
}

func TestAForgedLedgerReleasesNothing(t *testing.T) {
	const emails = 30
	for name, forgery := range map[string]func(*ledger.Entry){
		"sent":     func(e *ledger.Entry) { e.Attempts = 1 },
		"counted":  func(e *ledger.Entry) { e.Reserved, e.Attempts = true, 1 },
		"approved": func(e *ledger.Entry) { e.Approved = approval.Short("whatever") },
		"in a job": func(e *ledger.Entry) { e.Job = 1 },
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, newEmails(emails))
					w.Org.Generate(100)
					w.rest()
					w.ExpectReady("False/ApprovalRequired")
					w.forge(func(l *ledger.Ledger) {
						for i := range l.Entries {
							if entry := &l.Entries[i]; entry.Withheld {
								entry.Withheld, entry.Harmful = false, true
								forgery(entry)
							}
						}
					})
					if restart {
						w.Restart()
					}
					w.rest()
					w.ExpectReady("False/ApprovalRequired")
					w.resyncs()
					w.ExpectReady("False/ApprovalRequired")
					w.Expect(w.changed(emails)).To(BeZero())

					w.approve()
					w.rest()
					w.ExpectReady("True/Succeeded")
					w.Expect(w.changed(emails)).To(Equal(emails))
				})
			})
		}
	}
}

// Results that claim that everything is done do not end a run: they are compared with the
// directory.
func TestForgedResultsEndNoRun(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(6))
				w.batches(2)
				w.Until(w.sent(1))
				w.forge(func(l *ledger.Ledger) {
					l.Finished = true
					for i := range l.Entries {
						l.Entries[i].Outcome = ledger.OutcomeCreated
					}
				})
				if restart {
					w.Restart()
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.Org.CountUsers()).To(Equal(6))
				w.expectEachSentOnce()
			})
		})
	}
}

// An older version wrote no digests into the status. After an upgrade, what it sent is
// settled, nobody is sent twice, and what it withheld waits.
func TestALedgerOfTheVersionBeforeIsNotBelieved(t *testing.T) {
	upgrade := func(w *world) {
		object := w.Get()
		for i := range object.Status.Results {
			object.Status.Results[i].Digest, object.Status.Results[i].Next = "", ""
		}
		w.Expect(w.API.Status().Update(w.T.Context(), object)).To(Succeed())
		w.Restart()
	}
	t.Run("a job is open", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, hires(6))
			w.batches(2)
			w.Until(w.sent(1))
			upgrade(w)
			w.rest()
			w.ExpectReady("True/Succeeded")
			w.Expect(w.Org.CountUsers()).To(Equal(6))
			w.expectEachSentOnce()
		})
	})
	t.Run("rows wait for an approval", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, newEmails(30))
			w.Org.Generate(100)
			w.rest()
			upgrade(w)
			w.rest()
			w.ExpectReady("False/ApprovalRequired")
			w.Expect(w.changed(30)).To(BeZero())
		})
	})
}

// For a run that has ended, and for one that waits, the status matches the ledger.
func TestTheStatusAnchorsTheLedgerAtRest(t *testing.T) {
	for name, lines := range map[string][]string{"ended": hires(3), "waiting": newEmails(30)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, lines)
				w.Org.Generate(100)
				w.rest()
				object := w.Get()
				owner := ledger.OwnerOf(object, v1alpha1.GroupVersion.WithKind("BulkUserImport"), ledger.ImportSuffix)
				stored, err := (&ledger.Store{Reader: w.API}).Read(t.Context(), owner)
				w.Expect(err).NotTo(HaveOccurred())
				w.Expect(stored.References(owner)).To(Equal(object.Status.Results), "no write is under way")
			})
		})
	}
}
