package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// pendingOutcome is the name for people of rows without an outcome.
const pendingOutcome = "Pending"

var outcomes = []string{
	string(ledger.OutcomeCreated), string(ledger.OutcomeUpdated), string(ledger.OutcomeUnchanged),
	string(ledger.OutcomeSkipped), string(ledger.OutcomeFailed), pendingOutcome,
}

// resultRow is the result of one row.
type resultRow struct {
	Row      int    `json:"row"`
	Username string `json:"username,omitempty"`
	Email    string `json:"email,omitempty"`
	Action   string `json:"action"`
	Outcome  string `json:"outcome"`
	Withheld bool   `json:"withheld,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Message  string `json:"message,omitempty"`
	UserID   string `json:"userID,omitempty"`
	JobID    string `json:"jobID,omitempty"`
}

func newResults(env *environment) *cobra.Command {
	var o output
	var outcome string
	command := env.command(&cobra.Command{
		Use:   "results KIND/NAME",
		Short: "Show the outcome of every row of an import",
		Long: `Show the outcome of every row of a BulkUserImport or WorkdayImport, from all ConfigMaps
of its ledger.

With -o csv, print usernames and emails as a file that an import can read again. Add the
columns that you want to send. With -o json or yaml, print the complete rows.`,
		Example: `  kubectl jumpcloud results bulkuserimport/hires -n identity --outcome Failed`,
		Args:    oneObject(),
	}, func(cmd *cobra.Command, c *cluster, args []string) error {
		if err := o.check(); err != nil {
			return err
		}
		if outcome != "" && !slices.Contains(outcomes, outcome) {
			return usagef("invalid --outcome %q: must be one of %s", outcome, strings.Join(outcomes, ", "))
		}
		object, err := c.object(cmd.Context(), args)
		if err != nil {
			return err
		}
		run, ok := object.(runObject)
		if !ok {
			return usagef("%s has no rows: only BulkUserImports and WorkdayImports have rows. Try the command plan or status", title(object))
		}
		read, err := c.rows(cmd.Context(), run)
		if err != nil {
			return err
		}
		return o.results(env.Out, run, resultsOf(read, outcome))
	})
	o.addTo(command, "json", "yaml", "csv")
	command.Flags().StringVar(&outcome, "outcome", "", "show only rows with this outcome, one of "+strings.Join(outcomes, ", "))
	_ = command.RegisterFlagCompletionFunc("outcome", cobra.FixedCompletions(outcomes, cobra.ShellCompDirectiveNoFileComp))
	return command
}

// resultsOf returns the rows with an outcome; all rows for "".
func resultsOf(read *ledger.Ledger, outcome string) []resultRow {
	rows := []resultRow{}
	if read == nil {
		return rows
	}
	for i := range read.Entries {
		e := &read.Entries[i]
		row := resultRow{
			Row: e.Row, Username: e.Username, Email: e.Email, Action: string(e.Action), Outcome: string(e.Outcome),
			Withheld: e.Withheld, Reason: e.Reason, Message: e.Message, UserID: e.UserID, JobID: e.JobID,
		}
		if row.Outcome == "" {
			row.Outcome = pendingOutcome
		}
		if outcome == "" || row.Outcome == outcome {
			rows = append(rows, row)
		}
	}
	return rows
}

// results writes rows in the requested format.
func (o *output) results(w io.Writer, object runObject, rows []resultRow) error {
	switch o.format {
	case "csv":
		return writeImport(w, rows)
	case "":
		return write(w, resultsText(object, rows))
	default:
		return o.encode(w, rows)
	}
}

// resultsText returns the rows for people.
func resultsText(object runObject, rows []resultRow) string {
	var b strings.Builder
	b.WriteString(paragraph(0, title(object)+": "+stateOf(object).line()))
	if len(rows) == 0 {
		return b.String() + "No rows found.\n"
	}
	b.WriteString(text.Plural(len(rows), "row") + ":\n\n")
	t := table{header: []string{"ROW", "USER", "ACTION", "OUTCOME", "REASON", "MESSAGE"}}
	for i := range rows {
		r := &rows[i]
		user := r.Username
		if user == "" {
			user = r.Email
		}
		message := r.Message
		if r.Withheld {
			message = strings.TrimSpace("waits for an approval " + message)
		}
		t.add(strconv.Itoa(r.Row), user, r.Action, r.Outcome, r.Reason, message)
	}
	return b.String() + t.String()
}

// writeImport writes rows as a file for an import.
func writeImport(w io.Writer, rows []resultRow) error {
	var b strings.Builder
	lines := csv.NewWriter(&b)
	records := [][]string{{"username", "email"}}
	for i := range rows {
		if ledger.Action(rows[i].Action).Left() {
			continue // the import would take leavers for new hires
		}
		records = append(records, []string{rows[i].Username, rows[i].Email})
	}
	if err := lines.WriteAll(records); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return write(w, b.String())
}
