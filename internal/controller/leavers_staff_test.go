package controller_test

import (
	"net/http"
	"reflect"
	"strings"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// These helpers are what people do and see.

func reporting(s spec)     { *s.leavers = v1alpha1.LeaversReport }
func suspending(s spec)    { *s.leavers = v1alpha1.LeaversSuspend }
func skipping(s spec)      { *s.onInvalidRow = v1alpha1.OnInvalidRowSkip }
func afterApproval(s spec) { *s.mode = v1alpha1.ModeApplyAfterApproval }
func planning(s spec)      { *s.mode = v1alpha1.ModePlan }

// policies are those under which leavers matter.
var policies = map[string]func(spec){"Report": reporting, "Suspend": suspending}

func (w *staff) status() *v1alpha1.RunStatus {
	w.T.Helper()
	_, status := w.object()
	return status
}

// unready reports whether the import's Ready condition is False.
func (w *staff) unready() bool {
	object, _ := w.object()
	return apimeta.IsStatusConditionFalse(object.Common().Conditions, v1alpha1.ReadyCondition)
}

// approve approves the plan that the status shows.
func (w *staff) approve() {
	w.T.Helper()
	plan := w.status().Plan
	w.Expect(plan).NotTo(BeNil())
	w.edit(func(s spec) { *s.approvedPlan = plan.Hash })
}

// console changes a user as somebody does in JumpCloud's console.
func (w *staff) console(p person, change jumpcloudtest.User) {
	w.T.Helper()
	w.Expect(w.Org.UpdateUser(w.id(p), change)).To(BeTrue())
}

// guard sets how many users may be harmed by all objects in a day, and by one object.
func (w *staff) guard(all, own int32) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Guard = v1alpha1.Guard{MaxHarmful: &own, MaxPercent: new(int32(100)), Window: v1alpha1.GuardWindow{
			Duration: metav1.Duration{Duration: 24 * time.Hour}, MaxHarmful: &all, MaxPercent: new(int32(100)),
		}}
	})
}

// batches limits the rows of a job.
func (w *staff) batches(size int32) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.BulkBatchSize = size })
}

// id returns the id of the user, who must exist.
func (w *staff) id(p person) string {
	w.T.Helper()
	user := w.Org.UserByUsername(p.username)
	w.Expect(user).NotTo(BeNil(), w.About("user "+p.username))
	return user["_id"].(string)
}

// suspended returns the usernames of the suspended users.
func (w *staff) suspended() []string {
	usernames := []string{}
	for _, user := range w.Org.Users() {
		if user["state"] == "SUSPENDED" {
			usernames = append(usernames, user["username"].(string))
		}
	}
	return usernames
}

// puts counts the calls to single users.
func (w *staff) puts() int { return w.putsOf("") }

// putsOf counts the calls to one user.
func (w *staff) putsOf(id string) (n int) {
	for _, call := range w.Sim.History() {
		if call.Method == http.MethodPut && strings.HasPrefix(call.Path, "/api/systemusers/"+id) {
			n++
		}
	}
	return n
}

// entry returns a user's entry in the ledger of the latest run.
func (w *staff) entry(p person) ledger.Entry {
	w.T.Helper()
	object, _ := w.object()
	owner := ledger.OwnerOf(object, v1alpha1.GroupVersion.WithKind(reflect.TypeOf(object).Elem().Name()), w.results)
	stored, err := (&ledger.Store{Reader: w.API}).Read(w.T.Context(), owner)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(stored).NotTo(BeNil(), w.About("no ledger"))
	for _, entry := range stored.Entries {
		if entry.Username == p.username {
			return entry
		}
	}
	w.T.Fatalf("the ledger has no %s", p.username)
	return ledger.Entry{}
}

// keepsResults reports whether an object is the first ConfigMap with the results.
func (w *staff) keepsResults(object client.Object) bool {
	c, ok := object.(*corev1.ConfigMap)
	return ok && strings.HasSuffix(c.Name, w.results+"-000")
}

// eachMembers changes the ConfigMaps that remember who belongs to the import.
func (w *staff) eachMembers(change func(*corev1.ConfigMap)) {
	w.T.Helper()
	all := &corev1.ConfigMapList{}
	w.Expect(w.API.List(w.T.Context(), all)).To(Succeed())
	n := 0
	for i := range all.Items {
		if strings.HasPrefix(all.Items[i].Name, "staff"+w.members) {
			n++
			change(&all.Items[i])
		}
	}
	w.Expect(n).NotTo(BeZero())
}

// remembers reports whether a user belongs to the import.
func (w *staff) remembers(id string) (remembered bool) {
	w.T.Helper()
	w.eachMembers(func(c *corev1.ConfigMap) { remembered = remembered || strings.Contains(c.Data["results.csv"], id) })
	return remembered
}

func (w *staff) create(object client.Object) {
	w.T.Helper()
	w.Expect(w.API.Create(w.T.Context(), object)).To(Succeed())
}

// expectLeavers checks the leavers in the status.
func (w *staff) expectLeavers(people ...person) {
	w.T.Helper()
	status := w.status().Leavers
	w.Expect(status).NotTo(BeNil(), w.Describe)
	var users []string
	for _, user := range status.Users {
		users = append(users, user.Username)
	}
	w.Expect(users).To(ConsistOf(usernames(people)), w.Describe)
	w.Expect(status.Count).To(BeEquivalentTo(len(people)))
	w.Expect(status.Unknown + status.BlockedBy + status.Next).To(BeEmpty())
}

// expectGone checks who is suspended.
func (w *staff) expectGone(people ...person) {
	w.T.Helper()
	w.Expect(w.suspended()).To(ConsistOf(usernames(people)), w.Describe)
}

// expectLeft checks who has left: they are reported, or were suspended.
func (w *staff) expectLeft(people ...person) {
	w.T.Helper()
	if *w.spec().leavers == v1alpha1.LeaversReport {
		w.expectLeavers(people...)
		w.Expect(w.puts()).To(BeZero())
		return
	}
	w.expectLeavers()
	w.expectGone(people...)
	w.Expect(w.puts()).To(Equal(len(people)))
}

// expectDoubt expects no leavers, because it is not known who has left.
func (w *staff) expectDoubt(why string) {
	w.T.Helper()
	status := w.status().Leavers
	w.Expect(status).NotTo(BeNil(), w.Describe)
	w.Expect(status.Unknown).To(ContainSubstring(why))
	w.Expect(status.Count).To(BeZero())
	w.Expect(w.Message()).To(ContainSubstring("who left the source is unknown"))
	w.Expect(w.puts()).To(BeZero())
}

// expectRest checks that an import at rest writes nothing and makes no requests.
func (w *staff) expectRest() {
	w.T.Helper()
	object, _ := w.object()
	w.Sim.ForgetHistory()
	w.Resync()
	w.Restart()
	w.Resync()
	after, _ := w.object()
	w.Expect(after.GetResourceVersion()).To(Equal(object.GetResourceVersion()), "nothing is written at rest")
	w.Expect(w.Sim.History()).To(BeEmpty(), "nothing is asked at rest")
}

func usernames(people []person) []string {
	all := []string{}
	for _, p := range people {
		all = append(all, p.username)
	}
	return all
}
