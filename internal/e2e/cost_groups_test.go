package e2e

import (
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// manyMembers is the largest number of spec.members.
const manyMembers = 5000

// costsOfGroups count calls and writes. How long a pass takes, and how long others wait, is
// covered by the engines' tests on fake time and by the benchmarks.
var costsOfGroups = map[string]func(){
	"five thousand members": func() {
		m := newMetered(spec(), manyMembers+10)
		spent := m.crowd(manyMembers)
		m.Expect(spent.meanwhile).To(BeNumerically(">=", 1), "another group does not wait for all of it")
		m.Expect(spent.mutating).To(Equal(1+manyMembers+spent.others), "nobody is added twice")
		m.Expect(spent.progress).NotTo(BeEmpty(), "the status tells how far it is")
		m.Expect(slices.IsSorted(spent.progress)).To(BeTrue())

		reads, writes := m.rest()
		m.Expect(reads).To(Equal(manyMembers/100), "reads of members a resync")
		m.Expect(writes).To(BeEmpty())
	},
	"members at ten requests a second": func() {
		const members = 150
		m := newMetered(spec(), members+10, func(o *v1alpha1.Organization) {
			o.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: 10, Burst: 20}
		})
		spent := m.crowd(members)
		m.Expect(spent.meanwhile).To(BeNumerically(">=", 1), "another group does not wait for all of it")
	},
	"a thousand groups": func() {
		const groups, closely = 1000, 10
		m := newMetered(spec(), 5)
		m.manyGroups(groups, closely)
		cost := m.restOfGroups()
		m.Expect(len(cost.lists)).To(BeNumerically("<=", cost.intervals+1), "the list is shared: once an interval")
		m.Expect(cost.lists).To(HaveEach(readsOf(groups)))
		m.Expect(cost.single).To(BeNumerically("<=", closely*(cost.intervals+1)), "a group is read where its list row does not tell enough")
		m.Expect(cost.writes).To(BeEmpty())
	},
}

// readsOf returns how many reads a shared list of n records takes: each page begins with the
// last record of the previous one, so that none can be missed.
func readsOf(records int) int { return (records - 1 + 98) / 99 }

// crowdCost is the cost of filling a large group.
type crowdCost struct {
	cost
	// progress is the numbers of changes that the status reported as done, in order.
	progress []int
	// delay is how much longer than before another group took meanwhile, at most.
	delay time.Duration
	// others is how many calls the other groups took; meanwhile is how many of them were ready
	// before the large one was.
	others, meanwhile int
	// longest is the longest time between two writes of the large group's status.
	longest time.Duration
}

var doneOf = regexp.MustCompile(`: (\d+) of \d+ done`)

// crowd creates a group of so many members, and small ones while it is filled.
func (m *metered) crowd(members int) crowdCost {
	m.Helper()
	lines := usernames(first(members)...)
	source := m.names("everybody", lines...)
	var spent crowdCost
	small := func() time.Duration {
		began := time.Now()
		isReady(m.world, m.group(fmt.Sprintf("small-%d", spent.others), v1alpha1.UserGroupSpec{}))
		spent.others++
		return time.Since(began)
	}
	spent.cost = m.of(func() {
		alone := small()
		key := m.group("everybody", v1alpha1.UserGroupSpec{MembersFrom: []v1alpha1.MembersSource{source}})
		for done := 0; done < members*4/5; {
			took := small()
			everybody, err := read(m.world, key)
			m.Expect(err).NotTo(HaveOccurred())
			last := done
			if ready := apimeta.FindStatusCondition(everybody.Status.Conditions, v1alpha1.ReconcilingCondition); ready != nil {
				if told := doneOf.FindStringSubmatch(ready.Message); told != nil {
					done, _ = strconv.Atoi(told[1])
				}
			}
			if ready := apimeta.FindStatusCondition(everybody.Status.Conditions, v1alpha1.ReadyCondition); ready != nil && ready.Status == "True" {
				break
			}
			spent.meanwhile++
			if done != last {
				spent.progress = append(spent.progress, done)
			}
			if done > 0 {
				spent.delay = max(spent.delay, took-alone)
			}
		}
		isReady(m.world, key)
	})
	var previous time.Time
	for _, write := range m.proxy.Writes(testenv.ToStatus("usergroups")) {
		if write.Name == "everybody" {
			if !previous.IsZero() {
				spent.longest = max(spent.longest, write.At.Sub(previous))
			}
			previous = write.At
		}
	}
	return spent
}

