// Package bulkuserimport implements oneshot.Kind for BulkUserImports: the rows come from the
// spec, ConfigMaps and Secrets, and are sent to JumpCloud's bulk endpoints.
package bulkuserimport

import (
	"context"
	"errors"
	"iter"

	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/expression"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Kind implements oneshot.Kind for BulkUserImports.
type Kind struct {
	// Loader reads the rows' sources, past the cache.
	Loader rows.Loader
}

var _ oneshot.Kind[*v1alpha1.BulkUserImport] = (*Kind)(nil)

// Name returns the name of the kind.
func (*Kind) Name() string { return "BulkUserImport" }

// LedgerSuffix returns what the names of ledger ConfigMaps add to the object's name.
func (*Kind) LedgerSuffix() string { return ledger.ImportSuffix }

// MembersSuffix returns what the names of ConfigMaps with an object's members add to its name.
func (*Kind) MembersSuffix() string { return ledger.ImportMembersSuffix }

// Settings returns the engine's settings for an object.
func (*Kind) Settings(object *v1alpha1.BulkUserImport) oneshot.Settings {
	spec := &object.Spec
	defaults, _ := rows.FromAttributes(spec.Defaults)
	return oneshot.Settings{
		Operation: spec.Operation, MatchBy: spec.MatchBy, Mode: spec.Mode, ApprovedPlan: spec.ApprovedPlan,
		StateOnUpdate: spec.StateOnUpdate, OnInvalidRow: spec.OnInvalidRow, OnUnknownManager: spec.OnUnknownManager,
		Defaults: defaults, Leavers: spec.Leavers,
	}
}

// Load reads the rows of the spec, and of the ConfigMaps and Secrets that it names.
func (k *Kind) Load(ctx context.Context, pass *lifecycle.Pass[*v1alpha1.BulkUserImport], _ bool) (oneshot.Source, error) {
	spec := &pass.Object.Spec
	set, err := Rows(ctx, &k.Loader, pass.Object)
	if err != nil {
		return oneshot.Source{}, err
	}
	defaults, _ := rows.FromAttributes(spec.Defaults)
	key := rows.RunKey(rows.KeyInputs{
		OrganizationID: pass.Session.OrganizationID, Operation: spec.Operation, MatchBy: spec.MatchBy, CreationSource: spec.CreationSource,
		Defaults: defaults, StateOnUpdate: spec.StateOnUpdate, OnInvalidRow: spec.OnInvalidRow, OnUnknownManager: spec.OnUnknownManager,
		Leavers: spec.Leavers,
		Rows:    set.Rows, Conversion: set.Conversion, Versions: set.Versions,
	})
	return oneshot.Source{Key: key, Read: func(context.Context, *session.Session) (*rows.Set, error) { return set, nil }}, nil
}

// Rows reads and validates the rows of an import. It returns the errors of rows.Loader, and a
// *oneshot.SpecError for defaults that no row may have, and for wrong columns, a wrong filter
// or a wrong mapping.
func Rows(ctx context.Context, loader *rows.Loader, object *v1alpha1.BulkUserImport) (*rows.Set, error) {
	spec := &object.Spec
	if _, problems := rows.FromAttributes(spec.Defaults); len(problems) > 0 {
		return nil, &oneshot.SpecError{Message: "spec.defaults." + problems[0].String()}
	}
	conversion, problem := rows.NewConversion(spec.Filter, spec.Mapping, spec.UsersFrom)
	if problem != "" {
		return nil, &oneshot.SpecError{Message: problem}
	}
	set, err := loader.Load(ctx, object.Namespace, spec.Users, spec.UsersFrom, conversion)
	if errors.Is(err, expression.ErrTooExpensive) {
		return nil, &oneshot.SpecError{Message: err.Error()}
	}
	if err != nil {
		return nil, err
	}
	return set, rows.Validate(ctx, set.Rows, rows.Options{Operation: spec.Operation, MatchBy: spec.MatchBy})
}

// Create starts a job that creates users.
func (*Kind) Create(
	ctx context.Context, s *session.Session, object *v1alpha1.BulkUserImport, submission jumpcloud.Submission, users []jumpcloud.BulkUserCreate,
) (string, error) {
	return s.Client.StartBulkCreate(ctx, submission, users, jumpcloud.BulkCreateOptions{
		CreationSource: string(object.Spec.CreationSource), SuppressEmail: suppressEmail(object),
	})
}

// Update starts a job that updates users.
func (*Kind) Update(
	ctx context.Context, s *session.Session, object *v1alpha1.BulkUserImport, submission jumpcloud.Submission, users []jumpcloud.BulkUserUpdate,
) (string, error) {
	return s.Client.StartBulkUpdate(ctx, submission, users, jumpcloud.BulkUpdateOptions{SuppressEmail: suppressEmail(object)})
}

// Results reads a job's records.
func (*Kind) Results(
	ctx context.Context, s *session.Session, _ *v1alpha1.BulkUserImport, job *v1alpha1.JobStatus, skip int,
) iter.Seq2[[]jumpcloud.JobResult, error] {
	return s.Client.BulkResultPages(ctx, job.JobID, skip)
}

// suppressEmail is true unless the spec says otherwise, because each job would mail an
// administrator.
func suppressEmail(object *v1alpha1.BulkUserImport) bool {
	return ptr.Deref(object.Spec.SuppressAdminEmail, true)
}
