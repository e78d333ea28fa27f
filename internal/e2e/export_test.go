package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// exportTimeout bounds how long a thousand objects take on a busy machine.
const exportTimeout = 6 * time.Minute

// exported is a live organization of 1,000 users, 50 groups and 20 schedules that is exported,
// and a namespace that contains none of its objects yet.
type exported struct {
	*world

	operator *testenv.Operator
}

func newExported(t testing.TB) *exported {
	t.Helper()
	w := &world{TB: t, WithT: expects(t), namespace: plane.Namespace(t), sim: jumpcloudtest.New()}
	running.namespaces = append(running.namespaces, w.namespace)
	w.url = w.sim.Start(t)
	w.org = w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{ID: organizationID(), APIKey: apiKey, Users: 990})
	w.settle()
	w.create(&corev1.Secret{ObjectMeta: w.meta("jumpcloud"), StringData: map[string]string{"api-key": apiKey}})
	w.keepCache(&v1alpha1.Organization{}, &v1alpha1.User{}, &v1alpha1.UserGroup{}, &v1alpha1.ScheduledUserState{},
		&v1alpha1.PushEndpoint{}, &v1alpha1.WorkdayInstance{})
	return &exported{world: w}
}

// settle fills the organization with what people create there.
func (w *world) settle() {
	w.Helper()
	boss := w.newcomer("Grace.Hopper", jumpcloudtest.User{"sudo": true, "passwordless_sudo": true, "unix_uid": 5001, "unix_guid": 5001})
	for i := range 9 {
		w.newcomer(fmt.Sprintf("full.%d", i), jumpcloudtest.User{
			"manager": boss, "state": []string{"ACTIVATED", "SUSPENDED", "STAGED"}[i%3], "firstname": "Zoë", "lastname": "O'Neil, \"Jr\"",
			"department": "R&D: #1", "costCenter": "0042", "description": "yes", "employeeIdentifier": fmt.Sprintf("007%d", i),
			"attributes":   []any{map[string]any{"name": "BadgeID", "value": "1e3"}},
			"addresses":    []any{map[string]any{"type": "work", "locality": "Köln", "country": "DE", "postalCode": "05067"}},
			"phoneNumbers": []any{map[string]any{"type": "work_mobile", "number": "+49 151 0000"}},
		})
		w.org.AddPushEndpoint(fmt.Sprintf("full.%d", i), jumpcloudtest.PushEndpoint{"name": fmt.Sprintf("Phone: %d", i)})
	}
	for i := range 50 {
		w.org.AddUserGroup(liveGroup(i), usernames(first(i)...)...)
	}
	for i := range 20 {
		w.org.AddScheduledState(jumpcloudtest.NewScheduledState{
			Users: usernames(i+1, i+2), State: []string{"SUSPENDED", "ACTIVATED"}[i%2], Date: time.Date(2090, 1, 1+i, 9, 0, 0, 0, time.UTC),
		})
	}
	w.report(3)
	w.org.AddWorkday("Workday Import", workdayReport, workdayUser, workdayPassword)
}

// liveGroup returns one of fifty groups: every fifth is dynamic, and all have attributes.
func liveGroup(i int) jumpcloudtest.UserGroup {
	g := jumpcloudtest.UserGroup{"name": fmt.Sprintf("Group %d/ä", i), "description": "is: it?", "attributes": map[string]any{
		"sudo":        map[string]any{"enabled": i%2 == 0, "withoutPassword": i%4 == 0},
		"posixGroups": []any{map[string]any{"id": 1000 + i, "name": fmt.Sprintf("g%d", i)}},
	}}
	if i%5 == 0 {
		g["membershipMethod"] = []string{"DYNAMIC_AUTOMATED", "DYNAMIC_REVIEW_REQUIRED"}[i/5%2]
		g["memberQuery"] = map[string]any{"queryType": "FilterQuery", "filters": []any{
			map[string]any{"field": "department", "operator": "eq", "value": fmt.Sprintf("Department %d", i/5)},
		}}
	}
	return g
}

// export runs the command as people do, and returns the folder and the files that it wrote.
func (e *exported) export() (dir string, files map[string]string) {
	e.Helper()
	dir, key := filepath.Join(e.TempDir(), "out"), filepath.Join(e.TempDir(), "key")
	e.Expect(os.WriteFile(key, []byte(apiKey), 0o600)).To(Succeed())
	command := exec.CommandContext(e.Context(), plane.OperatorPath(), "export", "-o", dir, "-n", e.namespace,
		"--api-key-file", key, "--endpoint", e.url, "--requests-per-second", "1000")
	out, err := command.CombinedOutput()
	e.Expect(err).NotTo(HaveOccurred(), "%s", out)
	return dir, testenv.Files(e.TB, dir)
}

func (e *exported) apply(dir string) {
	e.Helper()
	_, err := plane.Kubectl(e.Context(), "apply", "--server-side", "--validate=strict", "-k", dir)
	e.Expect(err).NotTo(HaveOccurred())
}

func (e *exported) start() {
	e.Helper()
	e.operator = plane.StartOperator(e.TB, plane.Config, patientFlags("--watch-namespaces="+e.namespace)...)
	e.operator.WaitReady(e.TB)
}

