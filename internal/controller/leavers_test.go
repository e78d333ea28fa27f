package controller_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// eachPolicy runs a test with each kind of import and each policy under which leavers matter:
// an import of the first four users, which has run.
func eachPolicy(t *testing.T, tell func(w *staff), changes ...func(spec)) {
	t.Helper()
	eachImport(t, func(t *testing.T, k imports) {
		t.Helper()
		for policy, set := range policies {
			t.Run(policy, func(t *testing.T) {
				k.staff(t, members(4), func(w *staff) {
					w.Rest()
					w.ExpectReady("True/Succeeded")
					w.expectLeft()
					tell(w)
				}, append(changes, set)...)
			})
		}
	})
}

func TestWhoLeft(t *testing.T) {
	eachPolicy(t, func(w *staff) {
		w.names(members(3)...)
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeft(member(4))
		w.names(append(members(2), hire)...)
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeft(member(3), member(4))
		w.expectRest()
		gone := w.suspended()
		w.names(append(members(4), hire)...)
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeavers()
		w.Expect(w.suspended()).To(Equal(gone), "nobody lifts a suspension")
		w.names(members(4)...)
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeavers(hire) // the import has created the user, who is staged
		w.Expect(w.suspended()).To(Equal(gone))
	})
}

// Events that do not prove that a person has left make nobody a leaver.
func TestWhoDidNotLeave(t *testing.T) {
	for name, happens := range map[string]func(w *staff){
		"the user is suspended": func(w *staff) {
			w.console(member(4), jumpcloudtest.User{"state": "SUSPENDED"})
			w.names(members(3)...)
		},
		"the user is deleted": func(w *staff) {
			w.Org.DeleteUser(w.id(member(4)))
			w.names(members(3)...)
		},
		"the user has another name, and the source the same email": func(w *staff) {
			w.console(member(4), jumpcloudtest.User{"username": "renamed"})
			w.names(append(members(3), person{"renamed", member(4).email})...)
		},
		"the source has another email, and the user the same name": func(w *staff) {
			w.names(append(members(3), person{member(4).username, "married@example.org"})...)
		},
		"the user was never one of the import": func(w *staff) { w.names(members(4)...) },
		"the ConfigMaps are lost": func(w *staff) {
			w.eachMembers(func(c *corev1.ConfigMap) { w.Expect(w.API.Delete(w.T.Context(), c)).To(Succeed()) })
			w.names(members(3)...)
		},
		"the ConfigMaps were edited": func(w *staff) {
			w.eachMembers(func(c *corev1.ConfigMap) {
				c.Data["results.csv"] = strings.Replace(c.Data["results.csv"], w.id(member(4)), w.id(member(9)), 1)
				w.Expect(w.API.Update(w.T.Context(), c)).To(Succeed())
			})
			w.names(members(3)...)
		},
		"the status was restored without what it knew": func(w *staff) {
			object, status := w.object()
			status.Leavers = nil
			w.Expect(w.API.Status().Update(w.T.Context(), object)).To(Succeed())
			w.names(members(3)...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachPolicy(t, func(w *staff) {
				happens(w)
				w.guard(100, 100)
				for range 2 {
					w.Rest()
					w.expectLeavers()
					w.Expect(w.puts()).To(BeZero())
					w.Request()
				}
			})
		})
	}
}

// A user who is renamed at JumpCloud only has left: nothing in the source names the user.
func TestWhoIsSomebodyElseByNow(t *testing.T) {
	eachImport(t, func(t *testing.T, k imports) {
		t.Helper()
		k.staff(t, members(4), func(w *staff) {
			w.Rest()
			w.console(member(4), jumpcloudtest.User{"username": "other", "email": "other@example.org"})
			w.names(members(3)...)
			w.Rest()
			w.expectLeavers(named("other"))
		}, reporting)
	})
}

