package usergroup_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestMembersFollowTheSpec(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.who()).To(Equal([]string{"ada", "chas"}))
		w.edit(members("chas", "eva"))
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("chas", "eva"))
		w.Expect(counts(w.Get().Status.Members)).To(Equal(v1alpha1.MembersStatus{Desired: 2, Current: 2, Added: 1, Removed: 1}))
		w.edit(func(o *v1alpha1.UserGroup) { o.Spec.Members = nil })
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(HaveLen(2), "members that nobody writes about are not managed")
		w.Expect(w.Get().Status.Members).To(BeNil())
	}, members("ada", "chas"))
}

func TestDifferentNamesOfOneUserAreOneMember(t *testing.T) {
	story(t, func(w *world) {
		w.Edit(func(o *v1alpha1.UserGroup) {
			o.Spec.Members = &[]v1alpha1.UserReference{
				{Username: "ada"}, {Email: "ADA@example.org"}, {Email: "ada@example.org"}, {ID: w.users["ada"]}, {ID: w.users["chas"]},
			}
		})
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(Equal([]string{"ada", "chas"}))
		w.Expect(w.Sent()).To(HaveLen(3))
		w.Expect(w.Get().Status.Members.Desired).To(BeEquivalentTo(2))
	})
}

func TestAddOnlyRemovesNobody(t *testing.T) {
	story(t, func(w *world) {
		w.exists("engineers", "eva", "root")
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Expect(w.who()).To(Equal([]string{"eva", "root", "ada"}))
		w.edit(members())
		w.ExpectReady("True/Adopted")
		w.Expect(w.who()).To(HaveLen(3))
	}, members("ada"), addOnly)
}

func TestUsersWhoAreNotThereYet(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.Condition(v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.UsersNotFoundReason))
		w.Expect(w.who()).To(Equal([]string{"ada"}), "the rest is not held up")
		w.Expect(w.Message()).To(Equal("7 declared users are not in the directory: hire1, hire2, hire3, hire4, hire5 and 2 more. " +
			"The rest is done; they are added when they appear."))
		w.Expect(w.Get().Status.Members).To(HaveValue(And(HaveField("NotFound", int32(7)), HaveField("Desired", int32(8)))))
		w.costOfResync()

		w.hire("hire1", "hire2", "hire3", "hire4", "hire5", "hire6", "hire7")
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(HaveLen(8))
	}, members("hire1", "hire2", "ada", "hire3", "hire4", "hire5", "hire6", "hire7"))
}

func TestMembersFromConfigMaps(t *testing.T) {
	story(t, func(w *world) {
		w.ConfigMap("list", map[string]string{"members": "# first floor\nada\nCHAS@example.org\n"})
		w.ConfigMap("table", map[string]string{"members": "Name,Email\nEva,eva@example.org\nAda,ada@example.org\n"})
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("ada", "chas", "eva", "root"))

		w.ConfigMap("list", map[string]string{"members": "ada\n"})
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("ada", "eva", "root"))
		w.Expect(w.Events).NotTo(ContainElement(HavePrefix("DriftCorrected: ")), "it was the source that changed")
	}, members("root"), membersFrom("list", "table"))
}

