package e2e

import (
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// costsOfUsers count calls and writes. The benchmarks cover the cost and the memory of many
// more Users.
var costsOfUsers = map[string]func(){
	"Users at rest": func() {
		const many = 300
		m := newMetered(spec(), many)
		m.everybody(many)
		cost := m.restOfUsers()
		m.Expect(len(cost.lists)).To(BeNumerically("<=", cost.intervals+1), "the list is shared: once an interval")
		m.Expect(cost.lists).To(HaveEach(BeNumerically("<=", readsOf(many)+1)))
		m.Expect(cost.single).To(BeZero(), "nobody is read alone")
		m.Expect(cost.writes).To(BeEmpty())
		m.Expect(m.mutations()).To(BeZero())

		restart := m.restartWithUsers()
		m.Expect(restart.mutating).To(BeZero())
		m.Expect(restart.writes).To(BeZero())
		m.Expect(restart.requests).To(BeNumerically("<=", readsOf(many)+4), "one reading, and the check of the credentials")
		m.Expect(m.oneUserChanges(many / 2).besides).To(BeNumerically("<=", 5))
	},
	"Users suspended at once": func() { suspendedAtOnce(newMetered(spec(), 200, often), 100, 20) },
}

// suspendedAtOnce suspends many Users at once, in a window that has room for some of them. The
// rest waits under one hash, and approving it releases exactly the rest.
func suspendedAtOnce(m *metered, many, room int) {
	m.Helper()
	m.everybody(many)
	cost := m.of(func() {
		m.eachOf(many, func(i int) error {
			amend(m.world, m.userObject(username(i)), func(o *v1alpha1.User) { o.Spec.State = new(v1alpha1.UserStateSuspended) })
			return nil
		})
		m.Eventually(m.personsBy).Should(Equal(map[string]int{
			v1alpha1.UpToDateReason: room, v1alpha1.ApprovalRequiredReason: many - room,
		}))
	})
	m.Expect(cost.mutating).To(Equal(room))
	m.Expect(m.suspended()).To(Equal(room))
	var withheld *v1alpha1.WithheldStatus
	m.Eventually(func() int32 {
		if withheld = get(m.world, &v1alpha1.Organization{}, "acme").Status.Withheld; withheld == nil {
			return 0
		}
		return withheld.Changes
	}).Should(Equal(int32(many - room)))
	m.silent()

	m.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = withheld.Hash })
	m.Eventually(m.personsBy).Should(Equal(map[string]int{v1alpha1.UpToDateReason: many}))
	m.Expect(m.suspended()).To(Equal(many))
	m.Expect(m.mutations()).To(Equal(many), "each is suspended once, and nobody else")
	m.Eventually(func() *v1alpha1.WithheldStatus { return get(m.world, &v1alpha1.Organization{}, "acme").Status.Withheld }).Should(BeNil())
}

// suspended returns how many users of the directory are suspended.
func (m *metered) suspended() int {
	return len(slices.DeleteFunc(m.org.Users(), func(u jumpcloudtest.User) bool { return u["state"] != "SUSPENDED" }))
}

// everybody creates a User for each generated user, and waits until all are adopted.
func (m *metered) everybody(n int) {
	m.Helper()
	m.eachOf(n, func(i int) error {
		o := m.userObject(username(i))
		o.Spec = v1alpha1.UserSpec{OrganizationRef: toAcme, UserRow: v1alpha1.UserRow{Email: new(o.Name + "@example.org")}}
		o.Spec.State = new(v1alpha1.UserStateActivated)
		return plane.Client.Create(m.Context(), o)
	})
	m.Eventually(m.personsBy).Should(Equal(map[string]int{v1alpha1.UpToDateReason: n}))
}

