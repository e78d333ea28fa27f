package testenv

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// pollInterval is the time between two requests to an address.
const pollInterval = 50 * time.Millisecond

// WaitOK waits until a GET of the address is answered with a 2xx. It fails when the process
// ends or ctx ends.
func (p *Process) WaitOK(ctx context.Context, url string) error {
	return wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		select {
		case <-p.Done():
			return false, errors.New("the process has ended")
		default:
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return false, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			// The server does not listen yet. The deadline of ctx ends the wait.
			return false, nil //nolint:nilerr // see above
		}
		return response.StatusCode/100 == 2, response.Body.Close()
	})
}

// FreeAddress chooses from these ports. They are below the ephemeral ports of most systems: an
// outgoing connection could otherwise take a port before its new owner listens.
const (
	firstPort = 20000
	lastPort  = 32767
)

// ports are those that this process hands out; see SharePorts.
var ports = portRange{first: firstPort, count: lastPort - firstPort + 1}

type portRange struct{ first, count int }

// SharePorts restricts FreeAddress to one of so many equal parts of the ports, counted from 1.
// Each of several processes that run at the same time needs a part of its own, or one could
// take a port that another one found free. Call it before FreeAddress.
func SharePorts(part, parts int) {
	count := (lastPort - firstPort + 1) / parts
	ports = portRange{first: firstPort + (part-1)*count, count: count}
}

// takenPorts are the ports that FreeAddress returned: their new owners may not listen on them
// yet.
var takenPorts sync.Map

// FreeAddress returns an address of this machine that nothing listens on, and that it has not
// returned before.
func FreeAddress(ctx context.Context) (string, error) {
	failure := errors.New("all were given out")
	for range 100 {
		port := ports.first + rand.IntN(ports.count)
		if _, taken := takenPorts.LoadOrStore(port, true); taken {
			continue
		}
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			failure = err
			continue
		}
		return listener.Addr().String(), listener.Close()
	}
	return "", fmt.Errorf("no free port from %d to %d: %w", ports.first, ports.first+ports.count-1, failure)
}
