package oneshot_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

func reporting(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = v1alpha1.LeaversReport }

// newStaff makes a world with an import of the first n of 10 users, which has run.
func newStaff(t *testing.T, n int, changes ...func(*v1alpha1.BulkUserImport)) *world {
	t.Helper()
	w := newWorld(t, moves(n), append([]func(*v1alpha1.BulkUserImport){reporting}, changes...)...)
	w.Org.Generate(10)
	w.rest()
	w.ExpectReady("True/Succeeded")
	w.expectLeavers()
	return w
}

// expectLeavers says who has left, as the status has it.
func (w *world) expectLeavers(usernames ...string) {
	w.T.Helper()
	status := w.Get().Status.Leavers
	w.Expect(status).NotTo(BeNil(), "%s", w.Describe())
	var users []string
	for _, user := range status.Users {
		w.Expect(user.ID).To(Equal(w.id(user.Username)))
		users = append(users, user.Username)
	}
	w.Expect(users).To(ConsistOf(usernames), "%s", w.Describe())
	w.Expect(status.Count).To(BeEquivalentTo(len(usernames)))
	w.Expect(status.Unknown + status.BlockedBy).To(BeEmpty())
	w.Expect(status.Next).To(BeEmpty())
}

// policies are those under which it matters who leaves.
var policies = map[string]func(*v1alpha1.BulkUserImport){"Report": reporting, "Suspend": suspending}

// expectLeft says who has left: they are reported, or were suspended.
func (w *world) expectLeft(usernames ...string) {
	w.T.Helper()
	if w.Get().Spec.Leavers == v1alpha1.LeaversReport {
		w.expectLeavers(usernames...)
		return
	}
	w.expectLeavers()
	w.expectGone(usernames...)
	w.Expect(w.puts("")).To(Equal(len(usernames)))
}

// expectDoubt says that nobody has left, because that is not known.
func (w *world) expectDoubt(why string) {
	w.T.Helper()
	status := w.Get().Status.Leavers
	w.Expect(status).NotTo(BeNil(), "%s", w.Describe())
	w.Expect(status.Unknown).To(ContainSubstring(why))
	w.Expect(status.Count).To(BeZero())
	w.Expect(w.Message()).To(ContainSubstring("who has left the source is not known"))
}

func TestWhoLeftIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newStaff(t, 4)
		mutations := len(w.Sim.MutatingRequests())
		w.source(moves(3)...)
		w.Annotate("x", "wake")
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeavers(member(4))
		w.Expect(w.Message()).To(Equal("3 users: 3 unchanged; 1 user has left the source (status.leavers)"))
		w.Expect(w.entries()[member(4)]).To(And(HaveField("Row", 4), HaveField("Action", ledger.ActionLeave),
			HaveField("Outcome", ledger.OutcomeSkipped), HaveField("UserID", w.id(member(4)))))
		w.Expect(w.Get().Status.Summary.Total).To(BeEquivalentTo(3))
		w.Expect(w.Sim.MutatingRequests()).To(HaveLen(mutations), "nothing is sent for a report")
		w.Expect(w.value(member(4), "state")).NotTo(Equal("SUSPENDED"))

		version := w.Get().ResourceVersion
		w.Sim.ForgetHistory()
		w.resyncs()
		w.Expect(w.Get().ResourceVersion).To(Equal(version), "nothing is written at rest")
		w.Expect(w.Sim.History()).To(BeEmpty(), "nothing is asked at rest")

		w.source(moves(2)...)
		w.rest()
		w.expectLeavers(member(3), member(4))
		w.source(moves(4)...)
		w.rest()
		w.expectLeavers()
	})
}