// A removal requires that everything that declares members was read. Each of these cases would
// otherwise remove somebody.
func TestNobodyIsRemovedFor(t *testing.T) {
	sources := []func(*v1alpha1.UserGroup){membersFrom("one", "two")}
	for name, c := range map[string]struct {
		spoil   func(w *world)
		ready   string
		message string
		heal    func(w *world)
	}{
		"a ConfigMap that is not there": {
			spoil:   func(w *world) { w.Edit(membersFrom("three")) },
			ready:   "False/SourceNotFound",
			message: "ConfigMap three does not exist",
			heal:    func(w *world) { w.ConfigMap("three", map[string]string{"members": "eva"}) },
		},
		"a key that is not there": {
			spoil:   func(w *world) { w.ConfigMap("two", map[string]string{"other": "ada"}) },
			ready:   "False/SourceNotFound",
			message: "ConfigMap two has no key members",
			heal:    func(w *world) { w.ConfigMap("two", map[string]string{"members": "chas"}) },
		},
		"a source that cannot be read": {
			spoil:   func(w *world) { w.ConfigMap("two", map[string]string{"members": "chas\neva, root\n"}) },
			ready:   "False/InvalidSpec",
			message: "ConfigMap two, key members, line 2: holds a comma",
			heal:    func(w *world) { w.ConfigMap("two", map[string]string{"members": "chas\n"}) },
		},
		"an empty source": {
			spoil:   func(w *world) { w.ConfigMap("two", map[string]string{"members": "# nobody\n"}) },
			ready:   "False/InvalidSpec",
			message: `ConfigMap two, key members names no user, and 1 member would be removed. Nothing was changed. Set the annotation jumpcloud-operator.io/allow-empty="true"`,
			heal:    func(w *world) { w.ConfigMap("two", map[string]string{"members": "chas\n"}) },
		},
		"a directory that cannot be read": {
			spoil: func(w *world) {
				w.ConfigMap("two", map[string]string{"members": "nobody\n"})
				w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: "/api/systemusers", Times: -1}, Status: http.StatusBadGateway})
				w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: "/api/search/systemusers", Times: -1}, Status: http.StatusBadGateway})
			},
			ready:   "False/RemoteUnavailable",
			message: "systemusers",
			heal: func(w *world) {
				w.Sim.RemoveFaults()
				w.ConfigMap("two", map[string]string{"members": "chas\n"})
			},
		},
		"members that cannot be read": {
			spoil: func(w *world) {
				w.ConfigMap("two", map[string]string{"members": "eva\n"})
				w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodGet, Path: membersPath, Times: -1}, Status: http.StatusBadGateway})
			},
			ready:   "False/RemoteUnavailable",
			message: "members",
			heal: func(w *world) {
				w.ConfigMap("two", map[string]string{"members": "chas\n"})
				w.Sim.RemoveFaults()
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.ConfigMap("one", map[string]string{"members": "ada\n"})
				w.ConfigMap("two", map[string]string{"members": "chas\n"})
				w.Rest()
				w.Expect(w.who()).To(Equal([]string{"ada", "chas"}))
				w.Sim.ForgetHistory()
				c.spoil(w)
				w.Until(func() bool { return w.Message() != "" && !strings.Contains(w.Message(), "is as declared") })
				w.ExpectReady(c.ready)
				w.Expect(w.Message()).To(ContainSubstring(c.message))
				w.Restart()
				w.Pass()
				w.Expect(w.who()).To(Equal([]string{"ada", "chas"}))
				w.Expect(w.Sent()).To(BeEmpty())
				c.heal(w)
				w.Rest()
				w.ExpectReady("True/UpToDate")
			}, sources...)
		})
	}
}

func TestAnEmptyListEmptiesAGroupOnlyIfThatIsMeant(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.edit(members())
		w.ExpectReady("False/InvalidSpec")
		w.Expect(w.Message()).To(HavePrefix("spec.members names no user, and 2 members would be removed."))
		w.Expect(w.who()).To(HaveLen(2))
		w.Annotate(v1alpha1.AllowEmptyAnnotation, "true")
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(BeEmpty())
	}, members("ada", "chas"))
}

func TestAnEmptyListOfAnEmptyGroup(t *testing.T) {
	story(t, func(w *world) {
		w.exists("engineers", "root")
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Expect(w.Get().Status.Members.Protected).To(BeEquivalentTo(1))
		w.Expect(w.Message()).To(ContainSubstring("with 1 member; 1 protected user stays though not declared."))
	}, members())
}

// The list of members moves while it is read: a member that was not seen does not count as
// absent, and one that was seen twice is not removed.
func TestAListOfMembersThatMoves(t *testing.T) {
	story(t, func(w *world) {
		w.Org.Generate(250)
		names := generated(250)
		w.edit(members(names...))
		w.Expect(w.who()).To(HaveLen(250))
		id, first := w.Get().Status.ID, w.users["ada"]
		w.Org.AddMember(id, first)
		w.Sim.ForgetHistory()
		pages := 0
		w.OnCall = func(c enginetest.Call, do func() error) error {
			err := do()
			if c.Verb == http.MethodGet && strings.HasSuffix(c.Path, "/members") {
				pages++
				if pages == 1 {
					w.Org.RemoveMember(id, names[0]) // everybody after it moves up by one
				}
			}
			return err
		}
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf(names))
		w.Expect(pages).To(BeNumerically(">", 3), "it was read again")
	})
}

