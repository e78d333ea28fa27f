package usergroup_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/usergroup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const (
	groupsPath  = "/api/v2/usergroups"
	groupPath   = "/api/v2/usergroups/*"
	membersPath = "/api/v2/usergroups/*/members"
)

// world has the users ada, chas, eva and root, who is an administrator, and the UserGroup
// "engineers".
type world struct {
	*enginetest.World[*v1alpha1.UserGroup]
	// users has ids by usernames.
	users map[string]string
}

// story runs a test in a bubble of fake time.
func story(t *testing.T, tell func(w *world), changes ...func(*v1alpha1.UserGroup)) {
	t.Helper()
	storyWith(t, nil, tell, changes...)
}

// storyWith is story with further objects. Those are reconciled only when the test turns to
// them.
func storyWith(t *testing.T, others []client.Object, tell func(w *world), changes ...func(*v1alpha1.UserGroup)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{users: map[string]string{}}
		kind := func(config lifecycle.Config) continuous.Kind[*v1alpha1.UserGroup, usergroup.Memory] {
			return &usergroup.Kind{Sources: rows.Loader{Reader: config.Client}, Users: config.Client, SettleWindow: enginetest.SettleWindow}
		}
		w.World = enginetest.NewLiving(t, object("engineers", 0, changes...), kind, enginetest.Options[*v1alpha1.UserGroup]{Objects: others})
		// Time passes: what is read later is newer.
		w.Sim.Configure(func(b *jumpcloudtest.Behavior) { b.Latency = time.Millisecond })
		w.hire("ada", "chas", "eva")
		w.hire("root")
		w.Org.UpdateUser(w.users["root"], jumpcloudtest.User{"admin": map[string]any{"id": "65f1c0ffee65f1c0ffee9999"}})
		tell(w)
	})
}

// object is a UserGroup created this many hours after the first, with the defaults that the
// API server fills in.
func object(name string, hours int, changes ...func(*v1alpha1.UserGroup)) *v1alpha1.UserGroup {
	o := &v1alpha1.UserGroup{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "identity", Name: name, UID: types.UID(name), Generation: 1,
			CreationTimestamp: metav1.NewTime(time.Date(2026, 1, 1, hours, 0, 0, 0, time.UTC)),
		},
		Spec: v1alpha1.UserGroupSpec{
			OrganizationRef:  v1alpha1.OrganizationReference{Name: "acme"},
			MembershipMethod: v1alpha1.MembershipStatic, MemberPolicy: v1alpha1.MemberPolicyExact,
			AdoptionPolicy: v1alpha1.AdoptIfExists, Mode: v1alpha1.ModeApply,
		},
		Status: v1alpha1.UserGroupStatus{CommonStatus: v1alpha1.CommonStatus{ObservedGeneration: -1}},
	}
	for _, change := range changes {
		change(o)
	}
	return o
}

type edits = func(*v1alpha1.UserGroup)

// members declares users by their usernames.
func members(names ...string) edits {
	return func(o *v1alpha1.UserGroup) {
		references := []v1alpha1.UserReference{}
		for _, name := range names {
			references = append(references, v1alpha1.UserReference{Username: name})
		}
		o.Spec.Members = &references
	}
}

// membersFrom declares the members that the key "members" of ConfigMaps names.
func membersFrom(names ...string) edits {
	return func(o *v1alpha1.UserGroup) {
		for _, name := range names {
			o.Spec.MembersFrom = append(o.Spec.MembersFrom, v1alpha1.MembersSource{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: name, Key: "members"}})
		}
	}
}

func named(name string) edits { return func(o *v1alpha1.UserGroup) { o.Spec.Name = name } }

func described(text string) edits {
	return func(o *v1alpha1.UserGroup) { o.Spec.Description = &text }
}

func adopts(policy v1alpha1.AdoptionPolicy) edits {
	return func(o *v1alpha1.UserGroup) { o.Spec.AdoptionPolicy = policy }
}

func dynamic(method v1alpha1.MembershipMethod, department string, exempt ...string) edits {
	return func(o *v1alpha1.UserGroup) {
		o.Spec.MembershipMethod = method
		o.Spec.MemberQuery = &v1alpha1.MemberQuery{Filters: []v1alpha1.QueryFilter{{Field: "department", Operator: "eq", Value: department}}}
		for _, name := range exempt {
			o.Spec.MemberQueryExemptions = append(o.Spec.MemberQueryExemptions, v1alpha1.UserReference{Username: name})
		}
	}
}

func static(o *v1alpha1.UserGroup) {
	o.Spec.MembershipMethod, o.Spec.MemberQuery, o.Spec.MemberQueryExemptions = v1alpha1.MembershipStatic, nil, nil
}

