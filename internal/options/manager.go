package options

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	// name is the operator's, as field manager and as the lease's name.
	name = "jumpcloud-operator"
	// shutdownGrace is what passes get, after the answer to the request in
	// flight, to write down what they learned.
	shutdownGrace = 20 * time.Second
	// readyTimeout is less than what a probe waits.
	readyTimeout = 500 * time.Millisecond
)

// Manager returns what the manager is made from.
func (o *Options) Manager(scheme *runtime.Scheme) manager.Options {
	metrics := metricsserver.Options{
		BindAddress: o.MetricsAddress, SecureServing: o.MetricsSecure, CertDir: o.MetricsCertDir,
		// Scrapers need no HTTP/2, and its streams can be used against a server.
		TLSOpts: []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }},
	}
	if o.MetricsSecure {
		metrics.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	return manager.Options{
		Scheme:         scheme,
		Cache:          o.cache(),
		MapperProvider: newMapper,
		Client: client.Options{
			FieldOwner: name,
			// Whole Secrets and ConfigMaps would fill the memory with what is never
			// read again, and Secrets are better not there at all.
			Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}},
		},
		Controller: config.Controller{EnableWarmup: new(true)},
		Metrics:    metrics,

		HealthProbeBindAddress: o.ProbeAddress,

		LeaderElection:          o.LeaderElect,
		LeaderElectionID:        name,
		LeaderElectionNamespace: o.LeaderNamespace,
		LeaseDuration:           &o.LeaseDuration,
		RenewDeadline:           &o.RenewDeadline,
		RetryPeriod:             &o.RetryPeriod,
		// Safe because the process ends as soon as the manager has stopped.
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       new(o.RequestTimeout + shutdownGrace),
	}
}

func (o *Options) cache() cache.Options {
	options := cache.Options{DefaultTransform: strip}
	for _, namespace := range o.WatchNamespaces {
		if options.DefaultNamespaces == nil {
			options.DefaultNamespaces = map[string]cache.Config{}
		}
		options.DefaultNamespaces[namespace] = cache.Config{}
	}
	return options
}

// strip drops what is never read before an object is cached: managed fields, the
// annotation in which kubectl keeps the whole object once more, and of objects that are
// watched for their metadata all annotations. Objects of the cache are written by
// patches and through the status only, which leave both as they are.
func strip(object any) (any, error) {
	accessor, err := apimeta.Accessor(object)
	if err != nil {
		return object, nil //nolint:nilerr // a tombstone is kept as it is
	}
	accessor.SetManagedFields(nil)
	if _, ok := object.(*metav1.PartialObjectMetadata); ok {
		accessor.SetAnnotations(nil)
	}
	delete(accessor.GetAnnotations(), corev1.LastAppliedConfigAnnotation)
	return object, nil
}

// Ready checks that the caches are filled. JumpCloud is not asked: that it is
// down is no reason to take the operator away.
func Ready(informers cache.Informers) healthz.Checker {
	return func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), readyTimeout)
		defer cancel()
		if !informers.WaitForCacheSync(ctx) {
			return errors.New("the caches are not filled yet")
		}
		return nil
	}
}
