// Command demo shows the operator at work on this machine: it starts a control plane, a
// simulated JumpCloud and the operator, each as a process of its own. It applies
// config/samples, follows imports, groups, schedules, push endpoints and Workday, makes a
// guard withhold something, approves that, and prints the results. Run it with `make demo`.
//
// It exits with 0 only if every object became Ready, and stops everything that it started,
// also on an interrupt. With KEEP=1 everything keeps running until an interrupt, for a look
// around.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// timeout bounds the whole demo, except for what KEEP adds.
const timeout = 5 * time.Minute

func main() {
	testenv.Exec()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(interrupted context.Context) (err error) {
	ctx, cancel := context.WithTimeout(interrupted, timeout)
	defer cancel()
	s := &stack{}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	if err := s.start(ctx); err != nil {
		return orInterrupted(interrupted, err)
	}
	if err := show(ctx, s); err != nil {
		return orInterrupted(interrupted, fmt.Errorf("%w (the operator's log is %s)", err, s.operatorLog()))
	}
	if os.Getenv("KEEP") == "1" {
		return keep(interrupted, s)
	}
	return nil
}

// orInterrupted returns the error, unless an interrupt explains it.
func orInterrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

// show applies the samples and reports the results.
func show(ctx context.Context, s *stack) error {
	heading("kubectl apply --server-side -k config/samples")
	if err := kubectl(ctx, s.plane, "apply", "--server-side", "-k", "config/samples"); err != nil {
		return err
	}
	heading("What the operator does")
	news := newNews()
	if err := news.follow(ctx, s.plane.Client); err != nil {
		return err
	}
	heading(fmt.Sprintf("A user is suspended in %v", notice))
	if err := dismiss(ctx, s.plane.Client); err != nil {
		return err
	}
	if err := news.follow(ctx, s.plane.Client); err != nil {
		return err
	}
	if err := offboard(ctx, s.plane.Client); err != nil {
		return err
	}
	heading("kubectl get jumpcloud -A")
	if err := kubectl(ctx, s.plane, "get", "jumpcloud", "-A"); err != nil {
		return err
	}
	if err := reportImports(ctx, s.plane.Client); err != nil {
		return err
	}
	return reportSimulator(ctx)
}

const (
	// leaver is the ScheduledUserState that is executed before the demo ends.
	leaver = "leaver"
	// notice is how long after its creation it is executed.
	notice = 8 * time.Second
)

// dismiss schedules the suspension of a user in a moment.
func dismiss(ctx context.Context, c client.Client) error {
	return c.Create(ctx, &v1alpha1.ScheduledUserState{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: leaver},
		Spec: v1alpha1.ScheduledUserStateSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"},
			Users:           []v1alpha1.UserReference{{Username: "charles.lowell"}},
			State:           v1alpha1.SchedulableSuspended,
			StartDate:       time.Now().Add(notice).UTC().Format(time.RFC3339),
		},
	})
}

// keep leaves everything running until an interrupt.
func keep(ctx context.Context, s *stack) error {
	kubeconfig := filepath.Join(s.dir, "kubeconfig")
	if err := testenv.WriteKubeconfig(kubeconfig, s.plane.Config); err != nil {
		return err
	}
	heading("Running until Ctrl-C")
	fmt.Printf("  export KUBECONFIG=%s\n  bin/kubectl get jumpcloud -A\n", kubeconfig)
	fmt.Printf("  curl -s %s%shistory\n", simulatorURL, control)
	<-ctx.Done()
	return nil
}
