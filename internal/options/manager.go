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
	// name is the operator's name, as field manager and of the lease.
	name = "jumpcloud-operator"
	// shutdownGrace is the time that passes get, after the answer to the request in flight, to
	// record what they learned.
	shutdownGrace = 20 * time.Second
	// readyTimeout is less than the timeout of a probe.
	readyTimeout = 500 * time.Millisecond
)

// Manager returns the options of the manager.
func (o *Options) Manager(scheme *runtime.Scheme) manager.Options {
	metrics := metricsserver.Options{
		BindAddress: o.MetricsAddress, SecureServing: o.MetricsSecure, CertDir: o.MetricsCertDir,
		// Scrapers need no HTTP/2, and its streams can be used to attack a server.
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
			// Caching whole Secrets and ConfigMaps would fill the memory with content that is
			// never read again, and Secrets should not be there at all.
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

// strip removes from an object, before it is cached, what is never read: managed fields, the
// annotation in which kubectl keeps a copy of the whole object, and all annotations of objects
// that are watched only for their metadata. Cached objects are written only by patches and
// through the status, which leave both unchanged.
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

// Ready checks that the caches are filled. It does not ask JumpCloud: an outage there is no
// reason to take the operator out of service.
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
