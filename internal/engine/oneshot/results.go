package oneshot

import (
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// failure is a record that says that a row failed.
type failure struct {
	// text of the record, in JumpCloud's words.
	text string
	// row that the record is about; 0 if the record does not say.
	row int
	// unanswered is set if nothing shows whether the row was done.
	unanswered bool
}

// failuresOf returns what the records of a job that has ended say about failed rows.
func failuresOf(r *submission.Results, entries []*ledger.Entry, clean func(string) string) []failure {
	byValue := map[string]int{}
	for _, entry := range entries {
		for _, value := range []string{entry.Username, entry.Email, entry.UserID} {
			if value != "" {
				byValue[strings.ToLower(value)] = entry.Row
			}
		}
	}
	var fails []failure
	for _, record := range r.Distinct() {
		if submission.Failed(&record) {
			fails = append(fails, failure{text: clean(record.StatusMsg), row: attribute(&record, byValue)})
		}
	}
	return fails
}
