// Command simulator serves a simulated JumpCloud, for trying out the operator
// without an account and for tests of the whole program. It keeps everything in
// memory.
//
//	go run ./hack/simulator --listen 127.0.0.1:18080 --users 100 --behavior '{"rowDuration":"20ms"}'
//
// While it runs it can be inspected and changed under /_simulator/, as the
// package internal/jumpcloud/jumpcloudtest describes. That API asks for no
// credentials: listen on a loopback address.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. Once requests are answered it prints one line.
func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	sim := jumpcloudtest.New(
		jumpcloudtest.WithBehavior(o.behavior),
		jumpcloudtest.WithHistoryLimit(o.history))
	if err := sim.Seed(o.seed); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if _, err := fmt.Fprintf(out, "simulator ready on http://%s\n", listener.Addr()); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	sim.Close() // held and hanging requests would keep the server from stopping
	timeout, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(timeout)
}

type options struct {
	listen   string
	seed     jumpcloudtest.Seed
	behavior jumpcloudtest.Behavior
	history  int
}

func parse(args []string) (options, error) {
	var o options
	var seedFile, behavior, apiKey string
	var users int
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:18080", "address to listen on; port 0 chooses one")
	flags.StringVar(&seedFile, "seed", "", "JSON file with organizations, users and credentials; without it there is one organization")
	flags.IntVar(&users, "users", 0, "users to generate in that one organization")
	flags.StringVar(&apiKey, "api-key", "simulator", "API key of that one organization")
	flags.StringVar(&behavior, "behavior", "{}", "JSON of the behaviour that differs from the default")
	flags.IntVar(&o.history, "history", 10_000, "requests to remember; 0 for all")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if err := json.Unmarshal([]byte(behavior), &o.behavior); err != nil {
		return o, fmt.Errorf("--behavior: %w", err)
	}
	if seedFile == "" {
		o.seed.Organizations = []jumpcloudtest.SeedOrganization{{
			OrganizationOptions: jumpcloudtest.OrganizationOptions{
				ID: "65f1c0ffee65f1c0ffee9000", APIKey: apiKey, Users: users,
			},
		}}
		return o, nil
	}
	data, err := os.ReadFile(seedFile)
	if err != nil {
		return o, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&o.seed); err != nil {
		return o, fmt.Errorf("--seed %s: %w", seedFile, err)
	}
	return o, nil
}