// rounds returns the number of requests of each complete reading of a list, from its first
// page until the next first page. In the pattern, * stands for one segment.
func (m *metered) rounds(pattern string) []int {
	var rounds []int
	for _, request := range m.reads(pattern) {
		switch {
		case strings.Contains(request.Query, "skip=0"):
			rounds = append(rounds, 1)
		case len(rounds) > 0:
			rounds[len(rounds)-1]++
		}
	}
	return rounds[:max(0, len(rounds)-1)]
}

// reads returns the reads of a path.
func (m *metered) reads(pattern string) []jumpcloudtest.Request {
	return slices.DeleteFunc(m.sim.History(), func(r jumpcloudtest.Request) bool {
		matches, _ := path.Match("/api/v2"+pattern, r.Path)
		return !matches || r.Method != http.MethodGet
	})
}

// rest waits until a group of many members has been resynced, and returns how many reads of
// members that took, and what was written.
func (m *metered) rest() (reads int, writes []testenv.Write) {
	m.Helper()
	const members = "/usergroups/*/members"
	m.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval.Duration = 2 * time.Second })
	m.sim.ForgetHistory()
	quiet := len(m.groupWrites())
	m.Eventually(func() []int { return m.rounds(members) }).Should(HaveLen(2))
	rounds := m.rounds(members)
	return rounds[len(rounds)-1], m.groupWrites()[quiet:]
}

func (m *metered) groupWrites() []testenv.Write {
	return m.proxy.Writes(func(w testenv.Write) bool { return testenv.Any(w) && w.Resource == "usergroups" })
}

// manyGroups adopts groups. The first of them state what a list row does not show.
func (m *metered) manyGroups(groups, closely int) {
	m.Helper()
	var creators errgroup.Group
	creators.SetLimit(8)
	for i := range groups {
		name := fmt.Sprintf("group-%04d", i)
		m.org.AddUserGroup(jumpcloudtest.UserGroup{"name": name, "description": "one of many"})
		spec := v1alpha1.UserGroupSpec{OrganizationRef: toAcme, Description: new("one of many")}
		if i < closely {
			spec.Attributes = &v1alpha1.GroupAttributes{LDAPGroups: &[]v1alpha1.LDAPGroup{{Name: name}}}
		}
		creators.Go(func() error {
			return plane.Client.Create(m.Context(), &v1alpha1.UserGroup{ObjectMeta: m.meta(name), Spec: spec})
		})
	}
	m.Expect(creators.Wait()).To(Succeed())
	m.Eventually(m.groupsReady).Should(Equal(groups))
}

func (m *metered) groupsReady() int {
	m.Helper()
	list := &v1alpha1.UserGroupList{}
	m.Expect(m.list(list)).To(Succeed())
	ready := 0
	for i := range list.Items {
		if apimeta.IsStatusConditionTrue(list.Items[i].Status.Conditions, v1alpha1.ReadyCondition) {
			ready++
		}
	}
	return ready
}

// restCost is the cost of many objects at rest.
type restCost struct {
	// intervals is how many resync intervals passed, rounded up.
	intervals int
	// lists contains the number of requests of each reading of the list.
	lists []int
	// single is the number of reads of one object.
	single int
	writes []testenv.Write
}

// restOfGroups waits for some resyncs of many groups.
func (m *metered) restOfGroups() restCost {
	m.Helper()
	const interval = 4 * time.Second
	m.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval.Duration = interval })
	lists := func() []int { return m.rounds("/usergroups") }
	m.sim.ForgetHistory()
	m.Eventually(lists).Should(HaveLen(1)) // the reading that the longer interval had delayed
	m.sim.ForgetHistory()
	began, quiet := time.Now(), len(m.groupWrites())
	m.Eventually(lists).Should(HaveLen(3))
	return restCost{
		intervals: int(time.Since(began)/interval) + 1,
		lists:     lists(), single: len(m.reads("/usergroups/*")), writes: m.groupWrites()[quiet:],
	}
}
