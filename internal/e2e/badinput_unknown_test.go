package e2e

import (
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// unknowns are ways in which JumpCloud may behave where its behaviour is not known. Under all
// of them an import must end with the right result.
type unknowns map[string]func(*jumpcloudtest.Behavior)

// unknownJobs are about jobs, their records and their users.
var unknownJobs = unknowns{
	"as most likely":                           func(*jumpcloudtest.Behavior) {},
	"a started job is answered 201":            func(b *jumpcloudtest.Behavior) { b.StartStatus = 201 },
	"a job applies before it is answered":      func(b *jumpcloudtest.Behavior) { b.Instant = true },
	"records come late":                        func(b *jumpcloudtest.Behavior) { b.EmptyPolls = 2 },
	"records exist once they are final":        func(b *jumpcloudtest.Behavior) { b.RecordsWhenDone, b.RowDuration = true, 20*time.Millisecond },
	"records stay pending for a while":         func(b *jumpcloudtest.Behavior) { b.ResultLag = 2 * time.Second },
	"records are missing":                      func(b *jumpcloudtest.Behavior) { b.MissingRecords = 2 },
	"records in reverse":                       func(b *jumpcloudtest.Behavior) { b.RecordOrder = jumpcloudtest.OrderReversed },
	"records in any order":                     func(b *jumpcloudtest.Behavior) { b.RecordOrder = jumpcloudtest.OrderShuffled },
	"records all have the job's id":            func(b *jumpcloudtest.Behavior) { b.RecordIDsAreJobID = true },
	"records without an end":                   func(b *jumpcloudtest.Behavior) { b.EndlessResults = true },
	"records tell their row in meta":           func(b *jumpcloudtest.Behavior) { b.Telling = jumpcloudtest.TellingMeta },
	"records nest their user":                  func(b *jumpcloudtest.Behavior) { b.Telling = jumpcloudtest.TellingNested },
	"records tell their row in other fields":   func(b *jumpcloudtest.Behavior) { b.Telling = jumpcloudtest.TellingPersisted },
	"records tell the names of fields":         func(b *jumpcloudtest.Behavior) { b.Telling = jumpcloudtest.TellingFieldNames },
	"creates refuse what can be left out":      func(b *jumpcloudtest.Behavior) { b.CreateRefuses = jumpcloudtest.RefusesRow },
	"values are kept in another spelling":      func(b *jumpcloudtest.Behavior) { b.Respell = true },
	"a row that failed says error":             func(b *jumpcloudtest.Behavior) { b.FailedWord = "error" },
	"a row that failed says it in upper case":  func(b *jumpcloudtest.Behavior) { b.FailedWord = "FAILED" },
	"a row that failed says an unknown word":   func(b *jumpcloudtest.Behavior) { b.FailedWord = "rejected" },
	"words in upper case":                      func(b *jumpcloudtest.Behavior) { b.PendingWord, b.FinishedWord = "PENDING", "FINISHED" },
	"an update merges lists":                   func(b *jumpcloudtest.Behavior) { b.MergeArrays = true },
	"unknown fields are refused":               func(b *jumpcloudtest.Behavior) { b.RejectUnknownFields = true },
	"managers are checked":                     func(b *jumpcloudtest.Behavior) { b.CheckManager = true },
	"usernames collide without regard to case": func(b *jumpcloudtest.Behavior) { b.UsernamesIgnoreCase = true },
	"usernames follow the convention":          func(b *jumpcloudtest.Behavior) { b.StrictUsernames = true },
	"what is not set is returned empty":        func(b *jumpcloudtest.Behavior) { b.EmptyStrings, b.AlsoID = true, true },
}

// unknownResults are results that are of no use: only the directory shows that the job is
// done.
var unknownResults = unknowns{
	"words that nobody has seen":               func(b *jumpcloudtest.Behavior) { b.PendingWord, b.FinishedWord = "queued", "done" },
	"results are unknown once the job is over": func(b *jumpcloudtest.Behavior) { b.ResultRetention = time.Millisecond },
	"results are empty once the job is over":   func(b *jumpcloudtest.Behavior) { b.ResultRetention, b.UnknownJobStatus = time.Millisecond, 200 },
	"results never say what was done":          func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckApplied },
}