// expectRest waits until the operator has reconciled all objects, because of the request if
// one is given, and expects each to be as declared, with no planned changes.
func (e *exported) expectRest(request string) {
	e.Helper()
	for _, expected := range []struct {
		list  client.ObjectList
		count int
	}{
		{&v1alpha1.OrganizationList{}, 1},
		{&v1alpha1.UserList{}, 1000},
		{&v1alpha1.UserGroupList{}, 50},
		{&v1alpha1.ScheduledUserStateList{}, 20},
		{&v1alpha1.PushEndpointList{}, 9},
		{&v1alpha1.WorkdayInstanceList{}, 1},
	} {
		e.Eventually(func() []string { return e.restless(expected.list, request) }).WithTimeout(exportTimeout).Should(BeEmpty())
		e.Expect(apimeta.LenList(expected.list)).To(Equal(expected.count), "%T", expected.list)
	}
	e.Expect(e.sim.MutatingRequests()).To(BeEmpty())
}

// restless returns the reasons for the first objects of a list that are not as declared.
func (e *exported) restless(list client.ObjectList, request string) (all []string) {
	e.Helper()
	e.Expect(e.cache.List(e.Context(), list)).To(Succeed())
	e.Expect(apimeta.EachListItem(list, func(item runtime.Object) error {
		object, ok := item.(reported)
		e.Expect(ok).To(BeTrue())
		if why := restlessness(object, request); why != "" && len(all) < 5 {
			all = append(all, object.GetName()+": "+why)
		}
		return nil
	})).To(Succeed())
	return all
}

func restlessness(object reported, request string) string {
	common := object.Common()
	ready := apimeta.FindStatusCondition(common.Conditions, v1alpha1.ReadyCondition)
	switch living, lives := object.(interface{ Living() *v1alpha1.LivingStatus }); {
	case ready == nil:
		return "it has no condition"
	case ready.Status != metav1.ConditionTrue || common.ObservedGeneration != object.GetGeneration() || atWork(object):
		return fmt.Sprintf("%+v", common.Conditions)
	case request != "" && common.LastHandledReconcileAt != request:
		return "it was not looked at again"
	case lives && living.Living().Plan != nil && living.Living().Plan.Total > 0:
		return fmt.Sprintf("%+v", living.Living().Plan)
	}
	return ""
}

var _ = Describe("An organization that was exported", Label("export"), SpecPriority(longest), func() {
	It("is as declared when it is applied, and is exported the same", func() {
		e := newExported(spec())
		dir, files := e.export()
		e.start()
		e.apply(dir)
		e.expectRest("")

		again, same := e.export()
		e.Expect(same).To(Equal(files))
		e.Expect(e.operator.Kill()).To(Succeed())
		e.apply(again)
		for _, kind := range []string{"jcorg", "jcuser", "jcgroup", "jcstate", "jcpush", "jcworkday"} {
			_, err := plane.Kubectl(e.Context(), "annotate", kind, "--all", "-n", e.namespace, v1alpha1.ReconcileRequestedAtAnnotation+"=again")
			e.Expect(err).NotTo(HaveOccurred())
		}
		e.start() // the new process remembers nothing
		e.expectRest("again")
		_, same = e.export()
		e.Expect(same).To(Equal(files))
	})
})

// scripts matches the shell scripts of a page.
var scripts = regexp.MustCompile("(?s)\n```sh\n(.*?)```\n")

// docs/commands.md shows a check of pull requests, which pipelines must be able to run.
var _ = It("The check of a pull request finds what would be refused", Label("docs", "export"), func() {
	page, err := os.ReadFile("../../docs/commands.md")
	Expect(err).NotTo(HaveOccurred())
	_, section, found := strings.Cut(string(page), "### In a pull request\n")
	Expect(found).To(BeTrue())
	shown := scripts.FindAllStringSubmatch(section, 2)
	script := shown[0][1]
	dir := spec().TempDir()
	Expect(os.Symlink(plane.OperatorPath(), filepath.Join(dir, "kubectl-jumpcloud"))).To(Succeed())
	Expect(os.Mkdir(filepath.Join(dir, "identity"), 0o700)).To(Succeed())
	check := func(member string) (string, error) {
		manifest := "apiVersion: jumpcloud-operator.io/v1alpha1\nkind: UserGroup\nmetadata: {name: engineers}\n" +
			"spec:\n  organizationRef: {name: acme}\n  members: [" + member + "]\n"
		Expect(os.WriteFile(filepath.Join(dir, "identity", "group.yaml"), []byte(manifest), 0o600)).To(Succeed())
		command := exec.CommandContext(spec().Context(), "sh", "-c", script)
		command.Dir, command.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := command.CombinedOutput()
		return string(out), err
	}
	out, err := check("{username: ada.byron}")
	Expect(err).NotTo(HaveOccurred(), out)
	Expect(out).To(ContainSubstring("The manifests are valid."))
	out, err = check("{user: ada.byron}")
	Expect(err).To(HaveOccurred())
	Expect(out).To(And(ContainSubstring(`"file": "identity/group.yaml"`), ContainSubstring("spec.members[0].user")))

	sim := jumpcloudtest.New()
	sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "key"}).AddUser(jumpcloudtest.User{"username": "ada.byron", "email": "ada@example.org"})
	script = strings.Replace(shown[1][1], "--against live", "--against "+sim.Start(spec()), 1)
	Expect(os.WriteFile(filepath.Join(dir, "key.txt"), []byte("key"), 0o600)).To(Succeed())
	out, err = check("{username: ada.byron}")
	Expect(err).NotTo(HaveOccurred(), out)
	Expect(out).To(ContainSubstring("Plan of UserGroup identity/engineers: 2 changes."))
	out, err = check("{user: ada.byron}")
	Expect(err).To(HaveOccurred(), out)
	Expect(sim.MutatingRequests()).To(BeEmpty())
})