func generated(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("user%06d", i+1)
	}
	return names
}

func TestARenamedMemberIsReportedAndNotRemoved(t *testing.T) {
	for name, between := range map[string]func(*world){
		"while the operator runs": func(*world) {},
		"while it does not":       func(w *world) { w.Restart() },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				between(w)
				w.rename("ada", "lovelace")
				for range 3 {
					w.Resync()
					w.ExpectReady("False/UsersNotFound")
					w.Expect(w.Message()).To(And(ContainSubstring("1 declared user is not in the directory: ada."), ContainSubstring("(lovelace)")))
					w.Expect(w.who()).To(ConsistOf("lovelace", "chas"))
					w.Restart()
				}
				w.edit(members("lovelace", "chas"))
				w.ExpectReady("True/UpToDate")
				w.Expect(w.who()).To(ConsistOf("lovelace", "chas"))
				w.edit(members("chas"))
				w.Expect(w.who()).To(ConsistOf("chas"))
			}, members("ada", "chas"))
		})
	}
}

func TestAMemberWhoseNameSomebodyElseHas(t *testing.T) {
	for name, between := range map[string]func(*world){
		"while the operator runs": func(w *world) {
			w.Pass() // the session's users are as old as the object's basis
			<-time.After(enginetest.ResyncInterval)
		},
		"while it does not": func(w *world) { w.Restart() },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				w.rename("ada", "lovelace")
				w.hire("ada")
				between(w)
				w.Rest()
				w.ExpectReady("False/RemoteConflict")
				w.Expect(w.Message()).To(HavePrefix("1 member was renamed (lovelace): the declared name belongs to another user now."))
				w.Expect(w.who()).To(ConsistOf("lovelace", "ada"))
				w.Resync()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.who()).To(ConsistOf("ada"))
			}, members("ada"))
		})
	}
}

// Somebody is yet to be hired. After a restart, leavers are removed nevertheless.
func TestARestartWhileSomebodyIsToBeHired(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.Restart()
		w.edit(members("ada", "hire"))
		w.Expect(w.who()).To(ConsistOf("ada"))
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.Message()).NotTo(ContainSubstring("another name"))
	}, members("ada", "chas", "hire"))
}

func TestAnAdoptedGroupLosesNobodyUnasked(t *testing.T) {
	story(t, func(w *world) {
		w.exists("engineers", "chas", "eva")
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.who()).To(ConsistOf("chas", "eva", "ada"), "what harms no one is done")
		w.Resync()
		w.Restart()
		w.Resync()
		w.Expect(w.who()).To(HaveLen(3))
		w.Expect(w.Get().Status.Members.RemovalsApproved).To(BeFalse())

		w.approve()
		w.ExpectReady("True/Adopted")
		w.Expect(w.who()).To(ConsistOf("ada", "eva"))
		w.Expect(w.Get().Status.Members.RemovalsApproved).To(BeTrue())
		w.edit(members("ada"))
		w.ExpectReady("True/Adopted")
		w.Expect(w.who()).To(ConsistOf("ada"), "from now on it is a group like any other")
	}, members("ada", "eva"))
}

func TestTheGuardCountsTheWholeDifference(t *testing.T) {
	story(t, func(w *world) {
		w.Org.Generate(16) // 5 % of 20 users are less than the 3 that are always allowed
		w.edit(members(generated(10)...))
		w.edit(members(generated(6)...))
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.who()).To(HaveLen(10))
		w.Expect(w.Get().Status.Plan).To(HaveValue(And(HaveField("Harmful", int32(4)), HaveField("Withheld", int32(4)))))
		w.edit(members(append(generated(6), "ada")...))
		w.Expect(w.who()).To(HaveLen(11), "who is added harms no one")
		w.ExpectReady("False/ApprovalRequired")
		w.approve()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(HaveLen(7))
		w.edit(members(generated(4)...))
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(HaveLen(4), "3 are always allowed")
	})
}

