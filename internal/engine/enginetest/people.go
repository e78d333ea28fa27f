package enginetest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Get returns the object as it is stored.
func (w *World[T]) Get() T {
	w.T.Helper()
	object := w.empty()
	w.Expect(w.API.Get(w.T.Context(), w.Key, object)).To(gomega.Succeed())
	return object
}

// Gone reports whether the object no longer exists.
func (w *World[T]) Gone() bool {
	w.T.Helper()
	err := w.API.Get(w.T.Context(), w.Key, w.empty())
	return apierrors.IsNotFound(err)
}

// Edit changes the object as a person does. A change of the spec increments the generation.
func (w *World[T]) Edit(change func(T)) {
	w.T.Helper()
	object := w.Get()
	before := w.spec(object)
	change(object)
	if w.spec(object) != before {
		object.SetGeneration(object.GetGeneration() + 1)
	}
	w.Expect(w.API.Update(w.T.Context(), object)).To(gomega.Succeed())
}

// Annotate sets an annotation of the object.
func (w *World[T]) Annotate(key, value string) {
	w.T.Helper()
	w.Edit(func(object T) {
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[key] = value
		object.SetAnnotations(annotations)
	})
}

// Request requests a pass with a token that was not used before.
func (w *World[T]) Request() {
	w.T.Helper()
	w.requests++
	w.Annotate(v1alpha1.ReconcileRequestedAtAnnotation, strconv.Itoa(w.requests))
}

// Delete requests the deletion of the object.
func (w *World[T]) Delete() {
	w.T.Helper()
	w.Expect(w.API.Delete(w.T.Context(), w.Get())).To(gomega.Succeed())
}

// EditOrganization changes the Organization, and reconnects as its controller does.
func (w *World[T]) EditOrganization(change func(*v1alpha1.Organization)) {
	w.T.Helper()
	object := w.Organization()
	change(object)
	object.Generation++
	w.Expect(w.API.Update(w.T.Context(), object)).To(gomega.Succeed())
	w.Connect()
}

// Organization returns the Organization as it is stored.
func (w *World[T]) Organization() *v1alpha1.Organization {
	w.T.Helper()
	object := &v1alpha1.Organization{}
	w.Expect(w.API.Get(w.T.Context(), organizationKey, object)).To(gomega.Succeed())
	return object
}

// Count is what a window counts.
type Count struct{ Harmful, Created int }

// Counted returns what the guard's window of the Organization counts.
func (w *World[T]) Counted() (count Count) {
	w.T.Helper()
	organization := w.Organization()
	if organization.Status.Guard == nil {
		return count
	}
	length := cmp.Or(organization.Spec.Guard.Window.Duration.Duration, 24*time.Hour)
	for _, bucket := range organization.Status.Guard.Harmed {
		if time.Now().Before(bucket.Hour.Add(time.Hour + length)) {
			count.Harmful, count.Created = count.Harmful+int(bucket.Harmful), count.Created+int(bucket.Created)
		}
	}
	return count
}

// ConfigMap creates or updates a ConfigMap in the object's namespace.
func (w *World[T]) ConfigMap(name string, data map[string]string) {
	w.T.Helper()
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.Key.Namespace, Name: name}, Data: data}
	err := w.API.Create(w.T.Context(), object)
	if apierrors.IsAlreadyExists(err) {
		err = w.API.Update(w.T.Context(), object)
	}
	w.Expect(err).NotTo(gomega.HaveOccurred())
}

// Condition returns a condition of the object; an empty one if it has none.
func (w *World[T]) Condition(conditionType string) metav1.Condition {
	w.T.Helper()
	if condition := apimeta.FindStatusCondition(w.Get().Common().Conditions, conditionType); condition != nil {
		return *condition
	}
	return metav1.Condition{}
}

// ExpectReady expects the status and reason of Ready, such as "True/Succeeded".
func (w *World[T]) ExpectReady(ready string) {
	w.T.Helper()
	condition := w.Condition(v1alpha1.ReadyCondition)
	w.Expect(string(condition.Status)+"/"+condition.Reason).To(gomega.Equal(ready), w.Describe)
}

