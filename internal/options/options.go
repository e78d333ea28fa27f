// Package options holds the operator's command line, and the options of the manager that
// follow from it.
package options

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// Options are the operator's flags. --kubeconfig comes from controller-runtime
// and --zap-* from its logger.
type Options struct {
	AllowEndpointOverride   bool
	WatchNamespaces         []string
	MaxConcurrentReconciles int
	RequestTimeout          time.Duration
	SettleWindow            time.Duration
	JobStallTimeout         time.Duration
	JobTimeout              time.Duration

	LeaderElect     bool
	LeaseDuration   time.Duration
	RenewDeadline   time.Duration
	RetryPeriod     time.Duration
	LeaderNamespace string

	MetricsAddress string
	MetricsSecure  bool
	MetricsCertDir string
	ProbeAddress   string
}

// Bind adds the flags to a flag set and returns the Options that they will be parsed into.
func Bind(flags *flag.FlagSet) *Options {
	o := &Options{}
	flags.BoolVar(&o.AllowEndpointOverride, "allow-endpoint-override", false,
		"Allow spec.endpoint of Organizations, and Workday reports on any host. For tests and development: both decide where credentials are sent.")
	flags.Func("watch-namespaces", "Comma-separated list of namespaces to watch. Default: all.", func(value string) error {
		o.WatchNamespaces = o.WatchNamespaces[:0]
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name != "" {
				o.WatchNamespaces = append(o.WatchNamespaces, name)
			}
		}
		return nil
	})
	flags.IntVar(&o.MaxConcurrentReconciles, "max-concurrent-reconciles", 8, "Number of workers for each kind.")
	flags.DurationVar(&o.RequestTimeout, "request-timeout", 40*time.Second, "Time limit of one request to JumpCloud, including its response.")
	flags.DurationVar(&o.SettleWindow, "submission-settle-window", time.Minute,
		"How long to wait after a submission without a response before reading the directory to find out what became of it. At least 1.5 times --request-timeout.")
	flags.DurationVar(&o.JobStallTimeout, "job-stall-timeout", 2*time.Minute, "Time after which the results of a job count as final if they do not change.")
	flags.DurationVar(&o.JobTimeout, "job-timeout", time.Hour, "How long to wait for the results of a job before a person must decide.")

	flags.BoolVar(&o.LeaderElect, "leader-elect", true, "Work only while holding the lease, so that only one of several replicas works.")
	flags.DurationVar(&o.LeaseDuration, "leader-elect-lease-duration", 15*time.Second, "Time after which another replica may take a lease that was not renewed.")
	flags.DurationVar(&o.RenewDeadline, "leader-elect-renew-deadline", 10*time.Second, "Time after which a leader that cannot renew its lease exits.")
	flags.DurationVar(&o.RetryPeriod, "leader-elect-retry-period", 2*time.Second, "Time between two attempts to acquire or renew the lease.")
	flags.StringVar(&o.LeaderNamespace, "leader-elect-namespace", "",
		"Namespace of the lease. Default: the namespace of the pod; outside a cluster, the namespace default.")

	flags.StringVar(&o.MetricsAddress, "metrics-bind-address", ":8443", "Address that serves the metrics; 0 turns them off.")
	flags.BoolVar(&o.MetricsSecure, "metrics-secure", true, "Serve metrics over HTTPS, only to clients that the API server authenticates and authorizes.")
	flags.StringVar(&o.MetricsCertDir, "metrics-cert-dir", "",
		"Directory with tls.crt and tls.key for the metrics; the files are read again when they change. Default: a self-signed certificate of the operator.")
	flags.StringVar(&o.ProbeAddress, "health-probe-bind-address", ":8081", "Address that serves /healthz and /readyz; 0 turns them off.")
	return o
}

// Complete checks the flags and fills in what depends on the environment of the operator.
func (o *Options) Complete() error {
	if o.LeaderElect && o.LeaderNamespace == "" {
		namespace, err := ownNamespace()
		if err != nil {
			return fmt.Errorf("--leader-elect-namespace: %w", err)
		}
		o.LeaderNamespace = namespace
	}
	controllers := o.Controllers()
	return controllers.Validate()
}

// Controllers returns the options of the controllers that come from the command line.
func (o *Options) Controllers() setup.Options {
	return setup.Options{
		AllowEndpointOverride:   o.AllowEndpointOverride,
		WatchNamespaces:         o.WatchNamespaces,
		MaxConcurrentReconciles: o.MaxConcurrentReconciles,
		RequestTimeout:          o.RequestTimeout,
		Limits: submission.Limits{
			SettleWindow: o.SettleWindow, StallTimeout: o.JobStallTimeout, JobTimeout: o.JobTimeout,
		},
	}
}

// ownNamespace returns the pod's namespace, or default outside a cluster.
func ownNamespace() (string, error) {
	content, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
	if errors.Is(err, os.ErrNotExist) {
		return "default", nil
	}
	return strings.TrimSpace(string(content)), err
}