func TestProtectedUsersStay(t *testing.T) {
	story(t, func(w *world) {
		w.EditOrganization(func(o *v1alpha1.Organization) {
			o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Email: "EVA@example.org"}}
		})
		w.Rest()
		id := w.Get().Status.ID
		for _, name := range []string{"root", "eva", "chas"} {
			w.Org.AddMember(id, name)
		}
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("ada", "root", "eva"))
		w.Expect(w.Get().Status.Members.Protected).To(BeEquivalentTo(2))
		w.Expect(w.Message()).To(HaveSuffix("with 3 members; 2 protected users stay though not declared."))
		w.costOfResync()
	}, members("ada"))
}

// Members whom the directory does not know are left alone.
func TestAMemberWhoIsNotInTheDirectory(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		id := w.Get().Status.ID
		w.before(http.MethodGet, "/members", func() {
			w.hire("mallory") // after the directory was read
			w.Org.AddMember(id, "mallory")
		})
		w.Request()
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("ada", "mallory"), "she may be an administrator")
		w.Resync()
		w.Expect(w.who()).To(ConsistOf("ada"))
	}, members("ada"))
}

// JumpCloud may answer calls that change nothing in any way.
func TestAnswersToCallsThatChangeNothing(t *testing.T) {
	for name, behave := range map[string]func(*jumpcloudtest.Behavior){
		"refused": func(*jumpcloudtest.Behavior) {},
		"accepted": func(b *jumpcloudtest.Behavior) {
			b.DuplicateMemberStatus, b.MissingMemberStatus = http.StatusNoContent, http.StatusNoContent
		},
		"seen later": func(b *jumpcloudtest.Behavior) { b.MemberLag = 20 * time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.Sim.Configure(behave)
				w.Rest()
				id := w.Get().Status.ID
				w.before(http.MethodPost, "/members", func() {
					w.Org.AddMember(id, "chas")
					w.Org.RemoveMember(id, "ada")
				})
				w.edit(members("chas"))
				w.ExpectReady("True/UpToDate")
				w.Expect(w.who()).To(ConsistOf("chas"))
			}, members("ada"))
		})
	}
}

func TestAUserWhoIsDeletedBeforeTheCall(t *testing.T) {
	story(t, func(w *world) {
		w.before(http.MethodPost, "/members", func() {
			w.Org.DeleteUser(w.users["chas"])
		})
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.who()).To(Equal([]string{"ada"}))
		w.Expect(w.Sent()).To(HaveLen(3), "nobody is added again and again")
	}, members("chas", "ada"))
}

func TestPlanOfMembers(t *testing.T) {
	story(t, func(w *world) {
		w.exists("engineers", "chas")
		w.Rest()
		w.ExpectReady("True/Planned")
		w.Expect(w.Sent()).To(BeEmpty())
		w.Expect(w.Get().Status.Plan.Changes).To(ConsistOf(
			v1alpha1.PlannedChange{Action: v1alpha1.ChangeUpdate, Subject: "engineers", Fields: []string{"description"}, Withheld: true},
			v1alpha1.PlannedChange{Action: v1alpha1.ChangeAddMember, Subject: "ada", Withheld: true},
			v1alpha1.PlannedChange{Action: v1alpha1.ChangeRemoveMember, Subject: "chas", Harmful: true, Withheld: true},
		))
		w.costOfResync()
	}, members("ada"), described("new"), planned)
}

func TestPlanOfANewGroup(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Planned")
		w.Expect(w.Get().Status.Plan.Changes).To(ConsistOf(
			HaveField("Action", v1alpha1.ChangeCreate), HaveField("Action", v1alpha1.ChangeAddMember)))
		w.Expect(w.groups()).To(BeEmpty())
		w.edit(func(o *v1alpha1.UserGroup) { o.Spec.Mode = v1alpha1.ModeApplyAfterApproval })
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.groups()).To(BeEmpty())
		w.approve()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(Equal([]string{"ada"}))
	}, members("ada"), planned)
}
