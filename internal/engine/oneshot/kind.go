// Package oneshot implements the engine for the kinds that run: it plans rows against the live
// directory, submits them as jobs under the submission protocol, polls their results, proves
// the outcome by reading the directory back, and keeps a ledger of every row. A Kind
// implements what differs between the kinds.
//
// An open run proceeds in rounds. A round is one reading of the directory, a plan of the rows
// that have no outcome yet, the jobs that send them, and another reading, which proves this
// round and plans the next one. Users whose manager was created by the same run, and rows that
// failed temporarily, are in the next round.
package oneshot

import (
	"context"
	"iter"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Object is an object of a kind that runs.
type Object interface {
	lifecycle.Member
	// Run returns the part of the status that every kind that runs has.
	Run() *v1alpha1.RunStatus
}

// Settings are what the spec of an object says about its run.
type Settings struct {
	Operation     v1alpha1.Operation
	MatchBy       v1alpha1.MatchBy
	Mode          v1alpha1.Mode
	ApprovedPlan  string
	StateOnUpdate v1alpha1.StateOnUpdate
	OnInvalidRow  v1alpha1.OnInvalidRow
	// OnUnknownManager of the object; "" means Omit.
	OnUnknownManager v1alpha1.OnUnknownManager
	Defaults         []rows.Field
	// OnlyNew limits the run to users who are new to the directory: a row is left out, before
	// the others are validated, if any of its unique values belongs to a user. It is not an
	// error if no row is left.
	OnlyNew bool
	// Leavers says what happens to users who have left the source; "": nothing.
	Leavers v1alpha1.LeaversPolicy
	// Duplicates says what becomes of several rows about one user; "" makes them invalid.
	Duplicates v1alpha1.Duplicates
}

// Source is where the rows of a run come from.
type Source struct {
	// Key of the run that the rows make. The same key never runs again by itself.
	Key string
	// Read reads the rows. It is called until it returns them, in later passes too, as long as
	// the key stays the same; directory.ErrReading means that reading continues where it
	// stopped. Rows of the same key are read once in a run, and again only after a restart.
	// Then they may differ if the run is OnlyNew; otherwise they must be the same.
	Read func(ctx context.Context, s *session.Session) (*rows.Set, error)
	// Due is set when a scheduled time has come and the run of the key is due: it begins, and
	// the status says so, before anything is read. If unset, the run begins when the key
	// differs from that of the last run.
	Due bool
	// Waits is set if a different key alone does not begin a run: once the last run has ended,
	// the next one waits until it is Due or requested.
	Waits bool
	// Hold, if not nil, is the error that ends a pass before it reads or sends anything: see
	// lifecycle.Stop. Jobs that were sent are followed nevertheless.
	Hold error
	// Next is the latest time at which the key may have changed; zero: at the resync.
	Next time.Time
}

// Kind is what differs between the kinds that run. Its methods are called from one goroutine
// at a time for each object.
type Kind[T Object] interface {
	// Name of the kind, for metrics and labels.
	Name() string
	// LedgerSuffix is what ledger ConfigMaps add to the object's name.
	LedgerSuffix() string
	// MembersSuffix is what the ConfigMaps that remember who belongs to an object add to its
	// name.
	MembersSuffix() string
	// Settings of an object.
	Settings(object T) Settings
	// Load returns where the rows come from. open is true while a run is under way, because
	// runs never overlap. Rows that are not OnlyNew are validated. Its errors are *SpecError,
	// *NotFoundError, those of rows.Loader, those of lifecycle.Stop, or temporary ones.
	Load(ctx context.Context, pass *lifecycle.Pass[T], open bool) (Source, error)
	// Create starts one job that creates users and returns its id.
	Create(ctx context.Context, s *session.Session, object T, admitted jumpcloud.Submission, users []jumpcloud.BulkUserCreate) (string, error)
	// Update starts one job that updates users and returns its id.
	Update(ctx context.Context, s *session.Session, object T, admitted jumpcloud.Submission, users []jumpcloud.BulkUserUpdate) (string, error)
	// Results reads a job's records page by page, starting at skip.
	Results(ctx context.Context, s *session.Session, object T, job *v1alpha1.JobStatus, skip int) iter.Seq2[[]jumpcloud.JobResult, error]
}

// SpecError reports that the spec contradicts itself in a way that the API server cannot
// detect.
type SpecError struct {
	// Message names the field, what is wrong, and what to do.
	Message string
}

func (e *SpecError) Error() string { return e.Message }

// NotFoundError reports that an object that the spec names does not exist. The error is
// temporary: it goes away when the object is created.
type NotFoundError struct {
	// Message names the object.
	Message string
}

func (e *NotFoundError) Error() string { return e.Message }

// Timing holds the engine's timeouts and waits.
type Timing struct {
	// RequestTimeout of a submission, counted from its intent.
	RequestTimeout time.Duration
	// Limits of the wait for a job.
	submission.Limits
}