// What does not say that a person has left makes nobody a leaver.
func TestWhoDidNotLeave(t *testing.T) {
	line := func(username string) string { return username + "," + username + "@example.org,Engines" }
	for name, happens := range map[string]func(w *world){
		"the user is suspended": func(w *world) {
			w.console(member(4), jumpcloudtest.User{"state": "SUSPENDED"})
			w.source(moves(3)...)
		},
		"the user is deleted": func(w *world) {
			w.Org.DeleteUser(w.id(member(4)))
			w.source(moves(3)...)
		},
		"the user has another name, and the source the same email": func(w *world) {
			w.console(member(4), jumpcloudtest.User{"username": "renamed"})
			w.source(append(moves(3), "renamed,"+member(4)+"@example.org,Engines")...)
		},
		"the user was never one of the import": func(w *world) { w.source(append(moves(3), line(member(4)))...) },
		"the ConfigMaps are lost": func(w *world) {
			w.eachMembers(func(c *corev1.ConfigMap) { w.Expect(w.API.Delete(w.T.Context(), c)).To(Succeed()) })
			w.source(moves(3)...)
		},
		"the ConfigMaps were edited": func(w *world) {
			w.eachMembers(func(c *corev1.ConfigMap) {
				c.Data["results.csv"] = strings.Replace(c.Data["results.csv"], w.id(member(4)), w.id(member(9)), 1)
				w.Expect(w.API.Update(w.T.Context(), c)).To(Succeed())
			})
			w.source(moves(3)...)
		},
		"the status was restored without what it knew": func(w *world) {
			object := w.Get()
			object.Status.Leavers = nil
			w.Expect(w.API.Status().Update(w.T.Context(), object)).To(Succeed())
			w.source(moves(3)...)
		},
	} {
		for policy, set := range policies {
			t.Run(policy+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newStaff(t, 4, set)
					happens(w)
					w.rest()
					w.ExpectReady("True/Succeeded")
					w.expectLeavers()
					w.Request()
					w.rest()
					w.expectLeavers()
					w.Expect(w.puts("")).To(BeZero())
				})
			})
		}
	}
}

// Whom the filter leaves out is no row's any more.
func TestWhomTheFilterLeavesOutHasLeft(t *testing.T) {
	for policy, set := range policies {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newStaff(t, 4, set)
				w.window(100, 100, 100)
				w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.Filter = `row["username"] != "` + member(4) + `"` })
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectLeft(member(4))
				w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.Filter = `row["username"] == "nobody"` })
				w.rest()
				w.ExpectReady("False/InvalidRows")
				w.expectLeft(member(4))
			})
		})
	}
}

// eachMembers changes the ConfigMaps that remember who belongs to the import.
func (w *world) eachMembers(change func(*corev1.ConfigMap)) {
	w.T.Helper()
	all := &corev1.ConfigMapList{}
	w.Expect(w.API.List(w.T.Context(), all, client.InNamespace(w.Key.Namespace))).To(Succeed())
	n := 0
	for i := range all.Items {
		if strings.Contains(all.Items[i].Name, ledger.ImportMembersSuffix) {
			n++
			change(&all.Items[i])
		}
	}
	w.Expect(n).NotTo(BeZero())
}

// While it is not known whom the source names, nobody has left, and all are
// remembered for the time when it is.
func TestNobodyLeavesWhileTheSourceIsInDoubt(t *testing.T) {
	skip := func(o *v1alpha1.BulkUserImport) { o.Spec.OnInvalidRow = v1alpha1.OnInvalidRowSkip }
	for name, c := range map[string]struct {
		lines []string
		doubt string
	}{
		"an invalid row":               {append(moves(2), "not valid,,"), "is invalid"},
		"a row cut short":              {append(moves(2), `"`+member(3)), ""},
		"a row about nobody who is":    {append(moves(2), "other,"+member(4)+"@example.org,Engines"), "RemoteConflict"},
		"no rows":                      {moves(0), ""},
		"not even a header":            {nil, ""},
		"the same row, twice, invalid": {append(moves(2), moves(1)[1]), "is invalid"},
	} {
		for policy, set := range policies {
			t.Run(policy+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newStaff(t, 4, skip, set)
					w.source(c.lines...)
					w.rest()
					if c.doubt != "" {
						w.expectDoubt(c.doubt)
					} else if status := w.Get().Status.Leavers; status != nil {
						w.Expect(status.Count).To(BeZero())
					}
					w.Expect(w.puts("")).To(BeZero())
					w.source(moves(3)...)
					w.rest()
					w.expectLeft(member(4))
				})
			})
		}
	}
}

