package workdayreport

import (
	"bytes"
	"errors"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	tooMany = "The report of the Workday instance: has more than 100000 workers, which is the most for one run: limit it in Workday to the workers who are to be imported"
	tooBig  = "The report of the Workday instance: has workers who take more than 160 MiB: take out what is not needed, or limit it in Workday to the workers who are to be imported"
)

// A report of more workers than one run can hold is refused with its first page. Once somebody
// has corrected it, it is read from the beginning.
func TestAReportOfTooManyWorkers(t *testing.T) {
	g := NewWithT(t)
	r := &report{workers: emails(rows.MaxRows + 1), total: true}
	reading, client := NewReading("65f1c0ffee65f1c0ffee4001"), r.client(t)
	err := reading.Advance(t.Context(), client)
	g.Expect(err).To(BeAssignableToTypeOf(&rows.SourceError{}))
	g.Expect(err).To(MatchError(tooMany))
	g.Expect(r.requests).To(Equal(1))

	r.workers = emails(250)
	for err = directory.ErrReading; errors.Is(err, directory.ErrReading); {
		err = reading.Advance(t.Context(), client)
	}
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(reading.Take()).To(HaveLen(250))
	g.Expect(reading.Count()).To(BeZero(), "nothing is held twice")
}

// pageOf is a page without a total. Its workers have the same attributes.
func pageOf(skip, workers int, attributes []byte) *jumpcloud.Page[jumpcloud.WorkdayWorker] {
	page := &jumpcloud.Page[jumpcloud.WorkdayWorker]{Skip: skip, Total: -1, Items: make([]jumpcloud.WorkdayWorker, workers)}
	for i := range page.Items {
		page.Items[i].Attributes = attributes
	}
	return page
}

// Without a total, workers count as they come; a worker whom the next page repeats counts once.
func TestWorkersCountAsTheyCome(t *testing.T) {
	g := NewWithT(t)
	reading := NewReading("65f1c0ffee65f1c0ffee4001")
	for skip := 0; skip+100 <= rows.MaxRows; skip += 99 {
		g.Expect(reading.admit(pageOf(skip, 100, nil))).To(Succeed())
	}
	g.Expect(reading.admit(pageOf(rows.MaxRows-10, 10, nil))).To(Succeed())
	g.Expect(reading.heldBytes).To(Equal(rows.MaxRows * workerBytes))
	g.Expect(reading.admit(pageOf(rows.MaxRows-10, 11, nil))).To(MatchError(tooMany))
	g.Expect(reading.admit(pageOf(0, 100, nil))).To(Succeed())
	g.Expect(reading.heldBytes).To(Equal(100*workerBytes), "the report is read from the beginning")
}

func TestWorkersWhoTakeTooMuch(t *testing.T) {
	g := NewWithT(t)
	reading, count := NewReading("65f1c0ffee65f1c0ffee4001"), NewCount("65f1c0ffee65f1c0ffee4001")
	attributes := bytes.Repeat([]byte("x"), 160<<10)
	pages := 0
	for ; reading.admit(pageOf(99*pages, 100, attributes)) == nil; pages++ {
		g.Expect(reading.heldBytes).To(BeNumerically("<=", rows.MaxBytes))
	}
	g.Expect(pages).To(Equal(10), "a page has 16 MiB")
	g.Expect(reading.admit(pageOf(99*pages, 100, attributes))).To(MatchError(tooBig))
	g.Expect(count.admit(pageOf(99*pages, 100, attributes))).To(Succeed())
}

// Counting holds no worker, so it has no limit.
func TestCounting(t *testing.T) {
	g := NewWithT(t)
	count, client := NewCount("65f1c0ffee65f1c0ffee4001"), (&report{workers: emails(250)}).client(t)
	err := directory.ErrReading
	for errors.Is(err, directory.ErrReading) {
		err = count.Advance(t.Context(), client)
	}
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(count.Count()).To(Equal(250))
	g.Expect(count.Take()).To(HaveEach(jumpcloud.WorkdayWorker{}))
}
