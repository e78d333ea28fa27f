package ledger_test

import (
	"context"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// keeping returns entries that each have this many values that JumpCloud keeps in another
// form.
func keeping(rows, values int) []ledger.Entry {
	all := entries(rows)
	for i := range all {
		all[i].Outcome, all[i].UserID = ledger.OutcomeCreated, "65f1c0ffee65f1c0ffee0aaa"
		all[i].Message = strings.Repeat("m", ledger.MaxMessage)
		for range values {
			all[i].Kept = append(all[i].Kept, v1alpha1.KeptValue{Path: "phoneNumbers.work", Declared: "0123456789abcdef", Kept: "fedcba9876543210"})
		}
	}
	return all
}

// Results contain the kept values, if there are any.
func TestResultsHoldWhatIsKept(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	finished := run(1, append(keeping(1, 2), ledger.Entry{Row: 2, Username: "chas"}))
	finished.Finished = true
	_, err := c.Write(ctx, owner, finished)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.configMap(g, "hires-import-results-000").Data["results.csv"]).To(HavePrefix("row,username,email,action,outcome,reason,message,userID,jobID,kept\n"))
	read := mustRead(g, c)
	g.Expect(read.Entries[0].Kept).To(Equal(finished.Entries[0].Kept))
	g.Expect(read.Entries[0].Job).To(BeZero())
	g.Expect(read.Entries[1]).To(Equal(finished.Entries[1]))
}

// If there is no room for the kept values, the rest is written nevertheless.
func TestWhatIsKeptKeepsNothingFromBeingWritten(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	l := run(1, entries(2000))
	_, err := c.Write(ctx, owner, l)
	g.Expect(err).NotTo(HaveOccurred())
	l.Entries = keeping(2000, 20)
	_, err = c.Write(ctx, owner, l)
	g.Expect(err).NotTo(HaveOccurred())
	read := mustRead(g, c)
	g.Expect(read.Entries).To(HaveLen(2000))
	g.Expect(read.Entries[0].Kept).To(BeEmpty())
	g.Expect(read.Entries[0].Outcome).To(Equal(ledger.OutcomeCreated))
}
