package usergroup_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// asText configures a server whose schema has filters as text, and takes null only to clear a
// query.
func asText(b *jumpcloudtest.Behavior) { b.TextFilters, b.NullQueryOnlyClears = true, true }

func strict(b *jumpcloudtest.Behavior) { b.NullQueryOnlyClears = true }

func TestAStaticGroupStatesNoQuery(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Configure(strict)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.edit(described("who build engines"))
		w.ExpectReady("True/UpToDate")
		for _, r := range w.Sim.MutatingRequests() {
			w.Expect(r.Body).NotTo(Or(ContainSubstring("memberQuery"), ContainSubstring("memberQueryExemptions")))
		}
	})
}

// A query is removed only if there is one.
func TestAQueryIsTakenAwayOnce(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Configure(strict)
		w.Rest()
		w.edit(static)
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(And(HaveKeyWithValue("memberQuery", BeNil()), HaveKeyWithValue("memberQueryExemptions", BeEmpty())))
		w.edit(described("who build engines"))
		w.ExpectReady("True/UpToDate")
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines", "eva"))
}

func filtersOf(group jumpcloudtest.UserGroup) any {
	query, _ := group["memberQuery"].(map[string]any)
	return query["filters"]
}

// No group shows yet which form filters have.
func TestFiltersOfANewGroupTakeTheFormThatIsAccepted(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Configure(asText)
		w.moves("Engines", "ada")
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(filtersOf(w.live())).To(ConsistOf("department:$eq:Engines"))
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodPost}))
		w.Resync()
		w.Expect(w.who()).To(Equal([]string{"ada"}))
		w.costOfResync()
		w.Restart()
		w.costOfResync()
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines"))
}

func TestFiltersKeepTheFormThatTheGroupHas(t *testing.T) {
	story(t, func(w *world) {
		w.Org.AddUserGroup(jumpcloudtest.UserGroup{
			"name": "engineers", "membershipMethod": "DYNAMIC_AUTOMATED",
			"memberQuery": map[string]any{"queryType": "FilterQuery", "filters": []any{"department:$eq:Engines"}},
		})
		w.Sim.Configure(asText)
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Expect(w.Sent()).To(BeEmpty(), "it is the declared query, in another form")

		w.edit(dynamic(v1alpha1.MembershipDynamicAutomated, "Motors: small"))
		w.ExpectReady("True/Adopted")
		w.Expect(filtersOf(w.live())).To(ConsistOf("department:$eq:Motors: small"))
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPut}))
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines"))
}

// A query that is refused in both forms is refused; each look tries the other form once.
func TestAQueryThatIsRefusedInBothForms(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPost, Path: groupsPath, Times: -1}, Status: http.StatusBadRequest})
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.Sent()).To(HaveLen(2))
		w.Resync()
		w.Expect(w.Sent()).To(HaveLen(4))
		w.Sim.RemoveFaults()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(filtersOf(w.live())).To(ConsistOf(HaveKeyWithValue("field", "department")))
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines"))
}
