package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const (
	companyLeavers = 6  // objects of a company
	leaverHarm     = 3  // people that each of them harms
	companyRoom    = 12 // people that the window allows to be harmed
)

// leaverKind is a kind of objects that harm people.
type leaverKind struct {
	resource string
	object   func(metav1.ObjectMeta) reported
	// prepare creates what exists before; nil: nothing.
	prepare func(c *crash, l *leaver)
	// declare declares the harm.
	declare func(c *crash, l *leaver)
	// call matches the calls that harm people.
	call jumpcloudtest.Match
	// idempotent calls may be repeated after a crash: they state the desired state.
	idempotent bool
	// harmed reports whether a user is harmed.
	harmed func(co *company, l *leaver, id string) bool
}

var leaverKinds = map[string]leaverKind{
	"imports": {
		resource: "bulkuserimports",
		object:   func(m metav1.ObjectMeta) reported { return &v1alpha1.BulkUserImport{ObjectMeta: m} },
		declare: func(c *crash, l *leaver) {
			var rows []v1alpha1.UserRow
			for _, name := range l.victims() {
				rows = append(rows, v1alpha1.UserRow{Username: new(name), Email: new(name + "@example.org"), UserAttributes: v1alpha1.UserAttributes{State: new(v1alpha1.UserStateSuspended)}})
			}
			c.create(&v1alpha1.BulkUserImport{ObjectMeta: c.meta(l.name), Spec: v1alpha1.BulkUserImportSpec{
				OrganizationRef: l.company.reference(), StateOnUpdate: v1alpha1.StateOnUpdateApply, Users: rows,
			}})
		},
		call:       jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/*", Body: `"SUSPENDED"`},
		idempotent: true,
		harmed:     func(co *company, _ *leaver, id string) bool { return co.org.User(id)["state"] == "SUSPENDED" },
	},
	"groups": {
		resource: "usergroups",
		object:   func(m metav1.ObjectMeta) reported { return &v1alpha1.UserGroup{ObjectMeta: m} },
		prepare: func(c *crash, l *leaver) {
			members := users(l.numbers()...)
			c.create(&v1alpha1.UserGroup{ObjectMeta: c.meta(l.name), Spec: v1alpha1.UserGroupSpec{
				OrganizationRef: l.company.reference(), Members: &members,
			}})
		},
		declare: func(c *crash, l *leaver) {
			amend(c.world, &v1alpha1.UserGroup{ObjectMeta: c.meta(l.name)}, func(g *v1alpha1.UserGroup) {
				*g.Spec.Members = slices.Clone((*g.Spec.Members)[leaverHarm:])
			})
		},
		call: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/usergroups/*/members", Body: `"remove"`},
		harmed: func(co *company, l *leaver, id string) bool {
			group, _ := co.org.UserGroupByName(l.name)["id"].(string)
			return !slices.Contains(co.org.Members(group), id)
		},
	},
	"schedules": {
		resource: "scheduleduserstates",
		object:   func(m metav1.ObjectMeta) reported { return &v1alpha1.ScheduledUserState{ObjectMeta: m} },
		declare: func(c *crash, l *leaver) {
			c.create(&v1alpha1.ScheduledUserState{ObjectMeta: c.meta(l.name), Spec: v1alpha1.ScheduledUserStateSpec{
				OrganizationRef: l.company.reference(), State: v1alpha1.SchedulableSuspended, StartDate: at(nextYear),
				Users: users(l.numbers()[:leaverHarm]...),
			}})
		},
		call: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/userstates", Body: `"SUSPENDED"`},
		harmed: func(co *company, _ *leaver, id string) bool {
			return slices.ContainsFunc(co.org.ScheduledStates(), func(row jumpcloudtest.ScheduledState) bool { return row.UserID == id })
		},
	},
}

// leaver is an object that harms some of its own people.
type leaver struct {
	kind    leaverKind
	company *company
	index   int
	name    string
	// removed is set once a person has deleted the object.
	removed bool
}

// numbers returns the numbers of the generated users that the object is about: those that it
// harms, and one more.
func (l *leaver) numbers() []int {
	n := l.index * (leaverHarm + 1)
	return []int{n + 1, n + 2, n + 3, n + 4}
}

func (l *leaver) victims() []string { return usernames(l.numbers()[:leaverHarm]...) }

// ids returns the ids of the users that the object harms.
func (l *leaver) ids() []string {
	var ids []string
	for _, name := range l.victims() {
		id, _ := l.company.org.UserByUsername(name)["_id"].(string)
		ids = append(ids, id)
	}
	return ids
}

