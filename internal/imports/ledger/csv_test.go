package ledger

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzEncode checks that whatever a row says is read back unchanged, line by line, and that no
// stored text breaks out of its row.
func FuzzEncode(f *testing.F) {
	f.Add("ada.byron", "ada@example.org", "said \"no\",\r\nleft", "attributes.EmployeeID", int32(3), true)
	f.Add("", "\x00\xff", " leading", "a b=c%+;", int32(0), false)
	f.Add(`\.`, "#", "'=1+1", "", int32(-1), true)
	f.Fuzz(func(t *testing.T, username, email, message, path string, job int32, set bool) {
		entry := Entry{
			Row: 1, Username: line(username), Email: line(email), Action: ActionCreate, UserID: "65f1c0ffee65f1c0ffee0aaa",
			Job: job, Attempts: 2, Withheld: set, Approved: line(path), Withdrawn: !set, Harmful: !set, Reserved: set, Deferred: set, Retryable: !set,
			Digests: []FieldDigest{{Path: path, Digest: "0123456789abcdef"}, {Path: "email", Digest: "fedcba9876543210"}},
			Outcome: OutcomeFailed, Reason: "JobFailed", Message: Message(message), JobID: "65f1c0ffee65f1c0ffee0001",
		}
		last := Entry{Row: 2}
		for _, finished := range []bool{false, true} {
			text := encode([]Entry{entry, last}, finished, MaxMessage)
			if lines := strings.Count(text, "\n"); lines != 3 {
				t.Fatalf("%d lines:\n%s", lines, text)
			}
			want := []Entry{entry, last}
			if finished {
				want[0] = Entry{
					Row: entry.Row, Username: entry.Username, Email: entry.Email, Action: entry.Action, UserID: entry.UserID,
					Outcome: entry.Outcome, Reason: entry.Reason, Message: entry.Message, JobID: entry.JobID,
				}
			}
			got, err := decode(text, finished)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Fatalf("%v\n%s\n%s", err, text, diff)
			}
		}
	})
}

// A value of the directory or of a source must not be evaluated by the spreadsheet of someone
// who views the results.
func TestNoCellIsAFormula(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "'=1", "\t=1"} {
		entry := Entry{Row: 1, Username: text, Email: text, Message: text, UserID: text, JobID: text}
		for record := range strings.SplitSeq(strings.TrimSpace(encode([]Entry{entry}, true, MaxMessage)), "\n") {
			for cell := range strings.SplitSeq(record, ",") {
				if strings.TrimLeft(cell, "=+-@\t") != cell {
					t.Errorf("%q is written as %q", text, cell)
				}
			}
		}
	}
}

// FuzzDecode checks that no content makes decode panic.
func FuzzDecode(f *testing.F) {
	f.Add(encode([]Entry{{Row: 1, Digests: []FieldDigest{{"a", "b"}}}}, false, MaxMessage))
	f.Add(strings.Join(manifestHeader, ",") + "\n1,,,,,,,,,x,,,,,,,,,\n")
	f.Add(strings.Join(manifestHeader, ",") + "\n1,,,,,,,,,,,,,,,,,,%zz=1\n")
	f.Fuzz(func(_ *testing.T, text string) {
		for _, finished := range []bool{false, true} {
			_, _ = decode(text, finished)
		}
	})
}
