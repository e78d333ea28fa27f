package planlist

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// NotThePlanError says that a ConfigMap does not exist, or does not hold what the status says.
type NotThePlanError struct {
	// ConfigMap is its name.
	ConfigMap string
	problem   string
}

// Error names the ConfigMap.
func (e *NotThePlanError) Error() string {
	return fmt.Sprintf("ConfigMap %s %s", e.ConfigMap, e.problem)
}

// Read returns the whole plan that a status refers to. It fails with *NotThePlanError if a
// ConfigMap is not as the status says.
func (s *Store) Read(ctx context.Context, owner Owner, references []v1alpha1.ResultsReference) ([]Change, error) {
	var changes []Change
	for i, reference := range references {
		config, err := s.get(ctx, &owner, i)
		switch {
		case err != nil:
			return nil, err
		case config == nil:
			return nil, &NotThePlanError{owner.Name(i), "is not there"}
		case !owner.controls(config), config.Name != reference.ConfigMap, digest(config.Data[Key]) != reference.Digest:
			return nil, &NotThePlanError{owner.Name(i), "does not hold the plan that the status tells of"}
		}
		some, err := parse(config.Data[Key])
		if err != nil {
			return nil, &NotThePlanError{owner.Name(i), "cannot be read: " + err.Error()}
		}
		changes = append(changes, some...)
	}
	return merge(changes), nil
}

// parse reads what split wrote, as one change for each line.
func parse(content string) ([]Change, error) {
	records, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 || !slices.Equal(records[0], header) {
		return nil, errors.New("the header is not that of a plan")
	}
	changes := make([]Change, 0, len(records)-1)
	for _, record := range records[1:] {
		change := Change{
			Action: v1alpha1.ChangeAction(record[0]), Subject: ledger.Uncell(record[1]),
			Harmful: record[3] == flag(true), Withheld: record[4] == flag(true),
		}
		if record[2] != "" {
			change.Fields = []string{ledger.Uncell(record[2])}
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// merge joins successive lines with several fields of one change into that change.
func merge(lines []Change) []Change {
	var merged []Change
	for _, line := range lines {
		if last := len(merged) - 1; last >= 0 && len(line.Fields) > 0 && len(merged[last].Fields) > 0 &&
			merged[last].Action == line.Action && merged[last].Subject == line.Subject &&
			merged[last].Harmful == line.Harmful && merged[last].Withheld == line.Withheld {
			merged[last].Fields = append(merged[last].Fields, line.Fields...)
			continue
		}
		merged = append(merged, line)
	}
	return merged
}