// unknownLists are about lists and searches.
var unknownLists = unknowns{
	"lists in any order":                    func(b *jumpcloudtest.Behavior) { b.ShuffleUnsorted = true },
	"lists refuse more than 100":            func(b *jumpcloudtest.Behavior) { b.OversizeLimit = jumpcloudtest.LimitReject },
	"lists give more than 100":              func(b *jumpcloudtest.Behavior) { b.OversizeLimit = jumpcloudtest.LimitAccept },
	"lists show users late":                 func(b *jumpcloudtest.Behavior) { b.VisibilityLag = 3 * time.Second },
	"lists have no total in a header":       func(b *jumpcloudtest.Behavior) { b.OmitTotalHeader, b.LinkHeader = true, true },
	"searches ignore filters":               func(b *jumpcloudtest.Behavior) { b.IgnoreSearchFilters = true },
	"searches take few conditions":          func(b *jumpcloudtest.Behavior) { b.MaxSearchConditions = 2 },
	"searches refuse what they do not know": func(b *jumpcloudtest.Behavior) { b.RejectMalformedFilters = true },
	"429 without Retry-After": func(b *jumpcloudtest.Behavior) {
		b.RequestsPerSecond, b.Burst, b.RateLimitBody = 4, 2, jumpcloudtest.BodyHTML
	},
}

var _ = Describe("Whatever JumpCloud does, imports end right:", Label("bad-input"), func() {
	runsOn(impatient)
	endsRight(unknownJobs, func(w *world) { w.fillsDirectory("new00007") })
	endsRight(unknownResults, func(w *world) { w.fillsDirectory() })
	endsRight(unknownLists, func(w *world) { w.fillsDirectory("new00007"); w.looksUp() })
})

// endsRight defines a spec for each way in which JumpCloud may behave.
func endsRight(ways unknowns, story func(*world)) {
	GinkgoHelper()
	for name, behave := range inOrder(ways) {
		It(name, func() {
			w := newWorld(spec(), 240)
			w.org.Configure(behave)
			story(w)
		})
	}
}

// fillsDirectory imports more rows than fit on a page: new users, some of whom JumpCloud
// refuses, and changes of others.
func (w *world) fillsDirectory(refused ...string) {
	w.Helper()
	const newcomers, changes = 110, 15
	lines := []string{"username,email,manager,attributes.EmployeeID,home_city"}
	for i := range newcomers {
		lines = append(lines, fmt.Sprintf("new%05d,new%05d@example.org,,,", i+1, i+1))
	}
	for i := range changes {
		user := w.org.UserByUsername(fmt.Sprintf("user%06d", i+1))
		w.org.UpdateUser(user["_id"].(string), jumpcloudtest.User{
			"attributes": []any{map[string]any{"name": "Keep", "value": "kept"}, map[string]any{"name": "EmployeeID", "value": "0"}},
			"addresses":  []any{map[string]any{"type": "home", "country": "UK"}},
		})
		lines = append(lines, fmt.Sprintf("%s,%s,user000100,%d,Marylebone", user["username"], user["email"], i+1))
	}
	for _, username := range refused {
		w.org.ScriptRows(jumpcloudtest.RowFault{Username: username, StatusMsg: "weak password"})
	}
	w.importOf("staff", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("staff", lines...)}})

	if len(refused) == 0 {
		w.Expect(message(w.await("staff", v1alpha1.SucceededReason))).To(Equal("125 users: 110 created, 15 updated"))
	} else {
		done := w.await("staff", v1alpha1.RowsFailedReason)
		w.Expect(message(done)).To(HavePrefix("125 users: 109 created, 15 updated, 1 failed."))
		w.Expect(done.Status.Failures).To(ConsistOf(HaveField("Key", refused[0])))
	}
	w.Expect(w.results(get(w, &v1alpha1.BulkUserImport{}, "staff"))).To(HaveLen(newcomers + changes))
	w.Expect(w.org.CountUsers()).To(Equal(240 + newcomers - len(refused)))
	changed := w.org.UserByUsername("user000015")
	w.Expect(changed).To(HaveKeyWithValue("manager", w.org.UserByUsername("user000100")["_id"]))
	w.Expect(fmt.Sprint(changed["attributes"])).To(And(ContainSubstring("name:Keep value:kept"), ContainSubstring("name:EmployeeID value:15")))
	w.Expect(strings.Count(fmt.Sprint(changed["attributes"]), "EmployeeID")).To(Equal(1))
	w.Expect(fmt.Sprint(changed["addresses"])).To(And(ContainSubstring("country:UK"), ContainSubstring("locality:Marylebone")))
	w.once()
}

// looksUp imports so few rows that the operator searches for their users.
func (w *world) looksUp() {
	w.Helper()
	w.importOf("two", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("two",
		"username,email,department", "one.more,one.more@example.org,Sales", "user000200,user000200@example.org,Sales")}})
	done := w.await("two", v1alpha1.SucceededReason)
	w.Expect(message(done)).To(Equal("2 users: 1 created, 1 updated"))
	w.Expect(w.org.UserByUsername("user000200")).To(HaveKeyWithValue("department", "Sales"))
	w.once()
}
