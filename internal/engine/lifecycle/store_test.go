package lifecycle

import (
	"context"
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func TestWhatWasLearnedOutlivesTheManager(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	ctx, cancel := context.WithCancel(t.Context())
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		cancel()
		pass.Object.Status.RunNumber = 7
		return progressing
	}
	_, err := w.reconciler.Reconcile(ctx, reconcile.Request{NamespacedName: importKey})
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(w.get().Status.RunNumber).To(Equal(int64(7)))
}

func TestConflictsEndThePassSilently(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	edit := func() { w.change(func(o *v1alpha1.BulkUserImport) { o.Spec.Operation = v1alpha1.OperationCreate }) }
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		edit()
		pass.Object.Status.RunNumber = 7
		return done
	}
	result := w.pass()
	w.Expect(w.get().Status.RunNumber).To(BeZero())
	w.Expect(result.RequeueAfter).To(BeNumerically("<", time.Second))
	w.Expect(w.events()).To(BeEmpty())
}

func TestAFailedWriteIsRepeated(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.refuse = func(string) error { return apierrors.NewInternalError(errors.New("etcd")) }
	w.answer(done)
	_, err := w.reconciler.Reconcile(t.Context(), reconcile.Request{NamespacedName: importKey})
	w.Expect(err).To(HaveOccurred())
	w.Expect(w.events()).To(BeEmpty())
	w.refuse = func(string) error { return nil }
	w.pass()
	w.Expect(w.events()).To(HaveLen(1))
}

func TestSaveWritesInTheMiddleOfAPass(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	stored := w.get
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.EnsureFinalizer(ctx)).To(Succeed())
		pass.Object.Status.RunNumber = 1
		w.Expect(pass.Save(ctx, progressing)).To(Succeed())
		w.Expect(stored().Status.RunNumber).To(Equal(int64(1)))
		w.Expect(shown(stored().Common())).To(Equal([]string{"Ready=Unknown/JobRunning", "Reconciling=True/JobRunning"}))
		w.Expect(pass.Save(ctx, progressing)).To(Succeed())

		pass.Object.Status.RunNumber = 2
		w.Expect(pass.RemoveFinalizer(ctx)).To(Succeed())
		return done
	}
	w.pass()
	w.Expect(w.writes).To(Equal([]string{"create", "patch", "status", "patch", "status"}))
	object := w.get()
	w.Expect(object.Status.RunNumber).To(Equal(int64(2)))
	w.Expect(object.Finalizers).To(Equal([]string{"example.org/other"}))
	w.Expect(shown(object.Common())).To(Equal([]string{"Ready=True/Succeeded"}))
}

func TestSaveLosesToAnybodyElse(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	edit := func() { w.change(func(o *v1alpha1.BulkUserImport) { o.Labels = map[string]string{"a": "b"} }) }
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		edit()
		pass.Object.Status.RunNumber = 1
		err := pass.Save(ctx, progressing)
		w.Expect(apierrors.IsConflict(err)).To(BeTrue())
		return Failed(err)
	}
	w.pass()
	w.Expect(w.get().Status.RunNumber).To(BeZero())
	w.Expect(w.get().Status.Conditions).To(BeEmpty())
}

// Save does not notice an old copy if it has nothing to write; CommitStatus does.
func TestCommitStatusWritesEvenIfNothingChanged(t *testing.T) {
	for name, edited := range map[string]bool{"present": false, "old": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, anImport(), anOrganization())
			w.connect(anOrganization(), organizationID)
			w.answer(progressing)
			w.pass()
			edit := func() {}
			if edited {
				edit = func() { w.change(func(o *v1alpha1.BulkUserImport) { o.Labels = map[string]string{"a": "b"} }) }
			}
			w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
				edit()
				w.Expect(pass.Save(ctx, progressing)).To(Succeed())
				err := pass.CommitStatus(ctx, progressing)
				w.Expect(apierrors.IsConflict(err)).To(Equal(edited))
				return Failed(err)
			}
			w.pass()
		})
	}
}

func TestSaveOutlivesTheDeadline(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		expired, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
		defer cancel()
		pass.Object.Status.RunNumber = 1
		w.Expect(pass.Save(expired, progressing)).To(Succeed())
		return progressing
	}
	w.pass()
	w.Expect(w.get().Status.RunNumber).To(Equal(int64(1)))
}

