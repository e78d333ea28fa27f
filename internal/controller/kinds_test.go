package controller_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/bulkuserimport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/pushendpoint"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/scheduleduserstate"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/usergroup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// root is the root of the repository.
const root = "../.."

// This tells whoever adds a kind what is still missing: see "Add a kind" in
// docs/architecture.md.
func TestEveryKindIsComplete(t *testing.T) {
	scheme := runtime.NewScheme()
	NewWithT(t).Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	var registered []string
	for _, object := range controller.Kinds() {
		registered = append(registered, reflect.TypeOf(object).Elem().Name())
	}
	samples := read(t, "config", "samples", "*.yaml")
	for kind, object := range scheme.KnownTypes(v1alpha1.GroupVersion) {
		if _, ok := reflect.TypeAssert[lifecycle.Object](reflect.New(object)); !ok {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			g := NewWithT(t)
			singular := strings.ToLower(kind)
			plural := singular + "s"
			_, member := reflect.TypeAssert[lifecycle.Member](reflect.New(object))
			g.Expect(slices.Contains(registered, kind)).To(Equal(member), "a line in internal/controller/kinds.go")
			g.Expect(read(t, "PROJECT")).To(ContainSubstring("  kind: " + kind + "\n"))
			g.Expect(read(t, "config", "crd", "kustomization.yaml")).To(ContainSubstring("_"+plural+".yaml"), "make manifests")
			g.Expect(read(t, "config", "crd", "bases", "*_"+plural+".yaml")).NotTo(BeEmpty(), "make manifests")
			g.Expect(read(t, "config", "rbac", singular+"_roles.yaml")).To(ContainSubstring("resources: [" + plural + "]"))
			g.Expect(read(t, "config", "rbac", "kustomization.yaml")).To(ContainSubstring(singular + "_roles.yaml"))
			g.Expect(read(t, "config", "rbac", "role.yaml")).To(And(MatchRegexp(`[\[ ]`+plural+`[,\]]`), ContainSubstring(plural+"/status")))
			g.Expect(samples).To(ContainSubstring("kind: "+kind+"\n"), "config/samples")
			g.Expect(read(t, "docs", singular+".md")).NotTo(BeEmpty())
			g.Expect(read(t, "README.md")).To(ContainSubstring("docs/" + singular + ".md"))
			if member {
				g.Expect(read(t, "config", "crd", "bases", "*_planapprovals.yaml")).To(ContainSubstring("- "+kind+"\n"), "ApprovableKind")
			}
		})
	}
}

// read returns the content of the files that match a pattern.
func read(t *testing.T, path ...string) string {
	t.Helper()
	g := NewWithT(t)
	files, err := filepath.Glob(filepath.Join(append([]string{root}, path...)...))
	g.Expect(err).NotTo(HaveOccurred())
	var all strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		all.Write(content)
	}
	return all.String()
}

// An object that is deleted without its Organization names what it leaves at JumpCloud.
func TestOrphans(t *testing.T) {
	creating := &v1alpha1.CreatingStatus{Name: "engineers", Attempt: 1}
	group := func(id string, creating *v1alpha1.CreatingStatus) string {
		return usergroup.Orphans(&v1alpha1.UserGroup{ObjectMeta: metav1.ObjectMeta{Name: "engineers"}, Status: v1alpha1.UserGroupStatus{
			ID: id, LivingStatus: v1alpha1.LivingStatus{Creating: creating},
		}})
	}
	schedule := func(jobs ...v1alpha1.ScheduledJobStatus) string {
		return scheduleduserstate.Orphans(&v1alpha1.ScheduledUserState{Status: v1alpha1.ScheduledUserStateStatus{Jobs: jobs}})
	}
	imported := func(states ...v1alpha1.JobState) string {
		object := &v1alpha1.BulkUserImport{}
		for _, state := range states {
			object.Status.Jobs = append(object.Status.Jobs, v1alpha1.JobStatus{State: state, Rows: 3})
		}
		return bulkuserimport.Orphans(object)
	}
	for want, orphans := range map[string]string{
		"the user group engineers with id g1":                             group("g1", nil),
		"perhaps a user group engineers, whose creation was not answered": group("", creating),
		"the user group engineers, if there is one":                       group("", nil),
		"the scheduled jobs s1, s2":                                       schedule(v1alpha1.ScheduledJobStatus{ScheduledJobID: "s1"}, v1alpha1.ScheduledJobStatus{ScheduledJobID: "s2"}, v1alpha1.ScheduledJobStatus{ScheduledJobID: "theirs", Adopted: true}),
		"no scheduled job that is known":                                  schedule(),
		"perhaps a job of 3 rows, whose results are not read":             imported(v1alpha1.JobFinished, v1alpha1.JobIntended),
		"the push endpoint phone with id p1": pushendpoint.Orphans(&v1alpha1.PushEndpoint{
			Spec: v1alpha1.PushEndpointSpec{Name: "phone"}, Status: v1alpha1.PushEndpointStatus{ID: "p1"},
		}),
		"the users that it has made": imported(v1alpha1.JobFinished),
	} {
		NewWithT(t).Expect(orphans).To(Equal(want))
	}
}
