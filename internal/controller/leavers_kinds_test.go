package controller_test

import (
	"fmt"
	"net/http"
	"strings"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const reportURL = "https://wd.example.com/report?format=json"

// person is a person whom a source names.
type person struct{ username, email string }

// member is one of the users that the simulator generates.
func member(i int) person { return named(fmt.Sprintf("user%06d", i)) }

// members returns the first n of them.
func members(n int) []person {
	var all []person
	for i := range n {
		all = append(all, member(i+1))
	}
	return all
}

// hire is not in the directory yet.
var hire = named("new00001")

func named(username string) person { return person{username, username + "@example.org"} }

// spec has the fields that the specs of all imports share.
type spec struct {
	leavers      *v1alpha1.LeaversPolicy
	mode         *v1alpha1.Mode
	approvedPlan *string
	onInvalidRow *v1alpha1.OnInvalidRow
	filter       *string
}

// fixture is what tests of leavers need of a kind of import.
type fixture[T oneshot.Object] struct {
	object func() T
	spec   func(T) spec
	// name makes the source name these people. An import notices when it is asked to look.
	name func(w *enginetest.World[T], people []person)
	// filter returns a filter that leaves out one user.
	filter func(username string) string
	// gone are the ways in which a source can be gone; each returns how it comes back.
	gone map[string]func(w *enginetest.World[T]) (back func())
	// results and members are the suffixes of the ConfigMaps with these.
	results, members string
}

var bulkUserImports = fixture[*v1alpha1.BulkUserImport]{
	object: func() *v1alpha1.BulkUserImport {
		return &v1alpha1.BulkUserImport{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "staff"}, Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"},
			UsersFrom:       []v1alpha1.RowsSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "staff", Key: "users.csv"}}},
			Operation:       v1alpha1.OperationUpsert, MatchBy: v1alpha1.MatchByUsername,
		}}
	},
	spec: func(o *v1alpha1.BulkUserImport) spec {
		return spec{&o.Spec.Leavers, &o.Spec.Mode, &o.Spec.ApprovedPlan, &o.Spec.OnInvalidRow, &o.Spec.Filter}
	},
	name: func(w *enginetest.World[*v1alpha1.BulkUserImport], people []person) {
		lines := []string{"username,email,department"}
		for _, p := range people {
			lines = append(lines, p.username+","+p.email+",Engines")
		}
		w.ConfigMap("staff", map[string]string{"users.csv": strings.Join(lines, "\n")})
	},
	filter: func(username string) string { return `row["username"] != "` + username + `"` },
	gone: map[string]func(*enginetest.World[*v1alpha1.BulkUserImport]) func(){
		"the ConfigMap is deleted": func(w *enginetest.World[*v1alpha1.BulkUserImport]) func() {
			source := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.Key.Namespace, Name: "staff"}}
			w.Expect(w.API.Delete(w.T.Context(), source)).To(Succeed())
			return func() {} // naming people creates it again
		},
		"the file is cut short": func(w *enginetest.World[*v1alpha1.BulkUserImport]) func() {
			w.ConfigMap("staff", map[string]string{"users.csv": "username,email,department\n\"" + member(1).username})
			return func() {}
		},
		"the file lacks even a header": func(w *enginetest.World[*v1alpha1.BulkUserImport]) func() {
			w.ConfigMap("staff", map[string]string{"users.csv": ""})
			return func() {}
		},
	},
	results: ledger.ImportSuffix, members: ledger.ImportMembersSuffix,
}

var workdayImports = fixture[*v1alpha1.WorkdayImport]{
	object: func() *v1alpha1.WorkdayImport {
		return &v1alpha1.WorkdayImport{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "staff"}, Spec: v1alpha1.WorkdayImportSpec{
			OrganizationRef:    v1alpha1.OrganizationReference{Name: "acme"},
			WorkdayInstanceRef: v1alpha1.WorkdayInstanceReference{Name: "workday"}, MatchBy: v1alpha1.MatchByUsername,
		}}
	},
	spec: func(o *v1alpha1.WorkdayImport) spec {
		return spec{&o.Spec.Leavers, &o.Spec.Mode, &o.Spec.ApprovedPlan, &o.Spec.OnInvalidRow, &o.Spec.Filter}
	},
	name: func(w *enginetest.World[*v1alpha1.WorkdayImport], people []person) {
		if w.Org.Workday() == nil {
			connect(w)
		}
		var workers []jumpcloudtest.Worker
		for _, p := range people {
			workers = append(workers, jumpcloudtest.Worker{"username": p.username, "email": p.email})
		}
		w.Org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Workers: workers})
	},
	filter: func(username string) string { return `worker.username != "` + username + `"` },
	gone: map[string]func(*enginetest.World[*v1alpha1.WorkdayImport]) func(){
		"the instance is not ready": func(w *enginetest.World[*v1alpha1.WorkdayImport]) func() {
			ready(w, metav1.ConditionFalse)
			return func() { ready(w, metav1.ConditionTrue) }
		},
		"the report cannot be read": func(w *enginetest.World[*v1alpha1.WorkdayImport]) func() {
			w.Sim.Script(jumpcloudtest.Fault{
				Match: jumpcloudtest.Match{Method: http.MethodGet, Path: "/api/v2/workdays/*/workers", Times: -1}, Status: http.StatusBadRequest,
			})
			return w.Sim.RemoveFaults
		},
	},
	results: ledger.WorkdaySuffix, members: ledger.WorkdayMembersSuffix,
}

// connect creates an instance that is ready.
func connect(w *enginetest.World[*v1alpha1.WorkdayImport]) {
	w.T.Helper()
	id := w.Org.AddWorkday("Workday Import", reportURL, "isu", "secret")
	w.Expect(w.API.Create(w.T.Context(), &v1alpha1.WorkdayInstance{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Key.Namespace, Name: "workday", Generation: 1},
		Spec:       v1alpha1.WorkdayInstanceSpec{ReportURL: reportURL},
		Status: v1alpha1.WorkdayInstanceStatus{ID: id, CommonStatus: v1alpha1.CommonStatus{
			OrganizationID: w.Org.ID(), ObservedGeneration: 1, Conditions: conditions(metav1.ConditionTrue),
		}},
	})).To(Succeed())
}

// ready sets whether the instance is ready.
func ready(w *enginetest.World[*v1alpha1.WorkdayImport], status metav1.ConditionStatus) {
	w.T.Helper()
	instance := &v1alpha1.WorkdayInstance{}
	w.Expect(w.API.Get(w.T.Context(), client.ObjectKey{Namespace: w.Key.Namespace, Name: "workday"}, instance)).To(Succeed())
	instance.Status.Conditions = conditions(status)
	w.Expect(w.API.Update(w.T.Context(), instance)).To(Succeed())
}

func conditions(ready metav1.ConditionStatus) []metav1.Condition {
	return []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: ready}, {Type: v1alpha1.AuthenticatedCondition, Status: metav1.ConditionTrue}}
}