func TestNobodyLeavesWhileTheSourceIsGone(t *testing.T) {
	for policy, set := range policies {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newStaff(t, 4, set)
				source := configMap(w.Key.Namespace, "hires", nil)
				w.Expect(w.API.Delete(t.Context(), source)).To(Succeed())
				w.Pass()
				w.ExpectReady("False/SourceNotFound")
				w.expectLeft()
				w.ConfigMap("hires", map[string]string{"users.csv": strings.Join(moves(3), "\n")})
				w.rest()
				w.expectLeft(member(4))
			})
		})
	}
}

// Allowing an empty source allows no one to leave.
func TestNobodyLeavesAnEmptySource(t *testing.T) {
	for policy, set := range policies {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newStaff(t, 4, set)
				w.Annotate(v1alpha1.AllowEmptyAnnotation, "true")
				w.source(moves(0)...)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectDoubt("there are no rows")
				w.Expect(w.puts("")).To(BeZero())
			})
		})
	}
}

// Users whom an import made belong to it, and the first run with the setting, as the
// one after an upgrade, knows of no leavers.
func TestTheFirstRunKnowsOfNoLeavers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(3))
		w.rest()
		w.Expect(w.Get().Status.Leavers).To(BeNil())
		w.source(hires(2)...)
		w.Edit(reporting)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeavers()
		w.source(append(hires(1), hires(4)[4])...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeavers(hire(2))
		w.source(hires(1)...)
		w.rest()
		w.expectLeavers(hire(2), hire(4))
		w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = v1alpha1.LeaversIgnore })
		w.rest()
		w.Expect(w.Get().Status.Leavers).To(BeNil())
	})
}

// A plan tells who would be a leaver, and remembers nobody.
func TestAPlanTellsWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newStaff(t, 4)
		w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.Mode = v1alpha1.ModePlan })
		digest := w.Get().Status.Leavers.Digest
		w.source(moves(3)...)
		w.rest()
		w.ExpectReady("True/Planned")
		w.expectLeavers(member(4))
		w.Expect(w.Get().Status.Plan.Total).To(BeEquivalentTo(3))
		w.Expect(w.Get().Status.Plan.Invalid).To(BeZero())
		w.Expect(w.entries()[member(4)].Action).To(Equal(ledger.ActionLeave))
		w.Expect(w.Get().Status.Leavers.Digest).To(Equal(digest))
	})
}

// Wherever the process dies, the end is the same.
func TestWhoLeftIsReportedAfterADeath(t *testing.T) {
	enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			w := newStaff(t, 4)
			w.Die(d)
			w.source(append(moves(3), hires(1)[1])...)
			w.rest()
			w.ExpectReady("True/Succeeded")
			w.expectLeavers(member(4))
			w.source(moves(2)...)
			w.rest()
			w.expectLeavers(member(3), member(4), hire(1))
		})
	})
}

func TestReportsUnderInterference(t *testing.T) {
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"a leaver and a new user": {
			In: in(moves(3), reporting),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.Rest()
			},
			Steps: func(w *world) {
				w.source(append(moves(2), hires(1)[1])...)
				w.Rest()
			},
			End: func(w *world) {
				w.expectNobodyCreatedTwice()
				w.ExpectReady("True/Succeeded")
				w.expectLeavers(member(3))
			},
		},
	})
}

// A reading by searches asks for those once whom no row is about, and one by a list
// shows them all.
func TestRequestsOfLeavers(t *testing.T) {
	for name, c := range map[string]struct{ users, more int }{"a list": {10, 0}, "searches": {20_000, 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := func(policy v1alpha1.LeaversPolicy) int {
					w := newWorld(t, moves(4), func(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = policy })
					w.Org.Generate(c.users)
					w.rest()
					w.Sim.ForgetHistory()
					w.source(moves(3)...)
					w.rest()
					return len(w.Sim.History())
				}
				ignored := requests(v1alpha1.LeaversIgnore)
				NewWithT(t).Expect(requests(v1alpha1.LeaversReport)).To(Equal(ignored + c.more))
			})
		})
	}
}

