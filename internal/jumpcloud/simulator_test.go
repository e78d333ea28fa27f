package jumpcloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// simulate starts the simulator, which was written from the same documents but shares no code
// with the client: if the two disagree, one of them has misread the documents.
func simulate(t *testing.T, users int) (*jumpcloud.Client, *jumpcloudtest.Organization) {
	t.Helper()
	simulator := jumpcloudtest.New()
	url := simulator.Start(t)
	org := simulator.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: testKey, Users: users})
	return newClient(t, url, func(o *jumpcloud.Options) { o.OrganizationID = org.ID() }), org
}

// inProcess hands requests to the simulator without a network, so that tests can run on fake
// time.
func inProcess(sim *jumpcloudtest.Server) func(*jumpcloud.Options) {
	return func(o *jumpcloud.Options) {
		o.Transport = carrier(func(r *http.Request) (*http.Response, error) {
			if r.Body == nil {
				r.Body = http.NoBody
			}
			w := httptest.NewRecorder()
			sim.ServeHTTP(w, r)
			return w.Result(), nil
		})
	}
}

func userIDs(org *jumpcloudtest.Organization) []string {
	var ids []string
	for _, user := range org.Users() {
		ids = append(ids, user["_id"].(string))
	}
	return ids
}

func TestUserGroupsOfTheSimulator(t *testing.T) {
	g := NewWithT(t)
	client, org := simulate(t, 120)
	users := userIDs(org)

	group, err := client.CreateUserGroup(t.Context(), soon(), jumpcloud.UserGroupInput{Name: "engines", Description: "d", MembershipMethod: jumpcloud.MembershipStatic})
	g.Expect(err).NotTo(HaveOccurred())
	_, err = client.CreateUserGroup(t.Context(), soon(), jumpcloud.UserGroupInput{Name: "engines"})
	g.Expect(jumpcloud.IsAlreadyExists(err)).To(BeTrue())

	for _, id := range users {
		g.Expect(client.AddUserGroupMember(t.Context(), soon(), group.ID, id)).To(Succeed())
	}
	g.Expect(client.AddUserGroupMember(t.Context(), soon(), group.ID, users[0])).To(Succeed(), "a member already")
	members, err := drain(client.UserGroupMemberPages(t.Context(), group.ID, 0))
	g.Expect(err).NotTo(HaveOccurred())
	var ids []string
	for _, member := range members {
		ids = append(ids, member.ID)
	}
	g.Expect(ids).To(ConsistOf(users))

	g.Expect(client.RemoveUserGroupMember(t.Context(), soon(), group.ID, users[0])).To(Succeed())
	g.Expect(client.RemoveUserGroupMember(t.Context(), soon(), group.ID, users[0])).To(Succeed(), "no member any more")
	g.Expect(org.Members(group.ID)).To(HaveLen(len(users) - 1))
	g.Expect(jumpcloud.IsNotFound(client.AddUserGroupMember(t.Context(), soon(), group.ID, testJob))).To(BeTrue(), "no such user")
	g.Expect(jumpcloud.IsGroupNotFound(client.AddUserGroupMember(t.Context(), soon(), testJob, users[0]))).To(BeTrue(), "no such group")

	// The default of ldapGroups stays when the group is renamed.
	in := group.Input()
	in.Name = "motors"
	_, err = client.UpdateUserGroup(t.Context(), soon(), group.ID, in)
	g.Expect(err).NotTo(HaveOccurred())
	renamed, err := client.GetUserGroup(t.Context(), group.ID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(renamed.Input()).To(Equal(in))
	g.Expect(string(renamed.Attributes["ldapGroups"])).To(Equal(`[{"name":"engines"}]`))

	g.Expect(client.DeleteUserGroup(t.Context(), soon(), group.ID)).To(Succeed())
	_, err = client.GetUserGroup(t.Context(), group.ID)
	g.Expect(jumpcloud.IsNotFound(err)).To(BeTrue())
}

func TestDynamicUserGroupsOfTheSimulator(t *testing.T) {
	for name, query := range map[string]string{"classic": classicQuery, "DSL": dslQuery} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, org := simulate(t, 2)
			exempt := jumpcloud.GraphObject{ID: userIDs(org)[0], Type: "user"}
			group, err := client.CreateUserGroup(t.Context(), soon(), jumpcloud.UserGroupInput{
				Name: "engines", MembershipMethod: jumpcloud.MembershipDynamicAutomated, MemberQuery: json.RawMessage(query),
				MemberQueryExemptions: []jumpcloud.GraphObject{exempt},
			})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(group.MemberQuery).To(MatchJSON(query))

			in := group.Input()
			in.MembershipMethod, in.MemberQuery, in.MemberQueryExemptions = jumpcloud.MembershipStatic, jumpcloud.NoMemberQuery, []jumpcloud.GraphObject{}
			group, err = client.UpdateUserGroup(t.Context(), soon(), group.ID, in)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(group.MemberQuery).To(BeNil())
			g.Expect(group.MemberQueryExemptions).To(BeEmpty())
		})
	}
}

