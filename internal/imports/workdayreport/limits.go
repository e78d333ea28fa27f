package workdayreport

import (
	"fmt"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// workerBytes is the size of a worker without texts, with everything that belongs to it.
const workerBytes = 200

// restrict says what to do about a report that is too large. An organization has one report,
// so it cannot be split, and filters apply to workers who were read.
const restrict = "limit it in Workday to the workers who are to be imported"

// admit refuses a page if the workers would be more than one run can hold.
func (r *Reading) admit(page *jumpcloud.Page[jumpcloud.WorkdayWorker]) error {
	if r.counts {
		return nil
	}
	if page.Skip == 0 {
		r.held, r.heldBytes = 0, 0 // the report is read again from the beginning
	}
	if max(page.Total, page.Skip+len(page.Items)) > rows.MaxRows {
		return tooLarge("has more than %d workers, which is the most for one run: %s", rows.MaxRows, restrict)
	}
	for i := max(r.held-page.Skip, 0); i < len(page.Items); i++ { // pages overlap
		w := &page.Items[i]
		r.heldBytes += workerBytes + len(w.Email) + len(w.Username) + len(w.FirstName) + len(w.LastName) + len(w.Attributes)
	}
	r.held = max(r.held, page.Skip+len(page.Items))
	if r.heldBytes > rows.MaxBytes {
		return tooLarge("has workers who take more than %d MiB: take out what is not needed, or %s", rows.MaxBytes>>20, restrict)
	}
	return nil
}

func tooLarge(format string, args ...any) error {
	return &rows.SourceError{Origin: "The report of the Workday instance", Message: fmt.Sprintf(format, args...)}
}
