package workdayreport

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// report is a server of one list, which may change before each of its pages.
type report struct {
	workers  []string // email addresses
	total    bool
	onPage   func(r *report, page int)
	requests int
}

func (r *report) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.requests++
	if r.onPage != nil {
		r.onPage(r, r.requests)
	}
	skip, _ := strconv.Atoi(request.URL.Query().Get("skip"))
	limit, _ := strconv.Atoi(request.URL.Query().Get("limit"))
	page := []map[string]string{}
	for _, email := range r.workers[min(skip, len(r.workers)):min(skip+limit, len(r.workers))] {
		page = append(page, map[string]string{"email": email})
	}
	w.Header().Set("Content-Type", "application/json")
	if r.total {
		w.Header().Set("X-Total-Count", strconv.Itoa(len(r.workers)))
	}
	_ = json.NewEncoder(w).Encode(page)
}

// client returns a client of a server for the report.
func (r *report) client(t *testing.T) *jumpcloud.Client {
	t.Helper()
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	client, err := jumpcloud.New(jumpcloud.Options{
		BaseURL: server.URL, Credentials: jumpcloud.APIKey("key"), Limiter: jumpcloud.NewLimiter(1000, 1000),
	})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return client
}

func emails(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("worker%05d@example.org", i)
	}
	return all
}

// readAll reads all workers, and returns their addresses.
func readAll(t *testing.T, r *report) ([]string, error) {
	t.Helper()
	reading, client := NewReading("65f1c0ffee65f1c0ffee4001"), r.client(t)
	for {
		err := reading.Advance(t.Context(), client)
		if errors.Is(err, directory.ErrReading) {
			continue
		}
		var read []string
		for _, worker := range reading.Take() {
			read = append(read, worker.Email)
		}
		return read, err
	}
}

func TestAllWorkersAreRead(t *testing.T) {
	for _, total := range []bool{true, false} {
		for _, n := range []int{0, 1, 99, 100, 101, 199, 250} {
			t.Run(fmt.Sprintf("%d, total: %t", n, total), func(t *testing.T) {
				g := NewWithT(t)
				read, err := readAll(t, &report{workers: emails(n), total: total})
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(read).To(HaveLen(n))
				if n > 0 {
					g.Expect(read).To(Equal(emails(n)))
				}
			})
		}
	}
}

// The same worker twice counts as two workers: the reading does not judge whether that is
// right.
func TestWorkersWhoAreListedTwice(t *testing.T) {
	g := NewWithT(t)
	workers := emails(250)
	for i := 90; i < 110; i++ {
		workers[i] = workers[90]
	}
	read, err := readAll(t, &report{workers: workers, total: true})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(read).To(Equal(workers))
}

// A worker disappears from the report while it is read, so that all others move up: the report
// is read again, and no worker is missed.
func TestTheReportChangesWhileItIsRead(t *testing.T) {
	g := NewWithT(t)
	r := &report{workers: emails(250), total: true, onPage: func(r *report, page int) {
		if page == 2 {
			r.workers = r.workers[1:]
		}
	}}
	read, err := readAll(t, r)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(read).To(Equal(emails(250)[1:]))

	restless := &report{workers: emails(2500), total: true, onPage: func(r *report, page int) {
		if page > 1 {
			r.workers = r.workers[1:]
		}
	}}
	_, err = readAll(t, restless)
	g.Expect(err).To(MatchError(directory.ErrIncomplete))
}

func TestTotal(t *testing.T) {
	g := NewWithT(t)
	known, unknown := &report{workers: emails(250), total: true}, &report{workers: emails(250)}
	g.Expect(Total(t.Context(), known.client(t), "65f1c0ffee65f1c0ffee4001")).To(Equal(250))
	g.Expect(Total(t.Context(), unknown.client(t), "65f1c0ffee65f1c0ffee4001")).To(Equal(-1))
	g.Expect(known.requests).To(Equal(1))
}
