package jumpcloud_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestPushEndpoints(t *testing.T) {
	const phone = `{"id":"p1","name":"Ada's phone","state":"active","enrollmentDate":"2026-02-01T10:00:00Z",
		"lastUsedDate":null,"later":1,
		"device":{"appVersion":"2.0.0","make":"Acme","model":"One","os":"iOS","osVersion":"18.1","uvEnabled":true}}`
	adas := jumpcloud.PushEndpoint{
		ID: "p1", Name: "Ada's phone", State: jumpcloud.PushEndpointActive,
		EnrollmentDate: new(time.Date(2026, 2, 1, 10, 0, 0, 0, time.UTC)),
		Device: jumpcloud.PushDevice{
			AppVersion: "2.0.0", Make: "Acme", Model: "One", OS: "iOS", OSVersion: "18.1", UVEnabled: true,
		},
	}
	g := NewWithT(t)
	client, rec := serve(t, sequence(
		answers(200, `[`+phone+`,{"id":"p2","state":"pending","device":null}]`),
		answers(200, phone),
	))
	all, err := client.ListPushEndpoints(t.Context(), "u1")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(all).To(Equal([]jumpcloud.PushEndpoint{adas, {ID: "p2", State: "pending"}}))

	one, err := client.GetPushEndpoint(t.Context(), "u1", "p1")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(*one).To(Equal(adas))

	updated, err := client.UpdatePushEndpoint(t.Context(), soon(), "u1", "p1",
		jumpcloud.PushEndpointUpdate{Name: new("Ada's phone"), State: new(jumpcloud.PushEndpointInactive)})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(*updated).To(Equal(adas))
	g.Expect(client.DeletePushEndpoint(t.Context(), soon(), "u1", "p1")).To(Succeed()) // 200 with the object.

	var lines []string
	for _, r := range rec.all() {
		lines = append(lines, r.line())
	}
	g.Expect(lines).To(Equal([]string{
		`GET /api/v2/users/u1/pushendpoints`,
		`GET /api/v2/users/u1/pushendpoints/p1`,
		`PATCH /api/v2/users/u1/pushendpoints/p1 {"name":"Ada's phone","state":"inactive"}`,
		`DELETE /api/v2/users/u1/pushendpoints/p1`,
	}))
}

// JumpCloud refuses members that it does not know, so members that are not changed must be
// absent.
func TestPushEndpointUpdatesSayOnlyWhatChanges(t *testing.T) {
	for body, update := range map[string]jumpcloud.PushEndpointUpdate{
		`{"name":""}`:        {Name: new("")},
		`{"state":"active"}`: {State: new(jumpcloud.PushEndpointActive)},
	} {
		g := NewWithT(t)
		client, rec := serve(t, answers(200, `{"id":"p1"}`))
		_, err := client.UpdatePushEndpoint(t.Context(), soon(), "u1", "p1", update)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(rec.last(t).Body).To(Equal(body))
	}
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `{"id":"p1"}`))
	_, err := client.UpdatePushEndpoint(t.Context(), soon(), "u1", "p1", jumpcloud.PushEndpointUpdate{})
	g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Refused))
	g.Expect(rec.all()).To(BeEmpty())
}
