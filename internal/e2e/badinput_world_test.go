package e2e

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Paths of JumpCloud whose answers stories spoil.
const (
	userList  = "/api/systemusers"
	bulkUsers = "/api/v2/bulk/users"
)

// docs/bad-input.md must be true: for each row of its tables there is a story, in which the
// operator reports what the row promises.
var _ = Describe("Bad input", Label("bad-input"), func() {
	Context("is answered as documented:", func() {
		runsOn(impatient)
		for title, story := range inOrder(badInputs()) {
			It(title, func() { story(&badWorld{world: newWorld(spec(), 60), promised: promises()[title]}) })
		}
	})
	It("is documented, each of it", func() {
		elsewhere := append([]string{refusedEndpoint}, refusedHosts...)
		Expect(slices.Collect(maps.Keys(promises()))).To(ConsistOf(append(slices.Collect(maps.Keys(badInputs())), elsewhere...)))
	})
	It("is not sent: "+refusedEndpoint, func() {
		w := &badWorld{world: newWorld(spec(), 1), promised: promises()[refusedEndpoint]}
		w.startOperator("--allow-endpoint-override=false")
		w.toldByOrganization()
		w.Expect(w.sim.History()).To(BeEmpty(), "no request, and so no key, went there")
	})
})

// badInputs returns the stories of docs/bad-input.md, by the row's first cell.
func badInputs() map[string]func(*badWorld) {
	all := map[string]func(*badWorld){}
	for _, some := range []map[string]func(*badWorld){
		badFiles(), badConversions, badSources, badOrganizations, badPlans, badRows, badAnswers, badMoments,
		badUsers, badGroups, badSchedules, badPushEndpoints, badWorkdays, badTenants,
	} {
		maps.Copy(all, some)
	}
	return all
}

// refusedHosts are reported only without --allow-endpoint-override: see the tests of package
// workdayinstance.
var refusedHosts = []string{"A report at a host that the Organization does not admit", "A report without TLS"}

// refusedEndpoint needs an operator of its own.
const refusedEndpoint = "A spec.endpoint that the operator does not admit"

// answer is where and how a problem is reported.
type answer struct {
	// condition is "Stalled=True", "row" for a failed row, or "refused" if the API server does
	// not accept the object.
	condition, reason, message string
}

// promises returns the rows of the tables in docs/bad-input.md, by their first cell.
func promises() map[string]answer {
	GinkgoHelper()
	text, err := os.ReadFile("../../docs/bad-input.md")
	Expect(err).NotTo(HaveOccurred())
	promised := map[string]answer{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) != 4 || cells[0] == "Bad input" || cells[0] == "---" {
			continue
		}
		Expect(cells).NotTo(ContainElement(""), line)
		condition, reason, _ := strings.Cut(strings.Trim(cells[1], "`"), " ")
		Expect(promised).NotTo(HaveKey(cells[0]))
		promised[cells[0]] = answer{condition, reason, cells[2]}
	}
	return promised
}

// badWorld is a world in which something is wrong, with the answer that is promised.
type badWorld struct {
	*world
	promised answer
	// names are pairs: a name in messages, and what the document uses for it.
	names []string
}

// hires creates the import of these stories, with the lines as an additional source if there
// are any.
func (w *badWorld) hires(spec v1alpha1.BulkUserImportSpec, lines ...string) {
	w.Helper()
	if len(lines) > 0 {
		spec.UsersFrom = append(spec.UsersFrom, w.csv("hires", lines...))
	}
	w.importOf("hires", spec)
}

// told waits until the import has the promised condition, and returns the import.
func (w *badWorld) told() *v1alpha1.BulkUserImport {
	w.Helper()
	object := &v1alpha1.BulkUserImport{}
	w.says(func() []metav1.Condition {
		object = get(w.world, &v1alpha1.BulkUserImport{}, "hires")
		return object.Status.Conditions
	})
	return object
}

// toldByOrganization waits until the Organization has the promised condition.
func (w *badWorld) toldByOrganization() {
	w.Helper()
	w.says(w.organization("acme"))
}

// refused waits until the import has the promised condition, and asserts that nothing was
// sent.
func (w *badWorld) refused() *v1alpha1.BulkUserImport {
	w.Helper()
	object := w.told()
	w.Expect(w.mutations()).To(BeZero())
	return object
}

// fails waits until the run has ended with exactly one failed row, with the promised reason
// and message.
func (w *badWorld) fails() *v1alpha1.BulkUserImport {
	w.Helper()
	object := w.await("hires", v1alpha1.RowsFailedReason)
	w.Expect(object.Status.Failures).To(HaveLen(1))
	failure := object.Status.Failures[0]
	w.Expect(answer{"row", failure.Reason, w.general(failure.Message)}).To(Equal(w.promised))
	return object
}

func (w *badWorld) says(conditions func() []metav1.Condition) {
	w.Helper()
	conditionType, _, _ := strings.Cut(w.promised.condition, "=")
	var all []metav1.Condition
	w.Eventually(func() answer {
		all = conditions()
		condition := apimeta.FindStatusCondition(all, conditionType)
		if condition == nil {
			return answer{}
		}
		return answer{condition.Type + "=" + string(condition.Status), condition.Reason, w.general(condition.Message)}
	}).Should(Equal(w.promised), func() string { return fmt.Sprintf("%+v", all) })
	w.invariants(all)
	w.plain(all)
}

var hash = regexp.MustCompile(`sha256:[0-9a-f]{64}`)

// general converts a message to its form in docs/bad-input.md: there, the namespace is
// identity, and what differs from run to run has a fixed value.
func (w *badWorld) general(message string) string {
	names := slices.Concat(w.names, []string{w.namespace, "identity", w.org.ID(), "65f1c0ffee65f1c0ffee9000"})
	message = strings.NewReplacer(names...).Replace(message)
	return hash.ReplaceAllString(message, "sha256:…")
}

// plain asserts that messages are sentences.
func (w *badWorld) plain(conditions []metav1.Condition) {
	w.Helper()
	for _, condition := range conditions {
		w.Expect(condition.Message).NotTo(MatchRegexp(`\.\.|  |%!`))
		if condition.Type != v1alpha1.ReadyCondition || condition.Status != metav1.ConditionTrue {
			w.Expect(condition.Message).To(MatchRegexp(`^([A-Z0-9]|spec\.).*\.$`))
		}
	}
}
