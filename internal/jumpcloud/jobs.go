package jumpcloud

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

func (c *Client) jobResultPages(ctx context.Context, skip int, list request) iter.Seq2[[]JobResult, error] {
	return func(yield func([]JobResult, error) bool) {
		for page, err := range pages[JobResult](ctx, c, skip, list) {
			if err != nil {
				yield(nil, err)
				return
			}
			c.mask(page.Items)
			if !yield(page.Items, nil) {
				return
			}
		}
	}
}

// mask removes the client's credentials from the texts of records.
func (c *Client) mask(page []JobResult) {
	replacer := strings.NewReplacer(masks(c.credentials.secrets())...)
	for i := range page {
		page[i].StatusMsg = replacer.Replace(page[i].StatusMsg)
	}
}

// UnmarshalJSON accepts members of other types than the documented ones: one odd record must
// not hide the outcome of a job.
func (r *JobResult) UnmarshalJSON(data []byte) error {
	var record map[string]json.RawMessage
	_ = json.Unmarshal(data, &record) // Anything but an object yields an empty record.
	*r = JobResult{
		ID:              text(record["id"]),
		Status:          text(record["status"]),
		StatusMsg:       text(record["statusMsg"]),
		Meta:            record["meta"],
		PersistedFields: record["persistedFields"],
		CreatedAt:       text(record["createdAt"]),
		UpdatedAt:       text(record["updatedAt"]),
	}
	return nil
}

// text returns raw as text if it is a string, number or boolean, and "" for anything else: in
// the JSON of an object, escapes would hide a secret from CleanMessage.
func text(raw json.RawMessage) string {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return ""
	}
	switch value := value.(type) {
	case string:
		return value
	case json.Number, bool:
		return fmt.Sprint(value)
	default:
		return ""
	}
}
