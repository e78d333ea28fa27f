package submission

import (
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// pages serves records from skip on, as JumpCloud does, and counts requests.
func pages(records []jumpcloud.JobResult, skip int, requests *int) iter.Seq2[[]jumpcloud.JobResult, error] {
	return func(yield func([]jumpcloud.JobResult, error) bool) {
		for {
			*requests++
			page := records[min(skip, len(records)):min(skip+pageSize, len(records))]
			if !yield(page, nil) || len(page) < pageSize {
				return
			}
			skip += pageSize
		}
	}
}

func records(n int, status func(int) string) []jumpcloud.JobResult {
	all := make([]jumpcloud.JobResult, n)
	for i := range all {
		all[i] = jumpcloud.JobResult{ID: fmt.Sprint("r", i), Status: status(i)}
	}
	return all
}

func TestResultsAreReadOnce(t *testing.T) {
	g := NewWithT(t)
	var r Results
	requests := 0
	half := records(450, func(i int) string {
		if i < 250 {
			return "finished"
		}
		return "pending"
	})
	g.Expect(r.Read(pages(half, r.Skip(), &requests), 450)).To(Succeed())
	g.Expect(requests).To(Equal(3), "it stops at the first page with a pending record")
	g.Expect(r.Skip()).To(Equal(200), "pages that are final are left behind")

	requests = 0
	done := records(450, func(int) string { return "Finished" })
	g.Expect(r.Read(pages(done, r.Skip(), &requests), 450)).To(Succeed())
	g.Expect(requests).To(Equal(3))
	p := r.Progress(time.Now())
	g.Expect(p.Records).To(Equal(450))
	g.Expect(p.Final).To(Equal(450))
	g.Expect(p.Pending).To(BeZero())
}

func TestResultsThatMoveBetweenPagesAreReadAgain(t *testing.T) {
	g := NewWithT(t)
	var r Results
	requests := 0
	first := records(150, func(i int) string {
		if i < 100 {
			return "finished"
		}
		return "pending"
	})
	g.Expect(r.Read(pages(first, r.Skip(), &requests), 150)).To(Succeed())
	g.Expect(r.Skip()).To(Equal(100))
	// The order is reversed: the second half consists of records that were read already.
	turned := records(150, func(int) string { return "finished" })
	for i := range 50 {
		turned[100+i].ID = fmt.Sprint("r", i)
	}
	g.Expect(r.Read(pages(turned, r.Skip(), &requests), 150)).To(Succeed())
	g.Expect(r.Progress(time.Now()).Records).To(BeZero(), "all are read again")
	g.Expect(r.Read(pages(records(150, func(int) string { return "finished" }), r.Skip(), &requests), 150)).To(Succeed())
	g.Expect(r.Progress(time.Now()).Final).To(Equal(150))
}

func TestResultsWithOneIDForAllAreNotReadTwice(t *testing.T) {
	g := NewWithT(t)
	var r Results
	requests := 0
	same := records(20, func(int) string { return "finished" })
	for i := range same {
		same[i].ID = "the job's"
	}
	g.Expect(r.Read(pages(same, 0, &requests), 20)).To(Succeed())
	g.Expect(r.Progress(time.Now()).Final).To(Equal(20))
}

// A server that ignores skip returns the same page again and again. The records of a job with
// more rows than a page are then not all seen, but each of those seen counts once.
func TestResultsWithoutAnEnd(t *testing.T) {
	g := NewWithT(t)
	var r Results
	requests := 0
	page := records(pageSize, func(i int) string { return map[bool]string{true: "failed", false: "finished"}[i == 7] })
	endless := func(yield func([]jumpcloud.JobResult, error) bool) {
		more := true
		for more {
			requests++
			more = yield(page, nil)
		}
	}
	g.Expect(r.Read(endless, 250)).To(Succeed())
	g.Expect(r.Read(endless, 250)).To(Succeed())
	g.Expect(requests).To(Equal(6), "three pages, and again because records were seen twice")
	g.Expect(r.Progress(time.Now()).Final).To(Equal(300))
	failed := 0
	for _, record := range r.Distinct() {
		if Failed(&record) {
			failed++
		}
	}
	g.Expect(failed).To(Equal(1))
}

func TestResultsKeepTheirPlaceOnErrors(t *testing.T) {
	g := NewWithT(t)
	var r Results
	requests := 0
	g.Expect(r.Read(pages(records(120, func(int) string { return "finished" }), 0, &requests), 120)).To(Succeed())
	failing := func(yield func([]jumpcloud.JobResult, error) bool) { yield(nil, errors.New("reset")) }
	g.Expect(r.Read(failing, 120)).NotTo(Succeed())
	g.Expect(r.Progress(time.Now()).Final).To(Equal(120))
}