func TestUserGroupListsOfTheSimulator(t *testing.T) {
	for name, behave := range map[string]func(*jumpcloudtest.Behavior){
		"likely":   func(*jumpcloudtest.Behavior) {},
		"no total": func(b *jumpcloudtest.Behavior) { b.OmitTotalHeader = true },
		"shuffled": func(b *jumpcloudtest.Behavior) { b.ShuffleUnsorted = true },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, org := simulate(t, 0)
			org.Configure(behave)
			for i := range 250 {
				org.AddUserGroup(jumpcloudtest.UserGroup{"name": fmt.Sprintf("group %d", i)})
			}
			groups, err := drain(client.UserGroupPages(t.Context(), jumpcloud.UserGroupListOptions{}))
			g.Expect(err).NotTo(HaveOccurred())
			names := map[string]bool{}
			for _, group := range groups {
				names[group.Name] = true
			}
			g.Expect(groups).To(HaveLen(250))
			g.Expect(names).To(HaveLen(250))

			one, err := drain(client.UserGroupPages(t.Context(), jumpcloud.UserGroupListOptions{Name: "group 7"}))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(one).To(HaveLen(1))
			g.Expect(one[0].Name).To(Equal("group 7"))
		})
	}
}

func TestScheduledStatesOfTheSimulator(t *testing.T) {
	for _, format := range []jumpcloudtest.DateFormat{jumpcloudtest.DateSeconds, jumpcloudtest.DateMilliseconds, jumpcloudtest.DateZoneless} {
		t.Run(string(format), func(t *testing.T) {
			g := NewWithT(t)
			client, org := simulate(t, 100)
			org.Configure(func(b *jumpcloudtest.Behavior) { b.ScheduledDateFormat = format })
			users := userIDs(org)
			at := time.Now().Add(time.Hour).Truncate(time.Second).In(time.FixedZone("CET", 3600))
			schedule := func(state jumpcloud.State) string {
				rows, err := client.ScheduleStates(t.Context(), soon(), jumpcloud.StateSchedule{UserIDs: users, State: state, StartDate: at})
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(rows).To(HaveLen(len(users)))
				for _, row := range rows {
					g.Expect(row.ScheduledJobID).To(Equal(rows[0].ScheduledJobID))
					g.Expect(row.ScheduledDate).To(Equal(at.UTC()))
					g.Expect(row.State).To(Equal(state))
				}
				return rows[0].ScheduledJobID
			}
			first := schedule(jumpcloud.StateSuspended)
			schedule(jumpcloud.StateActivated)

			all, err := drain(client.ScheduledStatePages(t.Context(), jumpcloud.ScheduledStateListOptions{}))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(all).To(HaveLen(2 * len(users)))
			ofOne, err := drain(client.ScheduledStatePages(t.Context(), jumpcloud.ScheduledStateListOptions{UserID: users[0]}))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(ofOne).To(HaveLen(2))

			g.Expect(client.CancelScheduledStates(t.Context(), soon(), first)).To(Succeed())
			g.Expect(jumpcloud.IsNotFound(client.CancelScheduledStates(t.Context(), soon(), first))).To(BeTrue())
			all, err = drain(client.ScheduledStatePages(t.Context(), jumpcloud.ScheduledStateListOptions{}))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(all).To(HaveLen(len(users)))
		})
	}
}

func TestPushEndpointsOfTheSimulator(t *testing.T) {
	g := NewWithT(t)
	client, org := simulate(t, 1)
	user := userIDs(org)[0]
	none, err := client.ListPushEndpoints(t.Context(), user)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(none).To(BeEmpty())

	id := org.AddPushEndpoint(user, jumpcloudtest.PushEndpoint{"name": "phone", "device": map[string]any{"make": "Acme"}})
	all, err := client.ListPushEndpoints(t.Context(), user)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(all).To(HaveLen(1))
	g.Expect(all[0].ID).To(Equal(id))
	g.Expect(all[0].EnrollmentDate).NotTo(BeNil())
	g.Expect(all[0].Device.Make).To(Equal("Acme"))

	updated, err := client.UpdatePushEndpoint(t.Context(), soon(), user, id, jumpcloud.PushEndpointUpdate{State: new(jumpcloud.PushEndpointInactive)})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(updated.State).To(Equal(jumpcloud.PushEndpointInactive))
	g.Expect(updated.Name).To(Equal("phone"))
	one, err := client.GetPushEndpoint(t.Context(), user, id)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(one).To(Equal(updated))

	g.Expect(client.DeletePushEndpoint(t.Context(), soon(), user, id)).To(Succeed())
	g.Expect(jumpcloud.IsNotFound(client.DeletePushEndpoint(t.Context(), soon(), user, id))).To(BeTrue())
	_, err = client.ListPushEndpoints(t.Context(), testJob)
	g.Expect(jumpcloud.IsNotFound(err)).To(BeTrue(), "no such user")
}
