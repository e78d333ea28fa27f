package jumpcloud_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// objects is a handler for lists of API v2 with that many records, m0 and so on. It sends
// x-total-count unless total is empty.
func objects(records int, total string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		skip, _ := strconv.Atoi(r.URL.Query().Get("skip"))
		page := []map[string]any{}
		for i := skip; i < min(records, skip+limit); i++ {
			page = append(page, map[string]any{"to": map[string]any{"id": fmt.Sprint("m", i), "type": "user"}})
		}
		if total != "" {
			w.Header().Set("X-Total-Count", total)
		}
		_ = json.NewEncoder(w).Encode(page)
	}
}

func TestPages(t *testing.T) {
	for name, test := range map[string]struct {
		records int
		total   string
		skip    int
		pages   []int
		known   int // what Page.Total says
	}{
		"none":                       {0, "0", 0, []int{0}, 0},
		"none, no total":             {0, "", 0, []int{0}, -1},
		"some":                       {7, "7", 0, []int{7}, 7},
		"some, no total":             {7, "", 0, []int{7}, -1},
		"full page":                  {100, "100", 0, []int{100}, 100},
		"full page, no total":        {100, "", 0, []int{100, 0}, -1},
		"several":                    {250, "250", 0, []int{100, 100, 50}, 250},
		"several, no total":          {250, "", 0, []int{100, 100, 50}, -1},
		"from a skip":                {250, "250", 120, []int{100, 30}, 250},
		"from a skip, no total":      {250, "", 120, []int{100, 30}, -1},
		"past the end":               {10, "10", 20, []int{0}, 10},
		"total that is too small":    {150, "3", 0, []int{100, 50}, 3},
		"total of what is not shown": {30, "90", 0, []int{30, 0}, 90},
		"total that is no number":    {150, "many", 0, []int{100, 50}, -1},
		"total below zero":           {150, "-1", 0, []int{100, 50}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, rec := serve(t, objects(test.records, test.total))
			var sizes []int
			next := test.skip
			for page, err := range client.UserGroupMemberPages(t.Context(), "g1", test.skip) {
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(page.Skip).To(Equal(next))
				g.Expect(page.Total).To(Equal(test.known))
				for i, member := range page.Items {
					g.Expect(member).To(Equal(jumpcloud.GraphObject{ID: fmt.Sprint("m", next+i), Type: "user"}))
				}
				next += len(page.Items)
				sizes = append(sizes, len(page.Items))
				g.Expect(page.Last()).To(Equal(len(sizes) == len(test.pages)))
			}
			g.Expect(sizes).To(Equal(test.pages))
			g.Expect(rec.all()).To(HaveLen(len(test.pages)))
			skip := test.skip
			for i, r := range rec.all() {
				g.Expect(r.Query).To(Equal(fmt.Sprintf("limit=100&skip=%d", skip)))
				skip += sizes[i]
			}
		})
	}
}

// A server may give fewer records than were asked for.
func TestShortPagesAreNotTheEndOfAKnownTotal(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		query.Set("limit", "2")
		r.URL.RawQuery = query.Encode()
		objects(5, "5")(w, r)
	})
	for _, err := range client.UserGroupMemberPages(t.Context(), "g1", 0) {
		g.Expect(err).NotTo(HaveOccurred())
	}
	var queries []string
	for _, r := range rec.all() {
		queries = append(queries, r.Query)
	}
	g.Expect(queries).To(Equal([]string{"limit=100&skip=0", "limit=100&skip=2", "limit=100&skip=4"}))
}

func TestPagesAreReadOneAtATimeUntilAnError(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, sequence(objects(1000, "1000"), answers(500, "")))
	for _, err := range client.UserGroupMemberPages(t.Context(), "g1", 0) {
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(rec.all()).To(HaveLen(1))
		break
	}
	g.Expect(rec.all()).To(HaveLen(1))

	client, _ = serve(t, sequence(objects(1000, "1000"), answers(500, "")))
	var got []string
	for page, err := range client.UserGroupMemberPages(t.Context(), "g1", 0) {
		got = append(got, fmt.Sprintf("page %t, error %t", page != nil, err != nil))
	}
	g.Expect(got).To(Equal([]string{"page true, error false", "page false, error true"}))
}

// Anything but a list, or a list of something else, must not pass for an empty one: members
// would seem to be missing, and groups would be created again.
func TestListsOfVersion2MustBeLists(t *testing.T) {
	const page = `[{"id":"a","to":{"id":"a"},"object":{"id":"a"},"scheduledJobId":"a","systemUserId":"a"}]`
	for body, ok := range map[string]bool{
		`[]`: true, `null`: true, page: true,
		`{}`: false, `{"results":[]}`: false, `{"message":"welcome"}`: false, `[{}]`: false, `[null]`: false,
		`[1]`: false, `[{"to":"a"}]`: false, `[{"id":""}]`: false, `[`: false, ``: false, loginPage: false,
	} {
		client, _ := serve(t, answers(200, body))
		for name, list := range lists(client) {
			g := NewWithT(t)
			err := list(t.Context())
			g.Expect(err == nil).To(Equal(ok), "%s of %q: %v", name, body, err)
			if err != nil {
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable), "%s of %q", name, body)
			}
		}
	}
}

// lists are all lists of API v2 whose records have ids.
func lists(client *jumpcloud.Client) map[string]func(ctx context.Context) error {
	return map[string]func(context.Context) error{
		"groups": func(ctx context.Context) error {
			_, err := drain(client.UserGroupPages(ctx, jumpcloud.UserGroupListOptions{}))
			return err
		},
		"members": func(ctx context.Context) error {
			_, err := drain(client.UserGroupMemberPages(ctx, "g1", 0))
			return err
		},
		"states": func(ctx context.Context) error {
			_, err := drain(client.ScheduledStatePages(ctx, jumpcloud.ScheduledStateListOptions{}))
			return err
		},
		"Workday instances": func(ctx context.Context) error {
			_, err := drain(client.WorkdayInstancePages(ctx, 0))
			return err
		},
		"push endpoints": func(ctx context.Context) error {
			_, err := client.ListPushEndpoints(ctx, "u1")
			return err
		},
	}
}

// drain reads a list to its end.
func drain[T any](pages func(func(*jumpcloud.Page[T], error) bool)) ([]T, error) {
	var all []T
	for page, err := range pages {
		if err != nil {
			return all, err
		}
		all = append(all, page.Items...)
	}
	return all, nil
}

// line returns a request as the tables of the wire format write it.
func (r recorded) line() string {
	parts := []string{r.Method, r.Path, r.Query, r.Body}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}