// userLists returns the number of requests of each reading of the user list since the history
// was forgotten, except the last reading, and the number of other reads of users.
func (m *metered) userLists() (lists []int, others int) {
	for _, r := range m.sim.History() {
		switch {
		case r.Method == http.MethodGet && r.Path == "/api/systemusers" && strings.Contains(r.Query, "limit=100"):
			if strings.Contains(r.Query, "skip=0") {
				lists = append(lists, 0)
			}
			if len(lists) > 0 {
				lists[len(lists)-1]++
			}
		case strings.Contains(r.Path, "systemusers") && !strings.Contains(r.Query, "limit=1&"):
			others++
		}
	}
	return lists[:max(0, len(lists)-1)], others
}

// userWrites returns the writes so far to Users and their statuses.
func (m *metered) userWrites() []testenv.Write {
	return m.proxy.Writes(func(w testenv.Write) bool { return testenv.Any(w) && w.Resource == "users" })
}

// writes returns the writes so far to Kubernetes.
func (m *metered) writes() []testenv.Write { return m.proxy.Writes(testenv.Any) }

// restOfUsers waits for a resync of Users at rest.
func (m *metered) restOfUsers() restCost {
	m.Helper()
	const interval = 10 * time.Second
	m.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval.Duration = interval })
	lists := func() []int { all, _ := m.userLists(); return all }
	m.sim.ForgetHistory()
	m.Eventually(lists).Should(HaveLen(1)) // the reading that the longer interval had delayed
	m.sim.ForgetHistory()
	began, quiet := time.Now(), len(m.writes())
	m.Eventually(lists).Should(HaveLen(2))
	all, others := m.userLists()
	return restCost{intervals: int(time.Since(began)/interval) + 1, lists: all, single: others, writes: m.writes()[quiet:]}
}

// restartWithUsers restarts the operator of Users at rest, with a resync interval of an hour,
// and returns the cost until it is at rest again.
func (m *metered) restartWithUsers() cost {
	m.Helper()
	m.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval.Duration = time.Hour })
	isReady(m.world, &v1alpha1.Organization{ObjectMeta: m.meta("acme")}) // the change is none of the restart's
	m.Expect(m.operator.Kill()).To(Succeed())
	m.sim.ForgetHistory()
	writes := len(m.writes())
	spent := m.of(func() {
		m.start()
		for last := -1; ; {
			var now int
			m.Consistently(func() int { now = len(m.sim.History()); return now }, "2s", "2s").ShouldNot(BeNumerically("<", 0))
			if now == last && now > 3 {
				return
			}
			last = now
		}
	})
	spent.writes = len(m.writes()) - writes
	return spent
}

// changeCost is the cost of a change of one User among many.
type changeCost struct {
	// live is how long it took until JumpCloud had the change.
	live time.Duration
	// besides is the number of requests besides those of the job.
	besides int
}

// oneUserChanges edits one of many Users.
func (m *metered) oneUserChanges(i int) changeCost {
	m.Helper()
	m.sim.ForgetHistory()
	jobs := len(m.org.Jobs())
	began := time.Now()
	key := m.userObject(username(i))
	amend(m.world, key, func(o *v1alpha1.User) { o.Spec.Department = new("Looms") })
	isReady(m.world, key)
	m.Expect(m.org.UserByUsername(username(i))).To(HaveKeyWithValue("department", "Looms"))
	m.Expect(m.org.Jobs()).To(HaveLen(jobs + 1))
	besides := slices.DeleteFunc(m.sim.History(), func(r jumpcloudtest.Request) bool { return strings.HasPrefix(r.Path, bulkUsers) })
	return changeCost{live: m.org.Jobs()[jobs].EndedAt.Sub(began), besides: len(besides)}
}

// userStatusWrites returns the writes so far to the statuses of Users.
func (m *metered) userStatusWrites() []testenv.Write {
	return m.proxy.Writes(testenv.ToStatus("users"))
}

func slowJobs(b *jumpcloudtest.Behavior) { b.JobDuration = 2 * time.Second }