// A user whom the filter leaves out is not named by any row.
func TestWhomTheFilterLeavesOutHasLeft(t *testing.T) {
	eachPolicy(t, func(w *staff) {
		w.edit(func(s spec) { *s.filter = w.without(member(4).username) })
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeft(member(4))
		w.edit(func(s spec) { *s.filter = "false" })
		w.Rest()
		w.Expect(w.suspended()).To(HaveLen(w.puts()))
		w.Expect(w.puts()).To(BeNumerically("<=", 1), "a filter that leaves out everybody lets nobody leave")
	})
}

// While it is not known which users the source names, nobody has left, and all stay
// remembered.
func TestNobodyLeavesWhileTheSourceIsInDoubt(t *testing.T) {
	for name, c := range map[string]struct {
		people []person
		doubt  string
	}{
		"an invalid row":      {append(members(2), person{username: "not valid"}), "it is not known which user it is about"},
		"a row without names": {append(members(2), person{email: "nobody"}), "it is not known which user it is about"},
		"the same row twice":  {append(members(2), hire, hire), "it is not known which user it is about"},
		"no rows":             {nil, ""},
		"only invalid rows":   {[]person{{username: "not valid"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachPolicy(t, func(w *staff) {
				w.names(c.people...)
				w.Rest()
				if c.doubt != "" {
					w.expectDoubt(c.doubt)
				}
				w.Expect(w.puts()).To(BeZero())
				w.names(members(3)...)
				w.Rest()
				w.ExpectReady("True/Succeeded")
				w.expectLeft(member(4))
			}, skipping)
		})
	}
}

// A run that does not begin because of an invalid row makes nobody a leaver.
func TestNobodyLeavesWhileARowIsInvalid(t *testing.T) {
	eachPolicy(t, func(w *staff) {
		w.names(append(members(2), person{username: "not valid"})...)
		w.Rest()
		w.ExpectReady("False/InvalidRows")
		w.expectLeft()
		w.names(members(3)...)
		w.Rest()
		w.expectLeft(member(4))
	})
}

func TestNobodyLeavesWhileTheSourceIsGone(t *testing.T) {
	eachPolicy(t, func(w *staff) {
		for _, gone := range w.gone {
			back := gone()
			w.Request()
			w.Until(w.unready)
			w.expectLeft()
			back()
			w.names(members(4)...)
			w.Rest()
			w.ExpectReady("True/Succeeded")
			w.expectLeft()
		}
		w.names(members(3)...)
		w.Rest()
		w.expectLeft(member(4))
	})
}

// Allowing an empty source makes nobody a leaver.
func TestNobodyLeavesAnEmptySource(t *testing.T) {
	eachPolicy(t, func(w *staff) {
		object, _ := w.object()
		object.SetAnnotations(map[string]string{v1alpha1.AllowEmptyAnnotation: "true"})
		w.Expect(w.API.Update(w.T.Context(), object)).To(Succeed())
		w.names()
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.expectDoubt("there are no rows")
	})
}

// The first run with the setting, as after an upgrade, knows only the users that it finds.
// Suspend uses what Report remembered.
func TestTheFirstRunKnowsOfNoLeavers(t *testing.T) {
	eachImport(t, func(t *testing.T, k imports) {
		t.Helper()
		k.staff(t, append(members(4), hire), func(w *staff) {
			w.Rest()
			w.ExpectReady("True/Succeeded")
			w.Expect(w.status().Leavers).To(BeNil())
			w.names(members(3)...)
			w.edit(suspending)
			w.Rest()
			w.ExpectReady("True/Succeeded")
			w.expectGone()
			w.expectLeavers()

			w.edit(reporting)
			w.names(members(2)...)
			w.Rest()
			w.expectGone()
			w.expectLeavers(member(3))
			w.edit(suspending)
			w.Rest()
			w.expectGone(member(3))
			w.expectLeavers()

			w.edit(func(s spec) { *s.leavers = v1alpha1.LeaversIgnore })
			w.Rest()
			w.Expect(w.status().Leavers).To(BeNil())
			w.names(members(1)...)
			w.Rest()
			w.expectGone(member(3))
		})
	})
}
