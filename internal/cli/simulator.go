package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// newSimulator returns the command that serves a simulated JumpCloud. The simulator keeps
// everything in memory.
func newSimulator(streams genericiooptions.IOStreams) *cobra.Command {
	o := simulatorOptions{}
	command := &cobra.Command{
		Use:   "simulator",
		Short: "Serve a simulated JumpCloud, for tests and pipelines",
		Long: `Serve a simulated JumpCloud, for tests and pipelines. It needs no account and keeps
everything in memory.

While it runs, you can inspect and change it under /_simulator/. That API requires no
credentials, so listen on a loopback address, or where only tests can connect.`,
		Example: `  # A JumpCloud with 100 users, where jobs take 20 ms per row
  %[1]s simulator --users 100 --behavior '{"rowDuration":"20ms"}'

  # A JumpCloud that behaves like the organization that check observed
  %[1]s simulator --users 100 --behavior behavior.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.serve(cmd.Context(), streams.Out) },
	}
	command.Example = fmt.Sprintf(command.Example, displayName)
	flags := command.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:18080", "address to listen on; port 0 chooses a free port")
	flags.StringVar(&o.seedFile, "seed", "", "JSON file with organizations, users and credentials; if not set, there is one organization")
	flags.IntVar(&o.users, "users", 0, "number of users to generate in the one organization that exists without --seed")
	flags.StringVar(&o.apiKey, "api-key", "simulator", "API key of the one organization that exists without --seed")
	flags.StringVar(&o.behavior, "behavior", "{}", "behavior that differs from the default: JSON, or a file with JSON, such as check writes")
	flags.IntVar(&o.history, "history", 10_000, "number of requests to remember; 0 remembers all")
	return command
}

type simulatorOptions struct {
	listen, seedFile, apiKey, behavior string
	users, history                     int
}

// serve serves until ctx ends. It prints one line once it answers requests.
func (o *simulatorOptions) serve(ctx context.Context, out io.Writer) error {
	behavior, err := o.switches()
	if err != nil {
		return err
	}
	seed, err := o.seed()
	if err != nil {
		return err
	}
	sim := jumpcloudtest.New(
		jumpcloudtest.WithBehavior(behavior),
		jumpcloudtest.WithHistoryLimit(o.history))
	if err := sim.Seed(seed); err != nil {
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

// switches reads the behavior: JSON if it begins with a brace, otherwise a file.
func (o *simulatorOptions) switches() (behavior jumpcloudtest.Behavior, err error) {
	content, source := []byte(o.behavior), "--behavior"
	if !strings.HasPrefix(strings.TrimSpace(o.behavior), "{") {
		if content, err = os.ReadFile(o.behavior); err != nil {
			return behavior, fmt.Errorf("--behavior is neither JSON nor a file: %w", err)
		}
		source += " " + o.behavior
	}
	if err := json.Unmarshal(content, &behavior); err != nil {
		return behavior, usagef("%s: %w", source, err)
	}
	return behavior, nil
}

// seed returns the initial contents of the organizations.
func (o *simulatorOptions) seed() (seed jumpcloudtest.Seed, err error) {
	if o.seedFile == "" {
		seed.Organizations = []jumpcloudtest.SeedOrganization{{
			OrganizationOptions: jumpcloudtest.OrganizationOptions{
				ID: "65f1c0ffee65f1c0ffee9000", APIKey: o.apiKey, Users: o.users,
			},
		}}
		return seed, nil
	}
	data, err := os.ReadFile(o.seedFile)
	if err != nil {
		return seed, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&seed); err != nil {
		return seed, fmt.Errorf("--seed %s: %w", o.seedFile, err)
	}
	return seed, nil
}
