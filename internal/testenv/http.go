package testenv

import (
	"context"
	"errors"
	"net"
	"net/http"
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
			// Nobody listens yet. The deadline of ctx ends the wait.
			return false, nil //nolint:nilerr // see above
		}
		return response.StatusCode/100 == 2, response.Body.Close()
	})
}

// freeAddresses are those that FreeAddress returned: whoever got one may not
// listen there yet.
var freeAddresses sync.Map

// FreeAddress returns an address of this machine that nothing listens on, and
// that it has not returned before.
func FreeAddress(ctx context.Context) (string, error) {
	for {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		address := listener.Addr().String()
		if err := listener.Close(); err != nil {
			return "", err
		}
		if _, taken := freeAddresses.LoadOrStore(address, true); !taken {
			return address, nil
		}
	}
}
