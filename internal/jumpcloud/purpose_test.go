package jumpcloud_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const writerKey = "key-of-the-writer-0123456789"

func withKeys(reading, writing jumpcloud.Credentials) func(*jumpcloud.Options) {
	return func(o *jumpcloud.Options) { o.Credentials = jumpcloud.Separate(reading, writing) }
}

// Every read, including searches, uses the one key, and every mutating call the other: the
// simulator refuses mutating calls with the read-only key, and the test compares the keys that
// arrive.
func TestEachCallUsesTheCredentialsForItsPurpose(t *testing.T) {
	g := NewWithT(t)
	sim := jumpcloudtest.New()
	org := sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: writerKey, Users: 3})
	sim.AddCredential(jumpcloudtest.Credential{APIKey: testKey, Organizations: []string{org.ID()}, ReadOnly: true, Email: "reader"})
	client := newClient(t, "http://jumpcloud.test", withKeys(jumpcloud.APIKey(testKey), jumpcloud.APIKey(writerKey)), inProcess(sim), func(o *jumpcloud.Options) {
		o.OrganizationID = org.ID()
	})
	g.Expect(client.ReadOnly()).To(BeFalse())
	g.Expect(client.MayWrite()).To(Succeed())
	users, err := listAndSearch(t, client)
	g.Expect(err).NotTo(HaveOccurred())
	_, err = client.UpdateUser(t.Context(), soon(), users[0], jumpcloud.UserUpdate{UserAttributes: jumpcloud.UserAttributes{State: new(jumpcloud.StateSuspended)}})
	g.Expect(err).NotTo(HaveOccurred())
	group, err := client.CreateUserGroup(t.Context(), soon(), jumpcloud.UserGroupInput{Name: "engines"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(client.DeleteUserGroup(t.Context(), soon(), group.ID)).To(Succeed())
	for _, purpose := range []jumpcloud.Purpose{jumpcloud.Reading, jumpcloud.Writing} {
		_, err = client.ListOrganizationsFor(t.Context(), purpose)
		g.Expect(err).NotTo(HaveOccurred())
	}
	var sent []string
	for _, r := range sim.History() {
		sent = append(sent, r.Method+" "+r.Administrator)
	}
	g.Expect(sent).To(Equal([]string{
		"GET reader", "POST reader", "PUT admin@example.org", "POST admin@example.org", "DELETE admin@example.org", "GET reader", "GET admin@example.org",
	}))
}

// listAndSearch reads the users both by a list and by a search.
func listAndSearch(t *testing.T, client *jumpcloud.Client) (ids []string, err error) {
	t.Helper()
	for _, pages := range []func(func(*jumpcloud.UserPage, error) bool){
		client.UserPages(t.Context(), jumpcloud.UserListOptions{}), client.SearchUserPages(t.Context(), jumpcloud.UserSearch{}),
	} {
		for page, err := range pages {
			if err != nil {
				return nil, err
			}
			for i := range page.Users {
				ids = append(ids, page.Users[i].ID)
			}
		}
	}
	return ids, nil
}

// Without credentials for mutating calls, or with credentials that are known to be rejected,
// no mutating call is sent or takes a token of the limiter.
func TestWithoutCredentialsForItNothingIsChanged(t *testing.T) {
	for name, test := range map[string]struct {
		writing  jumpcloud.Credentials
		class    jumpcloud.Class
		readOnly bool
	}{
		"none":     {nil, jumpcloud.NotSent, true},
		"unusable": {jumpcloud.Unusable(), jumpcloud.Auth, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, rec := serve(t, aUser, withKeys(jumpcloud.APIKey(testKey), test.writing), limiter(jumpcloud.NewLimiter(0.001, 1)))
			g.Expect(client.ReadOnly()).To(Equal(test.readOnly))
			_, admission := client.Admit(t.Context(), jumpcloud.Normal)
			_, update := client.UpdateUser(t.Context(), soon(), "u", jumpcloud.UserUpdate{})
			for _, err := range []error{client.MayWrite(), admission, update, startSomeJob(t.Context(), client, soon())} {
				g.Expect(err).To(HaveOccurred())
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(test.class), "%v", err)
				g.Expect(jumpcloud.PurposeOf(err)).To(Equal(jumpcloud.Writing))
				g.Expect(jumpcloud.PossiblyAuth(err)).To(Equal(test.class == jumpcloud.Auth))
			}
			g.Expect(rec.all()).To(BeEmpty())
			_, err := client.GetUser(t.Context(), "u")
			g.Expect(err).NotTo(HaveOccurred())
		})
	}
}

func TestAClientGoesOnWithoutWriting(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, aUser)
	without := client.WithoutWriting()
	g.Expect(client.MayWrite()).To(Succeed())
	g.Expect(jumpcloud.ClassOf(without.MayWrite())).To(Equal(jumpcloud.Auth))
	_, err := without.GetUser(t.Context(), "u")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rec.all()).To(HaveLen(1))
}

func TestErrorsTellWhichCredentialsTheyAreAbout(t *testing.T) {
	g := NewWithT(t)
	client, _ := serve(t, answers(401, ""), withKeys(jumpcloud.APIKey(testKey), jumpcloud.APIKey(writerKey)))
	_, read := client.GetUser(t.Context(), "u")
	_, check := client.ListOrganizationsFor(t.Context(), jumpcloud.Writing)
	g.Expect(jumpcloud.PurposeOf(read)).To(Equal(jumpcloud.Reading))
	g.Expect(jumpcloud.PurposeOf(check)).To(Equal(jumpcloud.Writing))
	g.Expect(jumpcloud.PurposeOf(startSomeJob(t.Context(), client, soon()))).To(Equal(jumpcloud.Writing))
}

func TestSeparateCredentialsAreChecked(t *testing.T) {
	g := NewWithT(t)
	good, bad := jumpcloud.APIKey(testKey), jumpcloud.APIKey("line\nbreak")
	for _, credentials := range []jumpcloud.Credentials{jumpcloud.Separate(bad, good), jumpcloud.Separate(good, bad), jumpcloud.Separate(nil, good)} {
		_, err := jumpcloud.New(jumpcloud.Options{BaseURL: "https://jumpcloud.test", Credentials: credentials})
		g.Expect(err).To(HaveOccurred())
		g.Expect(fmt.Sprintf("%v %+v %#v", credentials, credentials, credentials)).NotTo(Or(ContainSubstring("line"), ContainSubstring(testKey)))
	}
}

// A 401 to a token that was replaced meanwhile does not discard the fresh one.
func TestALate401DropsNoFreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		tokens := &issuer{lifetime: time.Hour}
		late := make(chan struct{})
		client, rec := carryWithTokens(t, tokens, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Header.Get("Authorization") != "Bearer token-1":
				aUser(w, r)
			case r.URL.Path[len(r.URL.Path)-4:] == "late":
				<-late
				w.WriteHeader(http.StatusUnauthorized)
			default:
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		get := func(id string) {
			_, err := client.GetUser(t.Context(), id)
			g.Expect(err).NotTo(HaveOccurred())
		}
		var group sync.WaitGroup
		group.Go(func() { get("late") })
		synctest.Wait()
		get("u") // gets a 401, and renews the token
		close(late)
		group.Wait()
		get("u")
		g.Expect(rec.last(t).Header.Get("Authorization")).To(Equal("Bearer token-2"))
		g.Expect(tokens.issued.Load()).To(Equal(int32(2)))
	})
}
