package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// schemaInterval is the interval at which a CRD that was too old is checked again, and at
// which a failed reading of the published CRDs is retried.
const schemaInterval = 30 * time.Second

// Schemas record for which kinds the CRD is older than this operator, from what the API server
// publishes and from the results of status writes. Nothing is sent for such a kind. All kinds
// share them.
type Schemas struct {
	published func(ctx context.Context) (map[string]string, error)

	mu      sync.Mutex
	read    bool                      // what is published was read
	readAt  time.Time                 // when that was last tried
	lacking map[string]string         // field by kind, as it is published
	writes  map[string]*OutdatedError // by kind
	triedAt map[string]time.Time      // by kind: when the write was last retried
}

// NewSchemas returns Schemas that compare with what the API server publishes: published
// returns, for each kind whose CRD is too old, the first field that is missing. nil: nothing
// is compared.
func NewSchemas(published func(ctx context.Context) (map[string]string, error)) *Schemas {
	return &Schemas{
		published: published, read: published == nil,
		writes: map[string]*OutdatedError{}, triedAt: map[string]time.Time{},
	}
}

// Check is a healthz.Checker: it fails while any CRD is too old.
func (s *Schemas) Check(request *http.Request) error {
	s.compare(request.Context(), time.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	kinds := slices.AppendSeq(slices.Collect(maps.Keys(s.lacking)), maps.Keys(s.writes))
	if len(kinds) == 0 {
		return nil
	}
	return fmt.Errorf("CRDs are older than this operator: %s", strings.Join(slices.Compact(slices.Sorted(slices.Values(kinds))), ", "))
}

// known fails with an *OutdatedError if the CRD of the kind is known to be too old.
func (s *Schemas) known(kind string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.writes[kind]; found != nil {
		return found
	}
	if field := s.lacking[kind]; field != "" {
		return &OutdatedError{Kind: kind, Field: field}
	}
	return nil
}

// Note records what the error of a status write says about the CRDs, and returns the error.
func (s *Schemas) Note(err error) error {
	if o := outdated(err); o != nil {
		s.found(o)
	}
	return err
}

// found records a write that was not kept whole.
func (s *Schemas) found(o *OutdatedError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writes[o.Kind] == nil {
		s.writes[o.Kind], s.triedAt[o.Kind] = o, time.Now()
	}
}

// mended records that the write is kept whole.
func (s *Schemas) mended(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.writes, kind)
}

// due returns the write of a kind to retry now, if its writes are not kept whole; nil: none.
func (s *Schemas) due(kind string, now time.Time) *OutdatedError {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.writes[kind]
	if found == nil || now.Sub(s.triedAt[kind]) < schemaInterval {
		return nil
	}
	s.triedAt[kind] = now
	return found
}

// compare reads what is published until a reading finds no CRD too old. Without a reading,
// only the answers to status writes show that.
func (s *Schemas) compare(ctx context.Context, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read && len(s.lacking) == 0 || now.Sub(s.readAt) < schemaInterval && !s.readAt.IsZero() {
		return
	}
	s.readAt = now
	lacking, err := s.published(ctx)
	if err != nil {
		log.FromContext(ctx).Info("What the API server publishes of the CRDs cannot be read. It is tried again.", "error", err.Error())
		return
	}
	s.read, s.lacking = true, lacking
}

// checkSchema fails with an *OutdatedError while the CRD of the kind is too old. From time to
// time it repeats, as a dry run, a write that was not kept.
func (r *Reconciler[T]) checkSchema(ctx context.Context, pass *Pass[T]) error {
	kind := kindFor[T]()
	r.Schemas.compare(ctx, time.Now())
	if found := r.Schemas.due(kind, time.Now()); found != nil {
		if err := r.retry(ctx, pass.Object, found); err == nil {
			r.Schemas.mended(kind)
		} else if !isOutdated(err) {
			log.FromContext(ctx).Info("Whether the CRD is still too old could not be seen", "error", err.Error())
		}
	}
	return r.Schemas.known(kind)
}

// retry writes, as a dry run, the member of a status that was not kept.
func (r *Reconciler[T]) retry(ctx context.Context, object T, found *OutdatedError) error {
	u, err := unstructuredOf(object)
	if err != nil {
		return err
	}
	status, ok := u.Object["status"].(map[string]any)
	if !ok {
		return errors.New("an object without a status")
	}
	member := strings.Split(found.Field, ".")[1]
	status[member] = found.sent[member]
	data, err := json.Marshal(u.Object)
	if err != nil {
		return err
	}
	tried := newObject[T]()
	if err := json.Unmarshal(data, tried); err != nil {
		return err
	}
	return UpdateStatus(ctx, r.Client, tried, client.DryRunAll)
}

// schemaOutdated returns the outcome while the CRD of a kind is too old.
func schemaOutdated(o *OutdatedError) Outcome {
	return Stalled(v1alpha1.SchemaOutdatedReason, fmt.Sprintf("The CRD %ss.%s is older than this operator: it has no %s. "+
		"Nothing is sent until it is updated: kubectl apply --server-side -k config/crd, as they are in this operator's version.",
		strings.ToLower(o.Kind), v1alpha1.GroupVersion.Group, o.Field)).Within(schemaInterval)
}

// kindFor returns the name of kind T.
func kindFor[T Object]() string { return reflect.TypeFor[T]().Elem().Name() }