// The answer to a call that is never repeated survives an edit and an API server that fails,
// but not a newer attempt.
func TestRecordKeepsWhatMustNotBeLost(t *testing.T) {
	job := func(attempt int32, state v1alpha1.JobState, id string) []v1alpha1.JobStatus {
		return []v1alpha1.JobStatus{{Index: 1, Operation: v1alpha1.JobCreate, Attempt: attempt, State: state, JobID: id}}
	}
	ours := func(stored *v1alpha1.BulkUserImport) bool {
		return len(stored.Status.Jobs) == 1 && stored.Status.Jobs[0].Attempt == 1 && stored.Status.Jobs[0].State == v1alpha1.JobIntended
	}
	cases := map[string]struct {
		meanwhile func(w *world)
		want      string
	}{
		"nothing else": {func(*world) {}, "J1"},
		"an edit":      {func(w *world) { w.change(annotated("example.org/note", "x")) }, "J1"},
		"a failing API server": {func(w *world) {
			failures := 2
			w.refuse = func(string) error {
				failures--
				if failures >= 0 {
					return apierrors.NewInternalError(errors.New("etcd"))
				}
				return nil
			}
		}, "J1"},
		"another attempt": {func(w *world) {
			object := w.get()
			object.Status.Jobs = job(2, v1alpha1.JobIntended, "")
			w.Expect(w.api.Status().Update(w.t.Context(), object)).To(Succeed())
		}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, anImport(), anOrganization())
			w.connect(anOrganization(), organizationID)
			meanwhile := func() { tc.meanwhile(w) }
			w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
				pass.Object.Status.Jobs = job(1, v1alpha1.JobIntended, "")
				w.Expect(pass.Save(ctx, progressing)).To(Succeed())
				meanwhile()
				pass.Object.Status.Jobs = job(1, v1alpha1.JobSubmitted, "J1")
				err := pass.Record(ctx, progressing, ours)
				if tc.want == "" {
					w.Expect(apierrors.IsConflict(err)).To(BeTrue())
					return Failed(err)
				}
				w.Expect(err).NotTo(HaveOccurred())
				return progressing
			}
			w.pass()
			w.Expect(w.get().Status.Jobs[0].JobID).To(Equal(tc.want))
			if name == "an edit" {
				w.Expect(w.get().Annotations).To(HaveKey("example.org/note"))
			}
		})
	}
}

func TestFinalizersOfOthersStay(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	edit := func() {
		w.change(func(o *v1alpha1.BulkUserImport) { controllerutil.AddFinalizer(o, "example.org/second") })
	}
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		edit()
		err := pass.EnsureFinalizer(ctx)
		w.Expect(apierrors.IsConflict(err)).To(BeTrue())
		return Failed(err)
	}
	w.pass()
	w.Expect(w.get().Finalizers).To(Equal([]string{"example.org/other", "example.org/second"}))
}

func TestNothingIsCreatedInATerminatingNamespace(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	terminating := apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "", errors.New("terminating"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	refusal := error(terminating)
	w.refuse = func(verb string) error {
		if verb == "create" {
			return refusal
		}
		return nil
	}
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		if err := pass.EnsureFinalizer(ctx); err != nil {
			return Failed(err)
		}
		return done
	}
	w.pass()
	w.Expect(w.get().Finalizers).NotTo(ContainElement(v1alpha1.Finalizer))
	w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=Unknown/Deleting", "Reconciling=True/Deleting"}))

	refusal = apierrors.NewInternalError(errors.New("etcd"))
	_, err := w.reconciler.Reconcile(t.Context(), reconcile.Request{NamespacedName: importKey})
	w.Expect(err).To(HaveOccurred())
	w.Expect(w.get().Finalizers).NotTo(ContainElement(v1alpha1.Finalizer))

	for _, refusal = range []error{
		apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "", errors.New("exceeded quota")),
		apierrors.NewBadRequest("admission webhook does not support dry run"),
		apierrors.NewInvalid(schema.GroupKind{Kind: "ConfigMap"}, "", nil),
	} {
		w.change(func(o *v1alpha1.BulkUserImport) { controllerutil.RemoveFinalizer(o, v1alpha1.Finalizer) })
		w.pass()
		w.Expect(w.get().Finalizers).To(ContainElement(v1alpha1.Finalizer), "%v does not tell that the namespace ends", refusal)
	}
	configMaps := &corev1.ConfigMapList{}
	w.Expect(w.api.List(t.Context(), configMaps)).To(Succeed())
	w.Expect(configMaps.Items).To(BeEmpty())
}