// company is an Organization of its own with objects that together harm more people than its
// window allows.
type company struct {
	name    string
	org     *jumpcloudtest.Organization
	leavers []*leaver
	point   windowPoint
	// approved are the objects whose plans a person has approved, even without effect.
	approved sets.Set[string]
	hashes   int // how many were approved
	// withdrawn are the people for whom harm had been requested when the approval was
	// withdrawn; nil: it was not withdrawn.
	withdrawn sets.Set[string]
}

// newCompany returns a company whose objects are of these kinds, in turn.
func newCompany(name string, point windowPoint, kinds []leaverKind) *company {
	co := &company{name: name, point: point, approved: sets.New[string]()}
	for i := range companyLeavers {
		co.leavers = append(co.leavers, &leaver{
			kind: kinds[i%len(kinds)], company: co, index: i, name: fmt.Sprintf("%s-%d", name, i),
		})
	}
	return co
}

// String returns the company and the point at which the operator is stopped.
func (co *company) String() string { return co.name + ": " + co.point.name }

func (co *company) reference() v1alpha1.OrganizationReference {
	return v1alpha1.OrganizationReference{Name: co.name}
}

// prepare creates the Organization, and what exists before the harm.
func (co *company) prepare(c *crash) {
	c.Helper()
	key := "key-of-" + co.name
	co.org = c.sim.AddOrganization(jumpcloudtest.OrganizationOptions{
		ID: organizationID(), APIKey: key, Users: companyLeavers * (leaverHarm + 1),
	})
	c.create(&corev1.Secret{ObjectMeta: c.meta(co.name), StringData: map[string]string{"api-key": key}})
	organization := &v1alpha1.Organization{ObjectMeta: c.meta(co.name), Spec: v1alpha1.OrganizationSpec{
		Credentials: &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: co.name}},
		Endpoint:    &v1alpha1.Endpoint{URL: c.url},
		Limits:      v1alpha1.Limits{RequestsPerSecond: 1000, Burst: 1000},
	}}
	organization.Spec.Guard = v1alpha1.Guard{
		MaxHarmful: new(int32(1000)), MaxPercent: new(int32(100)),
		Window: v1alpha1.GuardWindow{MaxHarmful: new(int32(companyRoom)), MaxPercent: new(int32(100))},
	}
	c.create(organization)
	for _, l := range co.leavers {
		if l.kind.prepare != nil {
			l.kind.prepare(c, l)
		}
	}
	for _, l := range co.leavers {
		if l.kind.prepare != nil {
			isReady(c.world, l.kind.object(c.meta(l.name)))
		}
	}
}

func (co *company) declare(c *crash) {
	for _, l := range co.leavers {
		l.kind.declare(c, l)
	}
}

// call matches the n-th call that harms people of the company, from 1.
func (co *company) call(n int) jumpcloudtest.Match {
	return jumpcloudtest.Match{Organization: co.org.ID(), Skip: n - 1, Where: co.harms}
}

func (co *company) harms(r jumpcloudtest.Request) bool {
	return r.Organization == co.org.ID() && slices.ContainsFunc(co.leavers, func(l *leaver) bool { return l.kind.harms(r) })
}

func (k *leaverKind) harms(r jumpcloudtest.Request) bool {
	return r.Method == k.call.Method && strings.Contains(r.Body, k.call.Body) && matchesPath(k.call.Path, r.Path)
}

// matchesPath compares segment by segment; * stands for one segment.
func matchesPath(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == "*" || w == g })
}

// asked returns how many calls that reached JumpCloud requested harm to a user, and how many
// of them had an effect.
func (l *leaver) asked(requests []jumpcloudtest.Request, id string) (asked, done int) {
	for _, r := range requests {
		if r.Organization == l.company.org.ID() && l.kind.harms(r) && (strings.Contains(r.Path, id) || strings.Contains(r.Body, id)) {
			asked++
			if r.Committed {
				done++
			}
		}
	}
	return asked, done
}

// people returns those for whom some of the objects requested harm, even without effect.
func (co *company) people(c *crash, such func(*leaver) bool) sets.Set[string] {
	requests, people := c.sim.MutatingRequests(), sets.New[string]()
	for _, l := range co.leavers {
		if !such(l) {
			continue
		}
		for _, id := range l.ids() {
			if asked, _ := l.asked(requests, id); asked > 0 {
				people.Insert(id)
			}
		}
	}
	return people
}

