package options

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// bind parses arguments as the command line does.
func bind(t *testing.T, arguments ...string) *Options {
	t.Helper()
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	o := Bind(flags)
	NewWithT(t).Expect(flags.Parse(arguments)).To(Succeed())
	return o
}

func TestDefaults(t *testing.T) {
	g := NewWithT(t)
	o := bind(t)
	g.Expect(o.Complete()).To(Succeed())
	g.Expect(*o).To(Equal(Options{
		MaxConcurrentReconciles: 8,
		RequestTimeout:          40 * time.Second,
		SettleWindow:            time.Minute,
		JobStallTimeout:         2 * time.Minute,
		JobTimeout:              time.Hour,
		LeaderElect:             true,
		LeaseDuration:           15 * time.Second,
		RenewDeadline:           10 * time.Second,
		RetryPeriod:             2 * time.Second,
		LeaderNamespace:         "default",
		MetricsAddress:          ":8443",
		MetricsSecure:           true,
		ProbeAddress:            ":8081",
	}))
}

func TestWhatCannotWorkIsRefused(t *testing.T) {
	for _, argument := range []string{
		"--submission-settle-window=59s", "--request-timeout=41s", "--request-timeout=0s", "--job-timeout=0s",
		"--job-stall-timeout=-1s", "--max-concurrent-reconciles=0",
	} {
		t.Run(argument, func(t *testing.T) {
			NewWithT(t).Expect(bind(t, argument).Complete()).NotTo(Succeed())
		})
	}
	NewWithT(t).Expect(bind(t, "--request-timeout=10s", "--submission-settle-window=15s").Complete()).To(Succeed())
}

func TestTheManager(t *testing.T) {
	g := NewWithT(t)
	o := bind(t, "--watch-namespaces=a, b,", "--leader-elect-namespace=c")
	g.Expect(o.Complete()).To(Succeed())
	manager := o.Manager(runtime.NewScheme())
	g.Expect(o.Controllers().WatchNamespaces).To(Equal([]string{"a", "b"}))
	g.Expect(manager.Cache.DefaultNamespaces).To(And(HaveLen(2), HaveKey("a"), HaveKey("b")))
	g.Expect(manager.LeaderElectionNamespace).To(Equal("c"))
	g.Expect(manager.Client.Cache.DisableFor).To(ConsistOf(&corev1.Secret{}, &corev1.ConfigMap{}))
	g.Expect(manager.Metrics.FilterProvider).NotTo(BeNil())

	served := &tls.Config{NextProtos: []string{"h2"}}
	for _, change := range manager.Metrics.TLSOpts {
		change(served)
	}
	g.Expect(served.NextProtos).To(Equal([]string{"http/1.1"}))

	insecure := bind(t, "--metrics-secure=false").Manager(runtime.NewScheme())
	g.Expect(insecure.Metrics.FilterProvider).To(BeNil())
	g.Expect(insecure.Cache.DefaultNamespaces).To(BeNil(), "an empty map would be no namespace")
}

// kubectl apply stores a copy of a whole Secret in an annotation.
func TestWhatIsCachedIsStripped(t *testing.T) {
	g := NewWithT(t)
	meta := metav1.ObjectMeta{
		Name: "jumpcloud", Annotations: map[string]string{corev1.LastAppliedConfigAnnotation: "secret", v1alpha1.PausedAnnotation: "true"},
		Labels: map[string]string{"team": "hr"}, ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
	}
	stripped, err := strip(&metav1.PartialObjectMetadata{ObjectMeta: *meta.DeepCopy()})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(stripped).To(Equal(&metav1.PartialObjectMetadata{
		ObjectMeta: metav1.ObjectMeta{Name: "jumpcloud", Labels: map[string]string{"team": "hr"}},
	}))
	stripped, err = strip(&corev1.ConfigMap{ObjectMeta: *meta.DeepCopy()})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(stripped).To(HaveField("ManagedFields", BeEmpty()))
	g.Expect(stripped).To(HaveField("Annotations", Equal(map[string]string{v1alpha1.PausedAnnotation: "true"})), "our own kinds are read by their annotations")
	g.Expect(strip("tombstone")).To(Equal("tombstone"))
}

// informers is a cache that is filled or not.
type informers struct {
	cache.Informers
	filled bool
}

func (i informers) WaitForCacheSync(ctx context.Context) bool {
	if !i.filled {
		<-ctx.Done()
	}
	return i.filled
}

func TestReadyMeansThatTheCachesAreFilled(t *testing.T) {
	g := NewWithT(t)
	request := httptest.NewRequestWithContext(t.Context(), "GET", "/readyz", strings.NewReader(""))
	g.Expect(Ready(informers{filled: true})(request)).To(Succeed())
	g.Expect(Ready(informers{})(request)).To(MatchError(errors.New("the caches are not filled yet")))
}