// claimants are other objects.
type claimants struct{ now plan.Claims }

func (c *claimants) Claims(context.Context, lifecycle.Member, string) (plan.Claims, error) {
	return c.now, nil
}

// claimed makes a world as newStaff does, in which other objects name users.
func claimed(t *testing.T, others *claimants) *world {
	t.Helper()
	object := &v1alpha1.BulkUserImport{}
	object.Namespace, object.Name = "identity", "hires"
	object.Spec.OrganizationRef = v1alpha1.OrganizationReference{Namespace: "identity", Name: "acme"}
	object.Spec.UsersFrom = []v1alpha1.RowsSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "hires", Key: "users.csv"}}}
	reporting(object)
	source := configMap(object.Namespace, "hires", map[string]string{"users.csv": strings.Join(moves(4), "\n")})
	build := func(config lifecycle.Config) *lifecycle.Reconciler[*v1alpha1.BulkUserImport] {
		return lifecycle.NewReconciler(&oneshot.Engine[*v1alpha1.BulkUserImport]{
			Kind: imports{rows.Loader{Reader: config.Client}}, Ledger: &ledger.Store{Reader: config.Client, Writer: config.Client},
			Timing: timing, Counters: noCounters{}, Claimants: others, Turns: turns.New(nil),
		}, config)
	}
	w := &world{enginetest.New(t, object, build, enginetest.Options[*v1alpha1.BulkUserImport]{Objects: []client.Object{source}})}
	w.Org.Generate(10)
	w.rest()
	return w
}

func TestWhoIsNamedByAnotherObjectIsNoLeaver(t *testing.T) {
	for name, claims := range map[string]plan.Claims{
		"by username": {Usernames: map[string]bool{member(4): true}},
		"by email":    {Emails: map[string]bool{member(4) + "@example.org": true}},
	} {
		t.Run(name, func(t *testing.T) {
			for policy, set := range policies {
				t.Run(policy, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						others := &claimants{}
						w := claimed(t, others)
						w.Edit(set)
						w.rest()
						others.now = claims
						w.source(moves(3)...)
						w.rest()
						w.expectLeft()
						others.now = plan.Claims{}
						w.Request()
						w.rest()
						w.expectLeft() // the user belongs to the other object by now
					})
				})
			}
		})
	}
}

// As soon as it is known whom the other import names, the directory is looked at again.
func TestAnotherImportBlocksWhoLeft(t *testing.T) {
	for policy, set := range policies {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { blocked(t, set) })
		})
	}
}

func blocked(t *testing.T, policy func(*v1alpha1.BulkUserImport)) {
	t.Helper()
	others := &claimants{}
	w := claimed(t, others)
	w.Edit(policy)
	w.rest()
	others.now = plan.Claims{Unknown: "BulkUserImport identity/b has no rows", BlockedBy: "BulkUserImport identity/b"}
	w.source(moves(3)...)
	w.rest()
	w.expectDoubt("BulkUserImport identity/b has no rows")
	w.Expect(w.Get().Status.Leavers.BlockedBy).To(Equal("BulkUserImport identity/b"))
	version := w.Get().ResourceVersion
	w.Sim.ForgetHistory()
	w.resyncs()
	w.Expect(w.Get().ResourceVersion).To(Equal(version))
	w.Expect(w.Sim.History()).To(BeEmpty(), "it asks for nothing while it is blocked")
	others.now = plan.Claims{}
	w.Resync()
	w.expectLeft(member(4))
}

// A ConfigMap of that name that is somebody else's is not touched, and is told of
// before anything is sent.
func TestMembersOfAConfigMapOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(2), reporting)
		w.ConfigMap("hires"+ledger.ImportMembersSuffix+"-000", map[string]string{"mine": "yes"})
		w.rest()
		w.ExpectReady("False/NameConflict")
		for _, r := range w.Sim.History() {
			w.Expect(r.Method).NotTo(Equal(http.MethodPatch), fmt.Sprint(r))
		}
		w.Expect(w.Org.Jobs()).To(BeEmpty())
	})
}