// unasked returns how many people were to be harmed by objects whose plans nobody has
// approved.
func (co *company) unasked(c *crash) int {
	return co.people(c, func(l *leaver) bool { return !co.approved.Has(l.name) }).Len()
}

// released returns the people who were to be harmed by objects whose plans a person has
// approved.
func (co *company) released(c *crash) sets.Set[string] {
	return co.people(c, func(l *leaver) bool { return co.approved.Has(l.name) })
}

// harmed returns how many of the object's people are harmed.
func (l *leaver) harmed() int {
	harmed := 0
	for _, id := range l.ids() {
		if l.kind.harmed(l.company, l, id) {
			harmed++
		}
	}
	return harmed
}

func (co *company) organization(c *crash) *v1alpha1.Organization {
	c.Helper()
	return get(c.world, &v1alpha1.Organization{}, co.name)
}

// counted returns the harm that the window counts.
func (co *company) counted(c *crash) int {
	c.Helper()
	return countedIn(&co.organization(c).Status)
}

func countedIn(status *v1alpha1.OrganizationStatus) int {
	sum := 0
	if status.Guard != nil {
		for _, bucket := range status.Guard.Harmed {
			sum += int(bucket.Harmful)
		}
	}
	return sum
}

// rests waits until each object has either harmed its people or waits for an approval, and the
// Organization has the present plans of all that wait under one hash. It returns that part of
// the Organization's status.
func (co *company) rests(c *crash) *v1alpha1.WithheldStatus {
	c.Helper()
	var withheld *v1alpha1.WithheldStatus
	c.Eventually(func(g Gomega) {
		waiting := map[string]string{}
		for _, l := range co.leavers {
			object, err := see(c.world, l.kind.object(c.meta(l.name)))
			if l.removed && apierrors.IsNotFound(err) {
				continue
			}
			g.Expect(err).NotTo(HaveOccurred())
			common := object.Common()
			ready := apimeta.FindStatusCondition(common.Conditions, v1alpha1.ReadyCondition)
			g.Expect(ready).NotTo(BeNil(), l.name)
			g.Expect(common.ObservedGeneration).To(Equal(object.GetGeneration()), l.name)
			g.Expect(atWork(object)).To(BeFalse(), "%s: %s", l.name, ready.Message)
			if ready.Reason == v1alpha1.ApprovalRequiredReason {
				waiting[l.name] = approval.PlanOf(object).Hash
				continue
			}
			g.Expect(ready.Status).To(Equal(metav1.ConditionTrue), "%s: %s: %s", l.name, ready.Reason, ready.Message)
			g.Expect(l.harmed()).To(Equal(leaverHarm), l.name)
		}
		organization, err := see(c.world, &v1alpha1.Organization{ObjectMeta: c.meta(co.name)})
		g.Expect(err).NotTo(HaveOccurred())
		withheld = organization.Status.Withheld
		g.Expect(plansIn(withheld)).To(Equal(waiting), func() string { return co.describe(c, organization) })
	}).Should(Succeed())
	return withheld
}

// describe returns the state of a company whose objects do not wait under one hash.
func (co *company) describe(c *crash, organization *v1alpha1.Organization) string {
	c.Helper()
	told := []string{fmt.Sprintf("spec.approvedPlan %q, released %+v, withheld %+v", organization.Spec.ApprovedPlan, organization.Status.Released, organization.Status.Withheld)}
	for _, l := range co.leavers {
		if object, err := see(c.world, l.kind.object(c.meta(l.name))); err == nil {
			told = append(told, fmt.Sprintf("%s: %s, %+v", l.name, readyReason(object.Common().Conditions), approval.PlanOf(object)))
		}
	}
	return strings.Join(told, "\n")
}

// waitingIn returns the names of the objects that wait.
func waitingIn(withheld *v1alpha1.WithheldStatus) sets.Set[string] {
	return sets.KeySet(plansIn(withheld))
}

// plansIn returns the hashes of the plans that wait, by the object's name.
func plansIn(withheld *v1alpha1.WithheldStatus) map[string]string {
	plans := map[string]string{}
	if withheld != nil {
		for _, object := range withheld.Objects {
			plans[object.Name] = object.Hash
		}
	}
	return plans
}

