package ledger

import (
	"encoding/csv"
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// The keys of a ConfigMap's data. Each ConfigMap has one of them.
const (
	resultsKey  = "results.csv"
	manifestKey = "manifest.csv"
)

var (
	resultsHeader  = []string{"row", "username", "email", "action", "outcome", "reason", "message", "userID", "jobID"}
	manifestHeader = []string{
		"row", "username", "email", "action", "outcome", "reason", "message", "userID", "jobID",
		"job", "attempts", "withheld", "approved", "withdrawn", "harmful", "reserved", "deferred", "retryable", "digests",
		"omits", keptColumn,
	}
	// resultsHeaderKept is the header of results if JumpCloud keeps values in another form.
	resultsHeaderKept = append(slices.Clip(resultsHeader), keptColumn)
)

const keptColumn = "kept"

// encode writes entries as CSV, with messages of at most maxMessage bytes.
func encode(entries []Entry, finished bool, maxMessage int) string {
	var text strings.Builder
	w := csv.NewWriter(&text)
	header := manifestHeader
	if finished {
		header = resultsHeader
		if slices.ContainsFunc(entries, func(e Entry) bool { return len(e.Kept) > 0 }) {
			header = resultsHeaderKept
		}
	}
	_ = w.Write(header)
	for _, entry := range entries {
		record := entry.record(maxMessage)
		if finished {
			record = append(record[:len(resultsHeader)], record[len(record)-1])
		}
		_ = w.Write(record[:len(header)])
	}
	w.Flush()
	return text.String()
}

// record returns the entry in the order of manifestHeader, which begins like resultsHeader.
func (e Entry) record(maxMessage int) []string {
	return []string{
		strconv.Itoa(e.Row), Cell(e.Username), Cell(e.Email), string(e.Action),
		string(e.Outcome), Cell(e.Reason), Cell(truncate(Message(e.Message), maxMessage)), Cell(e.UserID), Cell(e.JobID),
		number(int64(e.Job)), number(int64(e.Attempts)), flag(e.Withheld), line(e.Approved),
		flag(e.Withdrawn), flag(e.Harmful), flag(e.Reserved), flag(e.Deferred), flag(e.Retryable), formatDigests(e.Digests),
		flag(e.Omits), formatKept(e.Kept),
	}
}

// decode reads what encode wrote.
func decode(text string, finished bool) ([]Entry, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.ReuseRecord = true
	header, err := r.Read()
	known := slices.Equal(header, manifestHeader)
	if finished {
		known = slices.Equal(header, resultsHeader) || slices.Equal(header, resultsHeaderKept)
	}
	if err != nil || !known {
		return nil, errors.New("the header is not that of a ledger")
	}
	var entries []Entry
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		entry, err := parse(record)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
}

// parse reads one record under any of the headers.
func parse(record []string) (Entry, error) {
	row, err := strconv.Atoi(record[0])
	entry := Entry{
		Row: row, Username: Uncell(record[1]), Email: Uncell(record[2]), Action: Action(record[3]),
		Outcome: Outcome(record[4]), Reason: Uncell(record[5]), Message: Uncell(record[6]), UserID: Uncell(record[7]), JobID: Uncell(record[8]),
	}
	if err != nil || len(record) == len(resultsHeader) {
		return entry, err
	}
	if entry.Kept, err = parseKept(record[len(record)-1]); err != nil || len(record) == len(resultsHeaderKept) {
		return entry, err
	}
	job, jobErr := parseNumber(record[9])
	attempts, attemptsErr := parseNumber(record[10])
	digests, digestsErr := parseDigests(record[18])
	entry.Job, entry.Attempts = int32(job), int(attempts)
	entry.Withheld, entry.Approved, entry.Withdrawn = record[11] == yes, record[12], record[13] == yes
	entry.Harmful, entry.Reserved = record[14] == yes, record[15] == yes
	entry.Deferred, entry.Retryable = record[16] == yes, record[17] == yes
	entry.Digests, entry.Omits = digests, record[19] == yes
	return entry, errors.Join(jobErr, attemptsErr, digestsErr)
}

const yes = "true"

func flag(set bool) string {
	if set {
		return yes
	}
	return ""
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func parseNumber(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	return strconv.ParseInt(text, 10, 32)
}

// formatDigests writes path=digest pairs, separated by spaces.
func formatDigests(digests []FieldDigest) string {
	pairs := make([]string, 0, len(digests))
	for _, d := range digests {
		pairs = append(pairs, url.QueryEscape(d.Path)+"="+d.Digest)
	}
	return strings.Join(pairs, " ")
}

func parseDigests(text string) ([]FieldDigest, error) {
	var digests []FieldDigest
	for pair := range strings.FieldsSeq(text) {
		escaped, digest, _ := strings.Cut(pair, "=")
		path, err := url.QueryUnescape(escaped)
		if err != nil {
			return nil, err
		}
		digests = append(digests, FieldDigest{Path: path, Digest: digest})
	}
	return digests, nil
}

// formatKept writes path=declared/kept, separated by spaces.
func formatKept(kept []v1alpha1.KeptValue) string {
	all := make([]string, 0, len(kept))
	for _, k := range kept {
		all = append(all, url.QueryEscape(k.Path)+"="+k.Declared+"/"+k.Kept)
	}
	return strings.Join(all, " ")
}

func parseKept(text string) ([]v1alpha1.KeptValue, error) {
	pairs, err := parseDigests(text)
	var all []v1alpha1.KeptValue
	for _, pair := range pairs {
		declared, kept, _ := strings.Cut(pair.Digest, "/")
		all = append(all, v1alpha1.KeptValue{Path: pair.Path, Declared: declared, Kept: kept})
	}
	return all, err
}
