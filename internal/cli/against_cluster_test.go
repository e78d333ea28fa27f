package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/metrics"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// operate runs all controllers for a namespace, until the test ends.
func (w *world) operate() {
	w.t.Helper()
	ctrl.SetLogger(logr.Discard())
	mgr, err := ctrl.NewManager(plane.Config, ctrl.Options{
		Scheme: plane.Client.Scheme(), Metrics: metricsserver.Options{BindAddress: "0"},
		Cache:      cache.Options{DefaultNamespaces: map[string]cache.Config{w.namespace: {}}},
		Controller: config.Controller{SkipNameValidation: new(true)}, // each test has its own operator
	})
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(controller.Setup(mgr, setup.Options{
		Pool: session.NewPool(session.PoolOptions{}), AllowEndpointOverride: true, WatchNamespaces: []string{w.namespace}, MaxConcurrentReconciles: 2,
		RequestTimeout: 40 * time.Second,
		Limits:         submission.Limits{SettleWindow: time.Minute, StallTimeout: 2 * time.Minute, JobTimeout: time.Hour},
		Counters:       metrics.Counters{}, Schemas: lifecycle.NewSchemas(nil),
	})).To(Succeed())
	ctx, stop := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	w.t.Cleanup(func() {
		stop()
		w.Expect(<-ended).To(Succeed())
	})
}

// ofObject matches the parts of a message that depend on the object, or on how it was planned.
var ofObject = regexp.MustCompile(`sha256:[0-9a-f]{64}`)

// comparison returns a plan without what identifies its object.
func comparison(content []byte) map[string]any {
	view := map[string]any{}
	if err := json.Unmarshal(ofObject.ReplaceAll(content, []byte("sha256")), &view); err != nil {
		return map[string]any{"error": err.Error(), "content": string(content)}
	}
	return view
}

// For each kind, what is planned against an organization equals what the operator's status
// says about the same manifests in a cluster.
func TestAPreviewIsWhatTheOperatorPlans(t *testing.T) {
	t.Parallel() // it waits for the operator
	w := newWorld(t, "preview")
	sim, _, url := shop(t)
	organization := &v1alpha1.Organization{ObjectMeta: w.meta("acme"), Spec: v1alpha1.OrganizationSpec{
		Endpoint: &v1alpha1.Endpoint{URL: url}, WorkdayHosts: []string{"wd.example.com"},
		Limits:      v1alpha1.Limits{RequestsPerSecond: 1000, Burst: 1000},
		Credentials: &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "key"}},
	}}
	w.Expect(plane.Client.Create(t.Context(), &corev1.Secret{ObjectMeta: w.meta("key"), StringData: map[string]string{"api-key": "key"}})).To(Succeed())
	w.Expect(plane.Client.Create(t.Context(), organization)).To(Succeed())
	_, out, errs := planned(t, url, manifestsOfAllKinds, "-o", "json", "-n", w.namespace)
	previewed := struct{ Plans []json.RawMessage }{}
	w.Expect(json.Unmarshal([]byte(out), &previewed)).To(Succeed(), errs)
	plans := map[string]map[string]any{}
	for _, content := range previewed.Plans {
		plan := comparison(content)
		plans[fmt.Sprintf("%s/%s", plan["kind"], plan["name"])] = plan
	}
	for _, kind := range controller.Kinds() {
		gvk, err := plane.Client.GroupVersionKindFor(kind)
		w.Expect(err).NotTo(HaveOccurred())
		w.Expect(plans).To(HaveKey(HavePrefix(gvk.Kind + "/")))
	}
	w.Expect(plans["UserGroup/many"]["total"]).To(BeNumerically(">", 50), "more than a status holds: %v", plans["UserGroup/many"])
	w.operate()
	objects, problems := manifest.Parse("manifests", []byte(manifestsOfAllKinds))
	w.Expect(problems).To(BeEmpty())
	// Each is planned before the next one is created, because some plans depend on others.
	for _, object := range objects {
		object.SetNamespace(w.namespace)
		name := object.GetKind() + "/" + object.GetName()
		if plans[name] != nil {
			w.Expect(unstructured.SetNestedField(object.Object, "Plan", "spec", "mode")).To(Succeed())
		}
		w.Expect(plane.Client.Create(t.Context(), object.Unstructured)).To(Succeed())
		if plans[name] == nil {
			continue
		}
		w.Eventually(func() map[string]any {
			_, out, _ := w.run("", "plan", name, "-o", "json")
			return comparison([]byte(out))
		}).WithTimeout(time.Minute).WithPolling(200 * time.Millisecond).Should(Equal(plans[name]))
		delete(plans, name)
	}
	w.Expect(plans).To(BeEmpty())
	w.Expect(sim.MutatingRequests()).To(BeEmpty())
}
