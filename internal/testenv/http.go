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

// pollInterval between two looks at an address.
const pollInterval = 50 * time.Millisecond

// WaitOK waits until a GET of the address is answered with a 2xx. It fails
// when the process ends, and when ctx does.
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

// Ports that FreeAddress chooses from: below those that systems give to
// outgoing connections, or one of these could take the port before whoever
// asked for it listens.
const (
	firstPort = 20000
	lastPort  = 32767
)

// ports are those that this process gives out; see SharePorts.
var ports = portRange{first: firstPort, count: lastPort - firstPort + 1}

type portRange struct{ first, count int }

// SharePorts leaves FreeAddress one of so many parts of the ports, counted from
// 1. Processes that run at the same time need a part each: what one of them
// found free, another one must not take. Call it before FreeAddress.
func SharePorts(part, parts int) {
	count := (lastPort - firstPort + 1) / parts
	ports = portRange{first: firstPort + (part-1)*count, count: count}
}

// takenPorts are those that FreeAddress returned: whoever got one may not
// listen there yet.
var takenPorts sync.Map

// FreeAddress returns an address of this machine that nothing listens on, and
// that it has not returned before.
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
