package oneshot_test

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// imports is a Kind: rows of BulkUserImports are sent to the bulk endpoints.
type imports struct{ loader rows.Loader }

var _ oneshot.Kind[*v1alpha1.BulkUserImport] = imports{}

func (imports) Name() string { return "BulkUserImport" }

func (imports) LedgerSuffix() string { return ledger.ImportSuffix }

func (imports) MembersSuffix() string { return ledger.ImportMembersSuffix }

func (imports) Settings(object *v1alpha1.BulkUserImport) oneshot.Settings {
	spec := &object.Spec
	defaults, _ := rows.FromAttributes(spec.Defaults)
	return oneshot.Settings{
		Operation: spec.Operation, MatchBy: spec.MatchBy, Mode: spec.Mode, ApprovedPlan: spec.ApprovedPlan,
		StateOnUpdate: spec.StateOnUpdate, OnInvalidRow: spec.OnInvalidRow, OnUnknownManager: spec.OnUnknownManager,
		Defaults: defaults, Leavers: spec.Leavers,
	}
}

func (k imports) Load(ctx context.Context, pass *lifecycle.Pass[*v1alpha1.BulkUserImport], _ bool) (oneshot.Source, error) {
	spec := &pass.Object.Spec
	conversion, problem := rows.NewConversion(spec.Filter, spec.Mapping, spec.UsersFrom)
	if problem != "" {
		return oneshot.Source{}, &oneshot.SpecError{Message: problem}
	}
	set, err := k.loader.Load(ctx, pass.Object.Namespace, spec.Users, spec.UsersFrom, conversion)
	if err != nil {
		return oneshot.Source{}, err
	}
	if err := rows.Validate(ctx, set.Rows, rows.Options{Operation: spec.Operation, MatchBy: spec.MatchBy}); err != nil {
		return oneshot.Source{}, err
	}
	defaults, _ := rows.FromAttributes(spec.Defaults)
	key := rows.RunKey(rows.KeyInputs{
		OrganizationID: pass.Session.OrganizationID, Operation: spec.Operation, MatchBy: spec.MatchBy, Defaults: defaults,
		StateOnUpdate: spec.StateOnUpdate, OnInvalidRow: spec.OnInvalidRow, Leavers: spec.Leavers, Rows: set.Rows, Conversion: set.Conversion, Versions: set.Versions,
	})
	return oneshot.Source{Key: key, Read: func(context.Context, *session.Session) (*rows.Set, error) { return set, nil }}, nil
}

func (imports) Create(
	ctx context.Context, s *session.Session, _ *v1alpha1.BulkUserImport, submission jumpcloud.Submission, users []jumpcloud.BulkUserCreate,
) (string, error) {
	return s.Client.StartBulkCreate(ctx, submission, users, jumpcloud.BulkCreateOptions{SuppressEmail: true})
}

func (imports) Update(
	ctx context.Context, s *session.Session, _ *v1alpha1.BulkUserImport, submission jumpcloud.Submission, users []jumpcloud.BulkUserUpdate,
) (string, error) {
	return s.Client.StartBulkUpdate(ctx, submission, users, jumpcloud.BulkUpdateOptions{SuppressEmail: true})
}

func (imports) Results(
	ctx context.Context, s *session.Session, _ *v1alpha1.BulkUserImport, job *v1alpha1.JobStatus, skip int,
) iter.Seq2[[]jumpcloud.JobResult, error] {
	return s.Client.BulkResultPages(ctx, job.JobID, skip)
}

// hires returns CSV lines with n users who are new to the directory: new00001 and so on.
func hires(n int) []string {
	lines := []string{"username,email,department"}
	for i := 1; i <= n; i++ {
		lines = append(lines, fmt.Sprintf("%s,%s@example.org,Engines", hire(i), hire(i)))
	}
	return lines
}

func hire(i int) string { return fmt.Sprintf("new%05d", i) }

// moves returns CSV lines that change the department of n users who are in the directory, as
// the simulator generates them.
func moves(n int) []string {
	lines := []string{"username,email,department"}
	for i := 1; i <= n; i++ {
		lines = append(lines, strings.Join([]string{member(i), member(i) + "@example.org", "Engines"}, ","))
	}
	return lines
}

func member(i int) string { return fmt.Sprintf("user%06d", i) }
