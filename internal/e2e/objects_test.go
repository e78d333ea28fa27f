package e2e

import (
	"context"
	"reflect"
	"sync"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// reported is an object of one of the operator's kinds.
type reported interface {
	client.Object
	Common() *v1alpha1.CommonStatus
}

// read reads an object, given one of its type and key. It does not change the given object:
// reading into an object that is not empty would keep fields that do not exist any more.
func read[T client.Object](w *world, key T) (T, error) {
	fresh := reflect.New(reflect.TypeOf(key).Elem()).Interface().(T)
	return fresh, plane.Client.Get(w.Context(), client.ObjectKeyFromObject(key), fresh)
}

// see reads an object as read does, or from the cache of a world that has one.
func see[T client.Object](w *world, key T) (T, error) {
	if w.cache == nil {
		return read(w, key)
	}
	fresh := reflect.New(reflect.TypeOf(key).Elem()).Interface().(T)
	return fresh, w.cache.Get(w.Context(), client.ObjectKeyFromObject(key), fresh)
}

// keepCache gives the world a cache for the objects that it waits for: polling hundreds of
// objects would overload the API server.
func (w *world) keepCache(kinds ...client.Object) {
	w.Helper()
	kept, err := cache.New(plane.Config, cache.Options{
		Scheme: plane.Scheme, DefaultNamespaces: map[string]cache.Config{w.namespace: {}},
	})
	w.Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(w.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := kept.Start(ctx); err != nil {
			w.Errorf("the cache of a world: %v", err)
		}
	})
	w.Cleanup(func() { cancel(); running.Wait() })
	for _, kind := range kinds {
		_, err := kept.GetInformer(ctx, kind)
		w.Expect(err).NotTo(HaveOccurred())
	}
	w.cache = kept
}

// amend edits an object, retries on conflicts, and returns the stored object.
func amend[T client.Object](w *world, key T, edit func(T)) T {
	w.Helper()
	var object T
	w.Eventually(func() (err error) {
		if object, err = read(w, key); err != nil {
			return err
		}
		edit(object)
		return plane.Client.Update(w.Context(), object)
	}).Should(Succeed())
	return object
}

// mark sets an annotation of an object; "" removes it.
func mark[T client.Object](w *world, key T, annotation, value string) {
	w.Helper()
	amend(w, key, func(object T) {
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[annotation] = value
		if value == "" {
			delete(annotations, annotation)
		}
		object.SetAnnotations(annotations)
	})
}

// reaches waits until Ready has the reason, for the present generation if the reason is one of
// settled, and returns the object.
func reaches[T reported](w *world, key T, reason string) T {
	w.Helper()
	return awaits(w, key, func(g Gomega, object T, ready *metav1.Condition) {
		g.Expect(ready.Reason).To(Equal(reason), func() string { return shown(object) })
		if settled[reason] {
			g.Expect(object.Common().ObservedGeneration).To(Equal(object.GetGeneration()))
			g.Expect(atWork(object)).To(BeFalse())
		}
	})
}

// isReady waits until the object is as its present generation declares.
func isReady[T reported](w *world, key T) T {
	w.Helper()
	return awaits(w, key, func(g Gomega, object T, ready *metav1.Condition) {
		g.Expect(ready.Status).To(Equal(metav1.ConditionTrue), func() string { return shown(object) })
		g.Expect(object.Common().ObservedGeneration).To(Equal(object.GetGeneration()))
		g.Expect(atWork(object)).To(BeFalse())
	})
}

// shown returns an object as kubectl shows it, for the message of a failure.
func shown(object client.Object) string {
	copied := object.DeepCopyObject().(client.Object)
	copied.SetManagedFields(nil)
	text, err := yaml.Marshal(copied)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// atWork reports whether the operator is working on an object; Ready then still has its
// previous value.
func atWork(object reported) bool {
	return apimeta.IsStatusConditionTrue(object.Common().Conditions, v1alpha1.ReconcilingCondition)
}

func awaits[T reported](w *world, key T, check func(Gomega, T, *metav1.Condition)) T {
	w.Helper()
	var object T
	w.Eventually(func(g Gomega) {
		var err error
		object, err = see(w, key)
		g.Expect(err).NotTo(HaveOccurred())
		ready := apimeta.FindStatusCondition(object.Common().Conditions, v1alpha1.ReadyCondition)
		g.Expect(ready).NotTo(BeNil())
		check(g, object, ready)
	}).Should(Succeed())
	w.invariants(object.Common().Conditions)
	return object
}

// settled are reasons that are about a generation: it was carried out, planned, or rejected.
var settled = map[string]bool{
	v1alpha1.SucceededReason: true, v1alpha1.UpToDateReason: true, v1alpha1.AdoptedReason: true,
	v1alpha1.ScheduledReason: true, v1alpha1.ExecutedReason: true, v1alpha1.PlannedReason: true,
	v1alpha1.RowsFailedReason: true, v1alpha1.InvalidRowsReason: true, v1alpha1.ApprovalRequiredReason: true,
	v1alpha1.PlanChangedReason: true, v1alpha1.PlanOnlyReason: true, v1alpha1.RemoteConflictReason: true,
	v1alpha1.AdoptionRefusedReason: true, v1alpha1.ScheduleInPastReason: true, v1alpha1.InvalidSpecReason: true,
}

// remove deletes an object, and waits until it is gone.
func (w *world) remove(object client.Object) {
	w.Helper()
	w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
	w.disappears(object)
}

func (w *world) disappears(object client.Object) {
	w.Helper()
	w.Eventually(func() bool {
		_, err := read(w, object)
		return apierrors.IsNotFound(err)
	}).Should(BeTrue(), "%s is still there", object.GetName())
}

// readyMessage returns the message of an object's Ready condition.
func readyMessage(object reported) string {
	return apimeta.FindStatusCondition(object.Common().Conditions, v1alpha1.ReadyCondition).Message
}

// list lists the objects of the world's namespace.
func (w *world) list(list client.ObjectList) error {
	return plane.Client.List(w.Context(), list, client.InNamespace(w.namespace))
}