func addOnly(o *v1alpha1.UserGroup) { o.Spec.MemberPolicy = v1alpha1.MemberPolicyAddOnly }
func planned(o *v1alpha1.UserGroup) { o.Spec.Mode = v1alpha1.ModePlan }
func deletes(o *v1alpha1.UserGroup) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete }

// hire adds users.
func (w *world) hire(names ...string) {
	for _, name := range names {
		w.users[name] = w.Org.AddUser(jumpcloudtest.User{"username": name, "email": name + "@example.org"})
	}
}

// rename gives a user another username and email in the console.
func (w *world) rename(from, to string) {
	w.T.Helper()
	w.users[to] = w.users[from]
	w.Expect(w.Org.UpdateUser(w.users[to], jumpcloudtest.User{"username": to, "email": to + "@example.org"})).To(BeTrue())
}

// exists makes a group as an administrator does in the console.
func (w *world) exists(name string, members ...string) string {
	return w.Org.AddUserGroup(jumpcloudtest.UserGroup{"name": name}, members...)
}

// counts returns the counts of members in a status, without what only the operator reads.
func counts(members *v1alpha1.MembersStatus) v1alpha1.MembersStatus {
	all := *members
	all.Known = ""
	return all
}

// live returns the group with the id in the status, or nil.
func (w *world) live() jumpcloudtest.UserGroup {
	w.T.Helper()
	return w.Org.UserGroup(w.Get().Status.ID)
}

// who returns the usernames of the group's members.
func (w *world) who() []string {
	w.T.Helper()
	names := []string{}
	for _, id := range w.Org.Members(w.Get().Status.ID) {
		name, _ := w.Org.User(id)["username"].(string)
		names = append(names, name)
	}
	return names
}

// groups returns the names of all groups.
func (w *world) groups() []string {
	names := []string{}
	for _, g := range w.Org.UserGroups() {
		name, _ := g["name"].(string)
		names = append(names, name)
	}
	return names
}

// edit changes the object as a person does, and runs passes until it rests.
func (w *world) edit(changes ...edits) {
	w.T.Helper()
	w.Edit(func(o *v1alpha1.UserGroup) {
		for _, change := range changes {
			change(o)
		}
	})
	w.Rest()
}

// approve approves the present plan and lets it be carried out.
func (w *world) approve() {
	w.T.Helper()
	hash := w.Get().Status.Plan.Hash
	w.edit(func(o *v1alpha1.UserGroup) { o.Spec.ApprovedPlan = hash })
}

// steps returns the requests about groups so far, as "METHOD what".
func (w *world) steps() []string {
	var steps []string
	for _, r := range w.Sim.History() {
		what := "group"
		switch {
		case !strings.HasPrefix(r.Path, groupsPath):
			continue
		case r.Path == groupsPath:
			what = "groups"
		case strings.HasSuffix(r.Path, "/members") && strings.Contains(r.Body, `"add"`):
			what = "members add"
		case strings.HasSuffix(r.Path, "/members") && strings.Contains(r.Body, `"remove"`):
			what = "members remove"
		case strings.HasSuffix(r.Path, "/members"):
			what = "members"
		}
		steps = append(steps, r.Method+" "+what)
	}
	return steps
}

// between returns the steps between the first of one sort and the next of another.
func (w *world) between(from, to string) []string {
	w.T.Helper()
	steps := w.steps()
	w.Expect(steps).To(ContainElement(from))
	steps = steps[slices.Index(steps, from)+1:]
	w.Expect(steps).To(ContainElement(to))
	return steps[:slices.Index(steps, to)]
}

// reads counts the reads about groups so far.
func (w *world) reads() map[string]int {
	counts := map[string]int{}
	for _, step := range w.steps() {
		if what, read := strings.CutPrefix(step, "GET "); read {
			counts[what]++
		}
	}
	return counts
}

// costOfResync returns the reads of a resync, which must change nothing anywhere.
func (w *world) costOfResync() map[string]int {
	w.T.Helper()
	before := w.Get().ResourceVersion
	w.Sim.ForgetHistory()
	w.Resync()
	w.Expect(w.Get().ResourceVersion).To(Equal(before), w.About("an object at rest is not written"))
	w.Expect(w.Sent()).To(BeEmpty())
	w.Expect(len(w.Sim.History())-len(w.steps())).To(BeNumerically("<=", 2), "who people are is looked up for all objects at once")
	return w.reads()
}

// refuse answers the next request with a status and carries nothing out.
func (w *world) refuse(method, path string, status int) {
	w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: method, Path: path, Times: 1}, Status: status})
}

// before makes something happen right before the operator's next request with a method to a
// path with this ending.
func (w *world) before(method, ending string, happens func()) {
	w.OnCall = func(c enginetest.Call, do func() error) error {
		if c.Verb == method && strings.HasSuffix(c.Path, ending) && happens != nil {
			now := happens
			happens = nil
			now()
		}
		return do()
	}
}
