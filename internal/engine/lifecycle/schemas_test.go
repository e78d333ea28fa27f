package lifecycle

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const schemaStalled = "Stalled=True/SchemaOutdated"

// later makes the next check due.
func (w *world) later() {
	s := w.reconciler.Schemas
	s.readAt = s.readAt.Add(-schemaInterval)
	for kind, at := range s.triedAt {
		s.triedAt[kind] = at.Add(-schemaInterval)
	}
}

// prune makes status writes lose a member, as with an older CRD.
func (w *world) prune(member *string) {
	current, ok := w.reconciler.Client.(client.WithWatch)
	w.Expect(ok).To(BeTrue())
	w.reconciler.Client = interceptor.NewClient(current, interceptor.Funcs{
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, object client.Object, o ...client.SubResourceUpdateOption) error {
			body, ok := (&client.SubResourceUpdateOptions{}).ApplyOptions(o).SubResourceBody.(*unstructured.Unstructured)
			w.Expect(ok).To(BeTrue())
			unstructured.RemoveNestedField(body.Object, "status", *member)
			return c.SubResource(sub).Update(ctx, object, o...)
		},
	})
}

func (w *world) healthy() error {
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "/readyz", http.NoBody)
	w.Expect(err).NotTo(HaveOccurred())
	return w.reconciler.Schemas.Check(request)
}

// What is published is read before anything is done, and again while it is too old or could
// not be read, and not after that.
func TestWhatIsPublishedIsTooOld(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.answer(done)
	reads, lacking, failure := 0, map[string]string{"BulkUserImport": "spec.filter"}, errors.New("no answer")
	w.reconciler.Schemas = NewSchemas(func(context.Context) (map[string]string, error) {
		reads++
		return lacking, failure
	})
	w.Expect(w.healthy()).To(Succeed(), "what cannot be read says nothing")
	failure = nil
	w.later()
	w.pass()
	w.pass()
	w.Expect(reads).To(Equal(2))
	w.Expect(w.actuator.passes).To(BeZero())
	w.Expect(shown(w.get().Common())).To(ContainElement(schemaStalled))
	w.Expect(find(w.get().Common(), v1alpha1.ReadyCondition).Message).To(ContainSubstring("The CRD bulkuserimports.jumpcloud-operator.io is older than this operator: it has no spec.filter."))
	w.Expect(w.healthy()).To(MatchError(ContainSubstring("BulkUserImport")))
	w.Expect(w.writes).To(Equal([]string{"status"}))

	lacking = nil
	w.later()
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(1))
	w.Expect(w.healthy()).To(Succeed())
	w.later()
	w.pass()
	w.Expect(reads).To(Equal(3))
}

// A write that is not kept whole ends the pass, and all sending for the kind, until the same
// write is kept.
func TestAWriteThatIsNotKept(t *testing.T) {
	for name, write := range map[string]func(context.Context, *Pass[*v1alpha1.BulkUserImport]) error{
		"at the end": func(context.Context, *Pass[*v1alpha1.BulkUserImport]) error { return nil },
		"Save": func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) error {
			return pass.Save(ctx, progressing)
		},
		"CommitStatus": func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) error {
			return pass.CommitStatus(ctx, progressing)
		},
		"Record": func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) error {
			return pass.Record(ctx, progressing, func(*v1alpha1.BulkUserImport) bool { return true })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, anImport(), anOrganization())
			w.connect(anOrganization(), organizationID)
			member := "runNumber"
			w.prune(&member)
			w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
				pass.Object.Status.RunNumber = 7
				if err := write(ctx, pass); err != nil {
					return Failed(err)
				}
				return done
			}
			w.pass()
			w.Expect(shown(w.get().Common())).To(ContainElement(schemaStalled))
			w.Expect(w.healthy()).NotTo(Succeed())
			w.Expect(w.events()).To(HaveLen(1))
			writes := len(w.writes)
			result := w.pass()
			w.Expect(w.actuator.passes).To(Equal(1))
			w.Expect(w.writes).To(HaveLen(writes), "nothing is written again")
			w.Expect(result.RequeueAfter).To(BeNumerically("<=", time.Minute))
			w.Expect(w.reconciler.Schemas.known("BulkUserImport")).NotTo(Succeed())
			w.later()
			w.pass()
			w.Expect(w.actuator.passes).To(Equal(1), "a dry run is not kept either")

			member = ""
			w.later()
			w.pass()
			w.Expect(w.actuator.passes).To(Equal(2))
			w.Expect(w.get().Status.RunNumber).To(Equal(int64(7)))
			w.Expect(isReady(w.get().Common())).To(BeTrue())
			w.Expect(w.healthy()).To(Succeed())
		})
	}
}

// Once another object of the kind has shown that the CRD is too old, nothing is announced any
// more; what was learned is written all the same.
func TestNothingIsAnnouncedOnceTheCRDIsKnown(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.reconciler.Schemas.found(&OutdatedError{Kind: "BulkUserImport", Field: "status.jobs"})
		w.Expect(isOutdated(pass.CommitStatus(ctx, progressing))).To(BeTrue())
		w.Expect(isOutdated(pass.Save(ctx, progressing))).To(BeTrue())
		w.Expect(w.writes).To(BeEmpty())
		pass.Object.Status.RunNumber = 7
		w.Expect(pass.Record(ctx, progressing, func(*v1alpha1.BulkUserImport) bool { return true })).To(Succeed())
		return done
	}
	w.pass()
	w.Expect(w.get().Status.RunNumber).To(Equal(int64(7)))
}