// approve approves everything that waits, in one of the two ways.
func (co *company) approve(c *crash, withheld *v1alpha1.WithheldStatus) {
	c.Helper()
	if withheld == nil {
		return
	}
	co.approved = co.approved.Union(waitingIn(withheld))
	co.hashes++
	if co.byObject() {
		c.create(&v1alpha1.PlanApproval{ObjectMeta: c.meta(co.approvalName()), Spec: v1alpha1.PlanApprovalSpec{
			ObjectRef: v1alpha1.ApprovableReference{Kind: "Organization", Name: co.name}, Plan: withheld.Hash,
		}})
		return
	}
	amend(c.world, co.organization(c), func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = withheld.Hash })
}

// byObject reports whether the company approves by a PlanApproval, else by spec.approvedPlan.
func (co *company) byObject() bool { return co.name[len(co.name)-1]%2 == 1 }

func (co *company) approvalName() string { return fmt.Sprintf("%s-approval-%d", co.name, co.hashes) }

// withdraw withdraws the latest approval.
func (co *company) withdraw(c *crash) {
	c.Helper()
	co.withdrawn = co.released(c)
	if co.byObject() {
		c.Expect(plane.Client.Delete(c.Context(), &v1alpha1.PlanApproval{ObjectMeta: c.meta(co.approvalName())})).To(Succeed())
		return
	}
	amend(c.world, co.organization(c), func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = "" })
}

// remove deletes one of the objects that wait, or the last object if none is known to wait.
func (co *company) remove(c *crash) {
	c.Helper()
	waiting := waitingIn(co.organization(c).Status.Withheld)
	chosen := co.leavers[len(co.leavers)-1]
	for _, l := range co.leavers {
		if waiting.Has(l.name) {
			chosen = l
		}
	}
	chosen.removed = true
	c.Expect(plane.Client.Delete(c.Context(), chosen.kind.object(c.meta(chosen.name)))).To(Succeed())
}

// isBounded checks that the window was never exceeded: all harm requested without an approval
// was counted, and what is counted fits.
func (co *company) isBounded(c *crash) {
	c.Helper()
	counted, unasked := co.counted(c), co.unasked(c)
	c.Expect(counted).To(BeNumerically("<=", companyRoom), "what is counted fits into the window")
	c.Expect(unasked).To(BeNumerically("<=", counted), "what was sent without an approval is counted")
}

// ofOrganization matches status writes of the company's Organization.
func (co *company) ofOrganization(c *crash, such func(*v1alpha1.OrganizationStatus) bool) testenv.Match {
	return testenv.ToStatus("organizations").And(func(w testenv.Write) bool {
		var o v1alpha1.Organization
		return w.Namespace == c.namespace && w.Name == co.name && json.Unmarshal(w.Body, &o) == nil && such(&o.Status)
	})
}

// statusOf is the part of any object's status that the stories read.
type statusOf struct {
	Conditions []metav1.Condition        `json:"conditions"`
	Jobs       []struct{ State string }  `json:"jobs"`
	Submission struct{ State string }    `json:"submission"`
	Counted    string                    `json:"counted"`
	Plan       struct{ Approved string } `json:"plan"`
}

// ofObjects matches status writes of the company's objects that satisfy such, once so many
// different objects have had such a write. Refused writes do not count.
func (co *company) ofObjects(c *crash, objects int, such func(*statusOf) bool) testenv.Match {
	told := sets.New[string]()
	return func(w testenv.Write) bool {
		var object struct {
			Status statusOf `json:"status"`
		}
		if !testenv.Any(w) || w.Status >= http.StatusBadRequest || w.Subresource != "status" || w.Namespace != c.namespace ||
			!strings.HasPrefix(w.Name, co.name+"-") || json.Unmarshal(w.Body, &object) != nil || !such(&object.Status) {
			return false
		}
		told.Insert(w.Name)
		return told.Len() >= objects
	}
}

// announces reports whether a status announces calls.
func announces(s *statusOf) bool {
	intended := string(v1alpha1.JobIntended)
	return s.Counted != "" || s.Plan.Approved != "" || s.Submission.State == intended ||
		slices.ContainsFunc(s.Jobs, func(job struct{ State string }) bool { return job.State == intended })
}

func succeeds(s *statusOf) bool {
	return apimeta.IsStatusConditionTrue(s.Conditions, v1alpha1.ReadyCondition) &&
		!apimeta.IsStatusConditionTrue(s.Conditions, v1alpha1.ReconcilingCondition)
}

func waits(s *statusOf) bool { return readyReason(s.Conditions) == v1alpha1.ApprovalRequiredReason }

// checkTimeout is how long a company may take to come to rest; all do that at the same time,
// and requests to JumpCloud have to settle first.
const checkTimeout = 3 * time.Minute
