package continuous_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

type (
	object  = v1alpha1.UserGroup
	pass    = continuous.Pass[*object, memory]
	change  = continuous.Change[*object, memory]
	plan    = continuous.Plan[*object, memory]
	memory  struct{ observed int }
	members struct{}
)

// members is a Kind with one group: its members are those whose ids the spec names.
var _ continuous.Kind[*object, memory] = members{}

func (members) Name() string { return "UserGroup" }

func (members) Settings(o *object) continuous.Settings {
	settings := continuous.Settings{Mode: o.Spec.Mode, ApprovedPlan: o.Spec.ApprovedPlan, Thing: "the group " + o.Spec.Name}
	if o.Spec.DeletionPolicy == v1alpha1.DeletionPolicyDelete {
		settings.Deletion = continuous.DeletionActs
	}
	return settings
}

func (members) Identity(o *object) continuous.Identity {
	return continuous.Identity{Keys: []string{o.Spec.Name}}
}

func (members) Load(context.Context, *pass) (string, error) { return "", nil }

func (members) Observe(ctx context.Context, p *pass) (*plan, error) {
	p.Memory.observed++
	var live []string
	for page, err := range p.Session.Client.UserGroupMemberPages(ctx, p.Object.Spec.Name, 0) {
		if err != nil {
			return nil, err
		}
		for _, member := range page.Items {
			live = append(live, member.ID)
		}
	}
	made := &plan{Outcome: lifecycle.Done(v1alpha1.UpToDateReason, fmt.Sprintf("%d members.", len(live)))}
	desired := wanted(p.Object)
	for _, id := range desired {
		if !slices.Contains(live, id) {
			made.Changes = append(made.Changes, change{Action: v1alpha1.ChangeAddMember, Subject: id, UserID: id, Class: v1alpha1.HarmNone, Needs: continuous.NeedsNothing, Do: add(id)})
		}
	}
	for _, id := range live {
		if !slices.Contains(desired, id) {
			made.Changes = append(made.Changes, change{
				Action: v1alpha1.ChangeRemoveMember, Subject: id, UserID: id, Do: remove(id), Class: v1alpha1.HarmAccessLost, Harm: 1,
				Approved: approved, Needs: continuous.NeedsNothing,
				Gated: p.Object.Status.Adopted && (p.Object.Status.Members == nil || !p.Object.Status.Members.RemovalsApproved),
			})
		}
	}
	return made, nil
}

func (members) PlanDeletion(ctx context.Context, p *pass) (*plan, error) {
	_, err := p.Session.Client.GetUserGroup(ctx, p.Object.Spec.Name)
	switch {
	case jumpcloud.IsNotFound(err):
		return &plan{}, nil
	case err != nil:
		return nil, err
	}
	return &plan{Changes: []change{{
		Action: v1alpha1.ChangeDelete, Subject: p.Object.Spec.Name, Class: v1alpha1.HarmAccessLost,
		Do: func(ctx context.Context, p *pass, s jumpcloud.Submission) error {
			return p.Session.Client.DeleteUserGroup(ctx, s, p.Object.Spec.Name)
		},
	}}}, nil
}

func approved(o *object) {
	o.Status.Members = &v1alpha1.MembersStatus{RemovalsApproved: true}
}

func wanted(o *object) []string {
	var ids []string
	if o.Spec.Members != nil {
		for _, member := range *o.Spec.Members {
			ids = append(ids, member.ID)
		}
	}
	return ids
}

func add(id string) func(context.Context, *pass, jumpcloud.Submission) error {
	return func(ctx context.Context, p *pass, s jumpcloud.Submission) error {
		return p.Session.Client.AddUserGroupMember(ctx, s, p.Object.Spec.Name, id)
	}
}

func remove(id string) func(context.Context, *pass, jumpcloud.Submission) error {
	return func(ctx context.Context, p *pass, s jumpcloud.Submission) error {
		return p.Session.Client.RemoveUserGroupMember(ctx, s, p.Object.Spec.Name, id)
	}
}

// world is an enginetest.World with a group that has some members, and an object that wants
// others.
type world struct {
	*enginetest.World[*object]
	group string
	users []string
	// calls counts the requests that change something at JumpCloud, and writes those to the
	// API server.
	calls, writes int
}

// newWorld makes 100 users; those with the numbers in live are members.
func newWorld(t *testing.T, live, desired []int, edits ...func(*object)) *world {
	t.Helper()
	o := &object{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "engineers"},
		Spec: v1alpha1.UserGroupSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Namespace: "identity", Name: "acme"}, Name: "to be known",
		},
	}
	w := &world{World: enginetest.NewLiving(t, o, func(lifecycle.Config) continuous.Kind[*object, memory] { return members{} },
		enginetest.Options[*object]{})}
	for i := range 100 {
		name := "user" + strconv.Itoa(i)
		w.users = append(w.users, w.Org.AddUser(jumpcloudtest.User{"username": name, "email": name + "@example.org"}))
	}
	w.group = w.Org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"})
	for _, i := range live {
		w.Expect(w.Org.AddMember(w.group, w.users[i])).To(BeTrue())
	}
	w.want(desired...)
	w.Edit(func(o *object) {
		o.Spec.Name = w.group
		for _, edit := range edits {
			edit(o)
		}
	})
	w.OnCall = w.count
	return w
}

func (w *world) count(c enginetest.Call, do func() error) error {
	switch {
	case !c.Writes():
	case c.Path != "":
		w.calls++
	default:
		w.writes++
	}
	return do()
}

// want sets the members that the object wants.
func (w *world) want(users ...int) {
	w.T.Helper()
	references := []v1alpha1.UserReference{}
	for _, i := range users {
		references = append(references, v1alpha1.UserReference{ID: w.users[i]})
	}
	w.Edit(func(o *object) { o.Spec.Members = &references })
}

// has expects exactly these members in the group.
func (w *world) has(users ...int) {
	w.T.Helper()
	ids := []string{}
	for _, i := range users {
		ids = append(ids, w.users[i])
	}
	w.Expect(w.Org.Members(w.group)).To(ConsistOf(ids), w.Describe)
}

func (w *world) approve() {
	w.T.Helper()
	w.Expect(w.Get().Status.Plan).NotTo(BeNil())
	w.Edit(func(o *object) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
}

func to(n int) []int {
	var numbers []int
	for i := range n {
		numbers = append(numbers, i)
	}
	return numbers
}

func mode(m v1alpha1.Mode) func(*object) { return func(o *object) { o.Spec.Mode = m } }

func adopted(o *object) { o.Status.Adopted = true }

func deletes(o *object) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete }
