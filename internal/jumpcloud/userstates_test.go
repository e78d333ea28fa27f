package jumpcloud_test

import (
	"encoding/json"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// newYear is an instant in a zone other than UTC.
var newYear = time.Date(2026, 12, 31, 23, 0, 0, 999, time.FixedZone("CET", 3600))

func TestScheduleStates(t *testing.T) {
	for name, test := range map[string]struct {
		schedule jumpcloud.StateSchedule
		body     string
	}{
		"suspension": {
			jumpcloud.StateSchedule{UserIDs: []string{"u1", "u2"}, State: jumpcloud.StateSuspended, StartDate: newYear},
			`{"user_ids":["u1","u2"],"state":"SUSPENDED","start_date":"2026-12-31T22:00:00Z","send_activation_emails":false}`,
		},
		"activation": {
			jumpcloud.StateSchedule{
				UserIDs: []string{"u1"}, State: jumpcloud.StateActivated, StartDate: newYear,
				SendActivationEmails: true, ActivationEmailOverride: "boss@example.org",
			},
			`{"user_ids":["u1"],"state":"ACTIVATED","start_date":"2026-12-31T22:00:00Z","send_activation_emails":true,
			  "activation_email_override":"boss@example.org"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, rec := serve(t, answers(201, `[
				{"scheduledJobId":"s1","systemUserId":"u1","scheduledDate":"2026-12-31T22:00:00.000Z","state":"SUSPENDED"},
				{"scheduledJobId":"s1","systemUserId":"u2","scheduledDate":"2026-12-31T22:00:00","state":"SUSPENDED"}]`))
			rows, err := client.ScheduleStates(t.Context(), soon(), test.schedule)
			g.Expect(err).NotTo(HaveOccurred())
			at := newYear.UTC().Truncate(time.Second)
			g.Expect(rows).To(Equal([]jumpcloud.ScheduledState{
				{ScheduledJobID: "s1", SystemUserID: "u1", ScheduledDate: at, State: jumpcloud.StateSuspended},
				{ScheduledJobID: "s1", SystemUserID: "u2", ScheduledDate: at, State: jumpcloud.StateSuspended},
			}))
			r := rec.last(t)
			g.Expect(r.Method + " " + r.Path + r.Query).To(Equal("POST /api/v2/bulk/userstates"))
			g.Expect(r.Body).To(MatchJSON(test.body))
		})
	}
}

// Without rows, the job's id is unknown, and the job must be looked for.
func TestASchedulesAnswerHasRows(t *testing.T) {
	schedule := jumpcloud.StateSchedule{UserIDs: []string{"u1"}, State: jumpcloud.StateSuspended, StartDate: newYear}
	for _, body := range []string{
		``, `[]`, `null`, `{}`, `{"scheduledJobId":"s1"}`, `[{"systemUserId":"u1"}]`, `[{"scheduledJobId":"s1"}]`, loginPage,
	} {
		g := NewWithT(t)
		client, rec := serve(t, answers(201, body))
		_, err := client.ScheduleStates(t.Context(), soon(), schedule)
		g.Expect(err).To(HaveOccurred(), body)
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unknown), body)
		g.Expect(rec.all()).To(HaveLen(1))
	}
}

func TestSchedulesThatCannotBeMeant(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(201, `[]`))
	for _, schedule := range []jumpcloud.StateSchedule{
		{State: jumpcloud.StateSuspended, StartDate: newYear},
		{State: jumpcloud.StateSuspended, UserIDs: []string{"u1"}},
	} {
		_, err := client.ScheduleStates(t.Context(), soon(), schedule)
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Refused))
	}
	g.Expect(rec.all()).To(BeEmpty())
}

func TestDatesAreReadLeniently(t *testing.T) {
	at := time.Date(2026, 9, 1, 7, 0, 0, 0, time.UTC)
	for written, want := range map[string]time.Time{
		`"2026-09-01T07:00:00Z"`:          at,
		`"2026-09-01T07:00:00.000Z"`:      at,
		`"2026-09-01T07:00:00.123456Z"`:   at.Add(123456 * time.Microsecond),
		`"2026-09-01T09:00:00+02:00"`:     at,
		`"2026-09-01T07:00:00"`:           at,
		`"2026-09-01T07:00:00.5"`:         at.Add(500 * time.Millisecond),
		`"2026-09-01"`:                    at.Add(-7 * time.Hour),
		`"2020-01-01T02:00:00"`:           time.Date(2020, 1, 1, 2, 0, 0, 0, time.UTC),
		`""`:                              {},
		`null`:                            {},
		`"tomorrow"`:                      {},
		`"2026-13-01T07:00:00Z"`:          {},
		`1788246000`:                      {},
		`{"$date":"2026-09-01T07:00:00"}`: {},
	} {
		g := NewWithT(t)
		var row jumpcloud.ScheduledState
		g.Expect(json.Unmarshal([]byte(`{"scheduledJobId":"s1","systemUserId":"u1","state":"ACTIVATED","scheduledDate":`+written+`}`), &row)).To(Succeed())
		g.Expect(row).To(Equal(jumpcloud.ScheduledState{
			ScheduledJobID: "s1", SystemUserID: "u1", State: jumpcloud.StateActivated, ScheduledDate: want,
		}), written)

		var endpoint jumpcloud.PushEndpoint
		g.Expect(json.Unmarshal([]byte(`{"id":"p1","enrollmentDate":`+written+`,"lastUsedDate":`+written+`}`), &endpoint)).To(Succeed())
		if want.IsZero() {
			g.Expect(endpoint.EnrollmentDate).To(BeNil(), written)
			g.Expect(endpoint.LastUsedDate).To(BeNil(), written)
		} else {
			g.Expect(endpoint.EnrollmentDate).To(HaveValue(Equal(want)), written)
			g.Expect(endpoint.LastUsedDate).To(HaveValue(Equal(want)), written)
		}
	}
}

func TestScheduledStatePages(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `[{"scheduledJobId":"s1","systemUserId":"u1","scheduledDate":"soon","state":"ACTIVATED","later":1}]`))
	rows, err := drain(client.ScheduledStatePages(t.Context(), jumpcloud.ScheduledStateListOptions{}))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rows).To(Equal([]jumpcloud.ScheduledState{{ScheduledJobID: "s1", SystemUserID: "u1", State: jumpcloud.StateActivated}}))
	g.Expect(rec.last(t).line()).To(Equal("GET /api/v2/bulk/userstates limit=100&skip=0"))

	_, err = drain(client.ScheduledStatePages(t.Context(), jumpcloud.ScheduledStateListOptions{UserID: "u1", Skip: 5}))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(rec.last(t).line()).To(Equal("GET /api/v2/bulk/userstates limit=100&skip=5&userid=u1"))
}

func TestCancelScheduledStates(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, sequence(answers(204, ""), answers(404, `{"message":"Not Found"}`)))
	g.Expect(client.CancelScheduledStates(t.Context(), soon(), "s1")).To(Succeed())
	g.Expect(rec.last(t).line()).To(Equal("DELETE /api/v2/bulk/userstates/s1"))
	g.Expect(jumpcloud.IsNotFound(client.CancelScheduledStates(t.Context(), soon(), "s1"))).To(BeTrue())
}