// Message returns the message of Ready.
func (w *World[T]) Message() string {
	w.T.Helper()
	return w.Condition(v1alpha1.ReadyCondition).Message
}

// Finalized reports whether a deletion would wait for the operator.
func (w *World[T]) Finalized() bool {
	w.T.Helper()
	return slices.Contains(w.Get().GetFinalizers(), v1alpha1.Finalizer)
}

// Describe returns the object's conditions and status. Pass the function itself as the
// message of an expectation, so that it is called for failures only.
func (w *World[T]) Describe() string {
	object := w.empty()
	if err := w.API.Get(w.T.Context(), w.Key, object); err != nil {
		return err.Error()
	}
	var all []string
	for _, c := range object.Common().Conditions {
		all = append(all, c.Type+"="+string(c.Status)+" "+c.Reason+": "+c.Message)
	}
	return strings.Join(append(all, w.part(object, "status")), "\n")
}

// About returns a message that names what is wrong, and adds the object's status.
func (w *World[T]) About(what string) func() string {
	return func() string { return what + ": " + w.Describe() }
}

// spec returns the object's spec in a form that can be compared.
func (w *World[T]) spec(object T) string { return w.part(object, "spec") }

func (w *World[T]) part(object T, name string) string {
	data, err := json.Marshal(object)
	w.Expect(err).NotTo(gomega.HaveOccurred())
	var parts map[string]json.RawMessage
	w.Expect(json.Unmarshal(data, &parts)).To(gomega.Succeed())
	return string(parts[name])
}

func (w *World[T]) empty() T {
	object, ok := reflect.TypeAssert[T](reflect.New(reflect.TypeFor[T]().Elem()))
	w.Expect(ok).To(gomega.BeTrue())
	return object
}

// assign copies an object into another one of its type; it reports false if the types differ.
func assign(into, from any) bool {
	if reflect.TypeOf(into) != reflect.TypeOf(from) {
		return false
	}
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(from).Elem())
	return true
}

// ExpectRequestReads expects that a requested pass is acknowledged only after it has read the
// live state again, by requests of this method to paths with this prefix.
func (w *World[T]) ExpectRequestReads(method, path string) {
	w.T.Helper()
	w.expectRequestReads(gomega.SatisfyAll(gomega.HaveField("Method", method), gomega.HaveField("Path", gomega.HavePrefix(path))))
}

// ExpectRequestReadsUsers is ExpectRequestReads for users, whom the directory lists, searches,
// or reads one by one.
func (w *World[T]) ExpectRequestReadsUsers() {
	w.T.Helper()
	w.expectRequestReads(gomega.HaveField("Path", gomega.MatchRegexp("^/api/(search/)?systemusers")))
}

func (w *World[T]) expectRequestReads(such types.GomegaMatcher) {
	w.T.Helper()
	w.Rest()
	<-time.After(time.Second) // readings from now on are newer than earlier ones
	w.Sim.ForgetHistory()
	calls := w.OnCall
	w.OnCall = func(c Call, do func() error) error {
		if object, ok := c.Object.(T); ok && c.Writes() && object.Common().LastHandledReconcileAt == strconv.Itoa(w.requests) {
			w.Expect(w.Sim.History()).To(gomega.ContainElement(such), "what is read before the request is acknowledged")
		}
		return do()
	}
	w.Request()
	w.Rest()
	w.OnCall = calls
	w.Expect(w.Get().Common().LastHandledReconcileAt).To(gomega.Equal(strconv.Itoa(w.requests)), w.Describe)
}

// ExpectNoQuotes expects that JumpCloud's answer to a read that it refuses appears neither in
// the object's status nor in an event: the answer may quote anything.
func (w *World[T]) ExpectNoQuotes(method string) {
	w.T.Helper()
	const secret = "hunter2"
	w.Sim.Script(jumpcloudtest.Fault{
		Match:  jumpcloudtest.Match{Method: method, Times: -1},
		Status: http.StatusBadRequest, Body: `{"message":"` + secret + `"}`,
	})
	w.Until(func() bool { return strings.Contains(w.Message(), "JumpCloud refused") })
	w.Expect(w.Describe() + strings.Join(w.Events, "\n")).NotTo(gomega.ContainSubstring(secret))
}
