package claims_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/claims"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

const (
	acme  = "65f1c0ffee65f1c0ffee9000"
	adaID = "65f1c0ffee65f1c0ffee0001"
)

var self = &v1alpha1.BulkUserImport{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "self", UID: "self"}}

// organization admits namespaces of team staff, but no WorkdayImports from them.
var organization = &v1alpha1.Organization{
	ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "acme", UID: "acme"},
	Spec: v1alpha1.OrganizationSpec{
		Limits: v1alpha1.Limits{RequestsPerSecond: 1, Burst: 1},
		AllowedNamespaces: v1alpha1.AllowedNamespaces{
			From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "staff"}},
			Kinds: []string{"User", "BulkUserImport"},
		},
	},
}

var atAcme = v1alpha1.OrganizationReference{Namespace: "identity", Name: "acme"}

func namespace(name, team string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"team": team}}}
}

// claimsOf returns the claims of some objects.
func claimsOf(t *testing.T, objects ...client.Object) plan.Claims {
	t.Helper()
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	api := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithObjects(organization.DeepCopy(), namespace("people", "staff"), namespace("strangers", "")).Build()
	store := &ledger.Store{Reader: api, Writer: api}
	for _, object := range objects {
		if workday, ok := object.(*v1alpha1.WorkdayImport); ok && workday.Name == "remembers" {
			owner := ledger.OwnerOf(workday, v1alpha1.GroupVersion.WithKind("WorkdayImport"), ledger.WorkdayMembersSuffix)
			_, err := store.Write(t.Context(), owner, (*ledger.Ledger)(nil).WithMembers([]string{adaID}))
			g.Expect(err).NotTo(HaveOccurred())
		}
	}
	pool := session.NewPool(session.PoolOptions{})
	g.Expect(pool.Put(organization.DeepCopy(), session.Connection{BaseURL: "https://jumpcloud.test"}, jumpcloud.APIKey("key"), acme)).To(Succeed())
	reader := &claims.Reader{Objects: api, Admission: &lifecycle.Admission{Client: api}, Loader: rows.Loader{Reader: api}, Ledger: store, Pool: pool}
	c, err := reader.Claims(t.Context(), self, acme)
	g.Expect(err).NotTo(HaveOccurred())
	return c
}

func common(organization string) v1alpha1.CommonStatus {
	return v1alpha1.CommonStatus{OrganizationID: organization}
}

func user(change func(*v1alpha1.User)) *v1alpha1.User {
	u := &v1alpha1.User{
		ObjectMeta: metav1.ObjectMeta{Namespace: "people", Name: "Ada.Byron", UID: "u"},
		Spec:       v1alpha1.UserSpec{OrganizationRef: atAcme},
		Status:     v1alpha1.UserStatus{CommonStatus: common(acme), ID: adaID},
	}
	change(u)
	return u
}

func imported(change func(*v1alpha1.BulkUserImport)) *v1alpha1.BulkUserImport {
	o := &v1alpha1.BulkUserImport{
		ObjectMeta: metav1.ObjectMeta{Namespace: "people", Name: "others", UID: "o"},
		Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: atAcme,
			UsersFrom:       []v1alpha1.RowsSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "others", Key: "users.csv"}}},
		},
		Status: v1alpha1.BulkUserImportStatus{CommonStatus: common(acme)},
	}
	change(o)
	return o
}

func source(lines ...string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "people", Name: "others"}, Data: map[string]string{"users.csv": strings.Join(lines, "\n")}}
}

func workday(name string, change func(*v1alpha1.WorkdayImport)) *v1alpha1.WorkdayImport {
	o := &v1alpha1.WorkdayImport{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: name, UID: "w"},
		Spec:       v1alpha1.WorkdayImportSpec{OrganizationRef: atAcme},
		Status:     v1alpha1.WorkdayImportStatus{CommonStatus: common(acme)},
	}
	o.Status.Leavers = &v1alpha1.LeaversStatus{Digest: ledger.MembersDigest([]string{adaID})}
	change(o)
	return o
}

func notLookedAt(u *v1alpha1.User) { u.Status = v1alpha1.UserStatus{} }

func ready(reason string) func(*v1alpha1.User) {
	return func(u *v1alpha1.User) {
		u.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionFalse, Reason: reason}}
	}
}

// strange moves a changed User to a namespace that is not admitted.
func strange(change func(*v1alpha1.User)) func(*v1alpha1.User) {
	return func(u *v1alpha1.User) {
		change(u)
		u.Namespace = "strangers"
	}
}

