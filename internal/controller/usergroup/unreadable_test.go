package usergroup_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// answer makes JumpCloud answer reads of a path with a body.
func (w *world) answer(path, body string) {
	w.Sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Method: http.MethodGet, Path: path, Times: -1}, Status: http.StatusOK, Body: body,
	})
}

// A group whose name or id cannot be read may be the declared one, so none is created beside
// it. It does not hide groups that can be read.
func TestAnUnreadableGroupIsNotAbsent(t *testing.T) {
	const nameless, unidentified = `{"id":"65f1c0ffee65f1c0ffee0001","type":"user_group","name":5}`, `{"id":7,"type":"user_group","name":"other"}`
	const sound = `{"id":"65f1c0ffee65f1c0ffee0002","type":"user_group","name":"others"}`
	for _, record := range []string{nameless, unidentified, `"odd"`} {
		story(t, func(w *world) {
			w.answer(groupsPath, "["+sound+","+record+"]")
			w.Rest()
			w.ExpectReady("False/RemoteConflict")
			w.Expect(w.Message()).To(Equal(`JumpCloud shows no group named "engineers", and has a group whose name or id cannot be read: it may be that one. Correct that group in JumpCloud.`))
			w.Expect(w.Sent()).To(BeEmpty())

			w.Sim.RemoveFaults()
			w.Resync()
			w.ExpectReady("True/UpToDate")
		})
	}
	story(t, func(w *world) {
		id := w.exists("engineers")
		w.answer(groupsPath, fmt.Sprintf(`[%s,{"id":%q,"type":"user_group","name":"engineers"}]`, nameless, id))
		w.Rest()
		w.ExpectReady("True/Adopted")
	})
}

// An update sends the group as a whole, so what cannot be read would be lost.
func TestAGroupWithAnUnreadableMemberIsNotChanged(t *testing.T) {
	for _, member := range []string{`"description":5`, `"attributes":"odd"`, `"email":{}`, `"memberQueryExemptions":[5]`} {
		story(t, func(w *world) {
			w.Rest()
			w.ExpectReady("True/UpToDate")
			before := len(w.Sent())
			w.answer(groupPath, fmt.Sprintf(`{"id":%q,"type":"user_group","name":"engineers","membershipMethod":"STATIC",%s}`, w.Get().Status.ID, member))
			w.edit(described("builds engines"))
			w.ExpectReady("False/RemoteConflict")
			w.Expect(w.Message()).To(MatchRegexp(`^JumpCloud's record of the group has fields that cannot be read \(\w+\), which a change would lose. Correct the group in JumpCloud.$`))
			w.Expect(w.Sent()).To(HaveLen(before))

			w.Sim.RemoveFaults()
			w.Resync()
			w.ExpectReady("True/UpToDate")
			w.Expect(w.live()).To(HaveKeyWithValue("description", "builds engines"))
		})
	}
}

// A member whose id cannot be read may be a declared user or a leaver: the group does not
// count as declared, and the status says why.
func TestAMemberWhoCannotBeReadIsNeitherAbsentNorDeclared(t *testing.T) {
	const chas = `{"to":{"id":7,"type":"user"}}`
	story(t, func(w *world) {
		id := w.exists("engineers", w.users["ada"], w.users["chas"])
		ada := fmt.Sprintf(`{"to":{"id":%q,"type":"user"}}`, w.users["ada"])
		w.answer(membersPath, "["+ada+","+chas+"]")
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(Equal(`The group "engineers" (` + id + `) has 1 member whose id cannot be read: whether that is a declared user is not known. ` +
			`The rest is done. Remove and add that member in JumpCloud.`))
		w.Expect(w.Sent()).To(BeEmpty(), "chas may be that member")
		w.costOfResync()
		w.Expect(w.Sent()).To(BeEmpty())

		w.Sim.RemoveFaults()
		w.Resync()
		w.ExpectReady("True/Adopted")
		w.Expect(w.who()).To(ConsistOf("ada", "chas"))
	}, members("ada", "chas"))
	story(t, func(w *world) {
		w.exists("engineers", w.users["ada"], w.users["chas"], w.users["eva"])
		w.answer(membersPath, fmt.Sprintf(`[{"to":{"id":%q,"type":"user"}},{"to":{"id":%q,"type":7}},%s]`, w.users["ada"], w.users["eva"], chas))
		w.Pass()
		w.Expect(w.Get().Status.Members).To(HaveValue(HaveField("Current", int32(2))))
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
	}, members("ada", "eva"), addOnly)
}

