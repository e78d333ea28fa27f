package options

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
)

const (
	// answerTimeout bounds one request to the API server.
	answerTimeout = 5 * time.Second
	// askAgain is the time between two requests.
	askAgain = 2 * time.Second
)

// WaitForAPIServer returns once the API server answers, whatever it says, or the context is
// done. Until then the probes report that the process is alive and not ready: a restart would
// not bring the API server back sooner.
func (o *Options) WaitForAPIServer(ctx context.Context, config *rest.Config) error {
	asking, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	err = ask(ctx, asking)
	if err == nil {
		return nil
	}
	stop, listenErr := o.probes(ctx)
	if listenErr != nil {
		return listenErr
	}
	defer stop()
	for ; err != nil; err = ask(ctx, asking) {
		ctrl.Log.Info("The API server does not answer. It is asked again.", "error", err.Error())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(askAgain):
		}
	}
	return nil
}

// ask returns an error if the API server itself does not answer.
func ask(ctx context.Context, client discovery.DiscoveryInterface) error {
	err := client.RESTClient().Get().AbsPath("/version").Timeout(answerTimeout).MaxRetries(0).Do(ctx).Error()
	if status, ok := errors.AsType[*apierrors.StatusError](err); ok && status.Status().Code < http.StatusInternalServerError {
		return nil
	}
	return err
}

// probes serves the probes of a process that has no manager yet.
func (o *Options) probes(ctx context.Context) (stop func(), err error) {
	if o.ProbeAddress == "" || o.ProbeAddress == "0" {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.ProbeAddress)
	if err != nil {
		return nil, err
	}
	answers := http.NewServeMux()
	answers.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	answers.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the API server does not answer", http.StatusServiceUnavailable)
	})
	server := &http.Server{Handler: answers, ReadHeaderTimeout: answerTimeout}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // ends with stop
	}()
	return func() {
		_ = server.Close()
		<-ended
	}, nil
}
