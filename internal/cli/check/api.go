package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	// mostTries is the maximum number of attempts of a call.
	mostTries = 5
	// firstPause is the first wait before a call is repeated; it doubles.
	firstPause = 2 * time.Second
	// longestPause bounds the wait that an answer can ask for.
	longestPause = 2 * time.Minute
	longestBody  = 16 << 20
	// requestTime bounds one request.
	requestTime = 60 * time.Second
)

// errRejected ends the check: no other call would succeed.
var errRejected = errors.New("JumpCloud does not accept the API key (401)")

// object is a JSON object.
type object = map[string]any

// call is one request. Probes do not use the client of package jumpcloud, because it hides
// what they examine: status codes, headers, and requests that it never sends.
type call struct {
	method string // "" means GET
	path   string // below /api
	query  url.Values
	header map[string]string
	body   any // sent as JSON, if not nil
	// outside omits x-org-id.
	outside bool
	// mayBeRejected treats a 401 like any other answer.
	mayBeRejected bool
}

// changes reports whether the call may change something.
func (c *call) changes() bool {
	return c.method != http.MethodGet && !strings.HasPrefix(c.path, "/search/")
}

// answer is the answer to a call.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) fine() bool { return a.status >= 200 && a.status <= 299 }

// object returns the body as an object, or nil if it is none.
func (a *answer) object() (out object) {
	if json.Unmarshal(a.body, &out) != nil {
		return nil
	}
	return out
}

// rows returns the elements of a list of either API; ok reports whether the body is one.
func (a *answer) rows() (rows []object, ok bool) {
	if json.Unmarshal(a.body, &rows) == nil {
		return rows, true
	}
	var wrapped struct {
		Results *[]object `json:"results"`
	}
	if json.Unmarshal(a.body, &wrapped) != nil || wrapped.Results == nil {
		return nil, false
	}
	return *wrapped.Results, true
}

// text returns a member that is a text, or "".
func text(o object, name string) string {
	value, _ := o[name].(string)
	return value
}

// unexpectedError is an answer from which a probe can conclude nothing.
type unexpectedError struct{ exchange string }

func (u unexpectedError) Error() string { return u.exchange }

// do makes a call, and repeats it after a 429. It also repeats calls that only read after
// transient failures. Its error contains nothing of the answer but the status.
func (l *lab) do(ctx context.Context, c call) (*answer, error) {
	if c.method == "" {
		c.method = http.MethodGet
	}
	if err := l.permit(&c); err != nil {
		return nil, err
	}
	for pause, try := firstPause, 1; ; pause, try = 2*pause, try+1 {
		a, err := l.send(ctx, &c)
		wait, again := pause, false
		switch {
		case err != nil:
			again = !c.changes()
		case a.status == http.StatusTooManyRequests:
			wait, again = max(pause, retryAfter(a.header)), true
		case a.status >= 500:
			again = !c.changes()
		}
		if !again || try == mostTries {
			return l.answered(ctx, &c, a, err)
		}
		if err := l.o.Sleep(ctx, min(wait, longestPause)); err != nil {
			return nil, err
		}
	}
}

// answered records the exchange, and what the call created. A missing answer to a call that
// only reads ends the check: it was repeated, and no other call would succeed.
func (l *lab) answered(ctx context.Context, c *call, a *answer, err error) (*answer, error) {
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, ctx.Err()
	case err != nil && !c.changes():
		return nil, errors.New("JumpCloud cannot be reached: " + describe(c, 0))
	case err != nil:
		return nil, unexpectedError{describe(c, 0)}
	}
	l.shown = describe(c, a.status)
	if a.status == http.StatusUnauthorized && !c.mayBeRejected {
		return nil, errRejected
	}
	l.learn(c, a)
	return a, nil
}

// send makes one HTTP request. Its error may quote addresses and queries.
func (l *lab) send(ctx context.Context, c *call) (*answer, error) {
	if l.pace != nil {
		if err := l.pace.Wait(ctx); err != nil {
			return nil, err
		}
	}
	var body io.Reader
	if c.body != nil {
		content, err := json.Marshal(c.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(content)
	}
	limited, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	address := strings.TrimSuffix(l.o.BaseURL, "/") + "/api" + c.path
	if len(c.query) > 0 {
		address += "?" + c.query.Encode()
	}
	r, err := http.NewRequestWithContext(limited, c.method, address, body)
	if err != nil {
		return nil, errors.New("the address of the API is not a valid URL: check --endpoint")
	}
	l.setHeader(r.Header, c)
	response, err := l.o.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, longestBody))
	if err != nil {
		return nil, err
	}
	return &answer{status: response.StatusCode, header: response.Header, body: content}, nil
}

func (l *lab) setHeader(header http.Header, c *call) {
	header.Set("Accept", "application/json")
	header.Set("User-Agent", "kubectl-jumpcloud")
	header.Set("X-Api-Key", l.o.APIKey)
	if c.body != nil {
		header.Set("Content-Type", "application/json")
	}
	if len(l.visible) > 1 && !c.outside {
		header.Set("X-Org-Id", l.o.OrganizationID)
	}
	for name, value := range c.header {
		header.Set(name, value)
	}
}

func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

var hexID = regexp.MustCompile(`\b[0-9a-f]{24}\b`)

// describe returns an exchange as text without ids, so that two runs show the same.
func describe(c *call, status int) string {
	path := hexID.ReplaceAllString(c.path, "{id}")
	if status == 0 {
		return fmt.Sprintf("%s %s: no answer", c.method, path)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s: %d %s", c.method, path, status, http.StatusText(status)))
}