// A user whose username cannot be read may be the declared one, or a protected one.
func TestAnUnreadableUserIsNeitherAbsentNorUnprotected(t *testing.T) {
	story(t, func(w *world) {
		w.Org.UpdateUser(w.users["chas"], jumpcloudtest.User{"username": 5})
		w.Pass()
		w.ExpectReady("False/RemoteUnavailable")
		w.Expect(w.Message()).To(ContainSubstring("may be one whose username, email or id in JumpCloud cannot be read."))
		w.Expect(w.Sent()).To(BeEmpty())
	}, members("ada", "chas"))
	story(t, func(w *world) {
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Username: "boss"}} })
		w.exists("engineers", w.users["ada"], w.users["chas"])
		w.Org.UpdateUser(w.users["chas"], jumpcloudtest.User{"username": 5})
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Expect(w.Message()).To(ContainSubstring("protected user stays"))
		w.Expect(w.Sent()).To(BeEmpty())
	}, members("ada"), func(o *v1alpha1.UserGroup) { o.Spec.MemberPolicy = v1alpha1.MemberPolicyExact })
}

// oddAnswer is an answer about the group with a description that cannot be read.
func (w *world) oddAnswer() string {
	return fmt.Sprintf(`{"id":%q,"type":"user_group","name":"engineers","membershipMethod":"STATIC","description":5}`, w.Get().Status.ID)
}

// Right before an update, the group is read again: what cannot be read in that answer would be
// lost, too.
func TestAGroupThatCannotBeReadAgainIsNotChanged(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Org.UpdateUserGroup(w.Get().Status.ID, jumpcloudtest.UserGroup{"description": "written in the console"})
		before := len(w.Sent())
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodGet, Path: groupPath, Skip: 1, Times: 1}, Status: http.StatusOK, Body: w.oddAnswer(),
		})
		w.edit(func(o *v1alpha1.UserGroup) { o.Spec.Email = new("e@example.org") })
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(Equal("JumpCloud's record of the group has fields that cannot be read (description), which a change would lose. Correct the group in JumpCloud."))
		w.Expect(w.Sent()).To(HaveLen(before))

		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(And(HaveKeyWithValue("email", "e@example.org"), HaveKeyWithValue("description", "written in the console")))
	})
}

// An answer to an update that cannot be read says nothing about what JumpCloud keeps: the next
// look shows that.
func TestAnUnreadableAnswerToAnUpdateIsNotCompared(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPut, Path: groupPath, Times: 1}, Commit: true, Status: http.StatusOK, Body: w.oddAnswer(),
		})
		w.edit(described("builds engines"))
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live()).To(HaveKeyWithValue("description", "builds engines"))
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodPut}))
	})
}

// Whether JumpCloud can evaluate a query is not known if its flags cannot be read.
func TestUnreadableFlagsOfAQuery(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		odd := w.live()
		odd["memberQueryErrorFlags"], odd["suggestionCounts"] = "CYCLE", "many"
		body, err := json.Marshal(odd)
		w.Expect(err).NotTo(HaveOccurred())
		w.answer(groupPath, string(body))
		w.Resync()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(Equal(`JumpCloud's record of the group "engineers" has memberQueryErrorFlags that cannot be read: ` +
			"whether it can evaluate the memberQuery is not known. The group is as declared otherwise. Correct it in JumpCloud."))
		w.Expect(w.Get().Status.Suggestions).To(BeNil(), "how many there are is not known")

		w.Sim.RemoveFaults()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Org.UpdateUserGroup(w.Get().Status.ID, jumpcloudtest.UserGroup{"memberQueryErrorFlags": "CYCLE"})
		w.edit(static)
		w.ExpectReady("True/UpToDate")
	}, dynamic(v1alpha1.MembershipDynamicReviewRequired, "Engines"))
}
