// Command jumpcloud-operator manages JumpCloud users that are declared as Kubernetes objects.
// With a subcommand, or called as kubectl-jumpcloud, it runs the commands for people instead
// of the manager.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	_ "golang.org/x/crypto/x509roots/fallback" // the image has no certificates; those of a system are preferred
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/discovery"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/cli"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/crdcheck"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/metrics"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/options"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// collectAt is the growth of the memory in use, in percent, that triggers a garbage
// collection, unless GOGC is set: clusters have less memory to spare than time.
const collectAt = 50

// schemaTimeout bounds the wait of the first pass for the published schemas.
const schemaTimeout = 10 * time.Second

func main() {
	if cli.Wanted(os.Args) {
		os.Exit(command())
	}
	if err := manage(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// command runs a command for people until it ends or is interrupted.
func command() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctrl.SetLogger(logr.Discard())
	return cli.Main(ctx, os.Args, genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr})
}

// manage runs the manager.
func manage() error {
	o := options.Bind(flag.CommandLine)
	var logging zap.Options
	logging.BindFlags(flag.CommandLine)
	flag.Usage = func() {
		_, _ = fmt.Fprintf(flag.CommandLine.Output(), "%s [flags] runs the manager; %[1]s help lists the commands for people. Flags of the manager:\n", os.Args[0])
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := o.Complete(); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	options.KeepSecrets(&logging)
	logger := options.Calm(zap.New(zap.UseFlagOptions(&logging)))
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)

	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))

	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	ctx := ctrl.SetupSignalHandler()
	if err := o.WaitForAPIServer(ctx, config); err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(config, o.Manager(scheme))
	if err != nil {
		return err
	}
	pool := session.NewPool(session.PoolOptions{
		RequestTimeout: o.RequestTimeout,
		UserAgent:      "jumpcloud-operator",
		Observe:        metrics.ObserveCall,
	})
	if err := metrics.Register(ctrlmetrics.Registry, pool.Collector(), controller.Collector(mgr.GetCache(), scheme)); err != nil {
		return err
	}
	controllers := o.Controllers()
	controllers.Pool = pool
	controllers.Counters = metrics.Counters{}
	controllers.Schemas, err = schemas(config, scheme)
	if err != nil {
		return err
	}
	if err := controller.Setup(mgr, controllers); err != nil {
		return err
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	if err := mgr.AddReadyzCheck("caches", options.Ready(mgr.GetCache())); err != nil {
		return err
	}
	if err := mgr.AddReadyzCheck("crds", controllers.Schemas.Check); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

// schemas returns the comparison of the operator's kinds with the CRDs of the API server.
func schemas(config *rest.Config, scheme *runtime.Scheme) (*lifecycle.Schemas, error) {
	config = rest.CopyConfig(config)
	config.Timeout = schemaTimeout
	published, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	return lifecycle.NewSchemas(func(ctx context.Context) (map[string]string, error) {
		return crdcheck.Lacking(ctx, published.OpenAPIV3(), scheme)
	}), nil
}