func TestWhomObjectsName(t *testing.T) {
	for name, c := range map[string]struct {
		objects []client.Object
		names   bool
	}{
		"a User":                         {[]client.Object{user(func(*v1alpha1.User) {})}, true},
		"a User of another organization": {[]client.Object{user(func(u *v1alpha1.User) { u.Status.OrganizationID = "other" })}, false},
		"a User that has no organization yet, and whose Organization is not connected": {[]client.Object{user(func(u *v1alpha1.User) {
			u.Status.OrganizationID, u.Spec.OrganizationRef.Name = "", "not-connected"
		})}, false},
		"a User that has not been looked at yet":            {[]client.Object{user(notLookedAt)}, true},
		"a User whose Organization was deleted":             {[]client.Object{user(func(u *v1alpha1.User) { u.Spec.OrganizationRef.Name = "deleted" })}, true},
		"a User that JumpCloud or a privilege holds up":     {[]client.Object{user(ready(v1alpha1.PermissionDeniedReason))}, true},
		"a User that is paused":                             {[]client.Object{user(ready(v1alpha1.PausedReason))}, true},
		"a paused User of a namespace that is not admitted": {[]client.Object{user(strange(ready(v1alpha1.PausedReason)))}, false},
		"a new User of a namespace that is not admitted":    {[]client.Object{user(strange(notLookedAt))}, false},
		"a User of a namespace that was admitted":           {[]client.Object{user(strange(ready(v1alpha1.UpToDateReason)))}, false},
		"a User that says so of an admission that came":     {[]client.Object{user(ready(v1alpha1.NamespaceNotAllowedReason))}, true},
		"a User that adopts without the grant":              {[]client.Object{user(func(u *v1alpha1.User) { u.Status.Adopted = true })}, false},
		"an import of a namespace that is not admitted":     {[]client.Object{imported(func(o *v1alpha1.BulkUserImport) { o.Namespace = "strangers" })}, false},
		"a WorkdayImport, which the grants do not name":     {[]client.Object{workday("remembers", func(o *v1alpha1.WorkdayImport) { o.Namespace = "people" })}, false},
		"an import":                         {[]client.Object{imported(func(*v1alpha1.BulkUserImport) {}), source("username,email", "ada.byron,ada@example.org")}, true},
		"an import of another organization": {[]client.Object{imported(func(o *v1alpha1.BulkUserImport) { o.Status.OrganizationID = "other" })}, false},
		"the import itself":                 {[]client.Object{imported(func(o *v1alpha1.BulkUserImport) { o.UID = self.UID })}, false},
		"a row that the filter leaves out": {[]client.Object{
			imported(func(o *v1alpha1.BulkUserImport) { o.Spec.Filter = `row["email"] != "ada@example.org"` }),
			source("username,email", "ada.byron,ada@example.org", "chas,chas@example.org"),
		}, false},
		"an import that may be empty": {[]client.Object{
			imported(func(o *v1alpha1.BulkUserImport) {
				o.Annotations = map[string]string{v1alpha1.AllowEmptyAnnotation: "true"}
			}),
			source("username,email"),
		}, false},
		"a WorkdayImport": {[]client.Object{workday("remembers", func(*v1alpha1.WorkdayImport) {})}, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c, names := claimsOf(t, c.objects...), c.names
			g.Expect(c.Unknown).To(BeEmpty())
			g.Expect(c.IDs[adaID] || c.Usernames["ada.byron"] || c.Emails["ada@example.org"]).To(Equal(names))
		})
	}
}

func TestObjectsOfWhichItIsNotKnownWhomTheyName(t *testing.T) {
	plain := func(*v1alpha1.BulkUserImport) {}
	for name, c := range map[string]struct {
		objects []client.Object
		says    string
	}{
		"a source that is missing":         {[]client.Object{imported(plain)}, "BulkUserImport people/others has sources that are missing"},
		"a source that is empty":           {[]client.Object{imported(plain), source("username,email")}, "BulkUserImport people/others"},
		"a source that cannot be read":     {[]client.Object{imported(plain), source("username,email", `"ada`)}, "BulkUserImport people/others"},
		"a row that is invalid":            {[]client.Object{imported(plain), source("username,email", "not valid,x")}, "BulkUserImport people/others"},
		"a filter that does not compile":   {[]client.Object{imported(func(o *v1alpha1.BulkUserImport) { o.Spec.Filter = "(" }), source("username")}, "BulkUserImport people/others"},
		"a WorkdayImport that ignores it":  {[]client.Object{workday("other", func(o *v1alpha1.WorkdayImport) { o.Status.Leavers = nil })}, "WorkdayImport identity/other does not remember"},
		"a WorkdayImport that has lost it": {[]client.Object{workday("other", func(*v1alpha1.WorkdayImport) {})}, "WorkdayImport identity/other has lost"},
		"a WorkdayImport under way": {[]client.Object{workday("remembers", func(o *v1alpha1.WorkdayImport) { o.Status.StartTime = new(metav1.Now()) })},
			"WorkdayImport identity/remembers is under way"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			unknown := claimsOf(t, c.objects...)
			g.Expect(unknown.Unknown).To(ContainSubstring(c.says))
			g.Expect(unknown.Unknown).To(HavePrefix(unknown.BlockedBy + " "))
			g.Expect(unknown.BlockedBy).NotTo(BeEmpty())
		})
	}
}
