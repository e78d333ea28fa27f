package jumpcloudtest

import (
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// FaultKind is what happens to a request that a Fault catches.
type FaultKind string

const (
	// FaultAnswer gives the fault's own answer.
	FaultAnswer FaultKind = ""
	// FaultReset resets the connection (RST) without an answer.
	FaultReset FaultKind = "reset"
	// FaultHang never answers, until the client goes away or Close is called.
	FaultHang FaultKind = "hang"
	// FaultTruncate sends half of the body that the headers announce, and closes the
	// connection. Without Status, it carries out the request and sends half of the true
	// answer.
	FaultTruncate FaultKind = "truncate"
)

// Fault spoils the answers to some requests.
type Fault struct {
	Match
	Kind FaultKind `json:"kind,omitempty"`
	// Commit carries the request out first, so that only its answer is lost. By default the
	// request has no effect.
	Commit bool `json:"commit,omitempty"`

	// Status is the status of the answer. 0 with FaultAnswer: 500.
	Status int `json:"status,omitempty"`
	// Header is added to the answer, such as Retry-After or Location.
	Header http.Header `json:"header,omitempty"`
	// BodyKind selects a body that fits Status.
	BodyKind BodyKind `json:"bodyKind,omitempty"`
	// Body overrides that body. The content type is still that of BodyKind.
	Body string `json:"body,omitempty"`
}

// Script is a Fault that is in force.
type Script struct {
	server *Server
	number int // in the control API
	fault  Fault
	counter
}

// Script puts a fault in force. If several match a request, the one scripted first catches it,
// and the others do not count it.
func (s *Server) Script(f Fault) *Script {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbered++
	script := &Script{server: s, number: s.numbered, fault: f}
	s.scripts = append(s.scripts, script)
	return script
}

// Caught returns how many requests the fault has caught.
func (f *Script) Caught() int {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	return f.caught
}

// Remove takes the fault out of force.
func (f *Script) Remove() {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	f.server.scripts = without(f.server.scripts, f)
}

// RemoveFaults takes all faults out of force.
func (s *Server) RemoveFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripts = nil
}

func (s *Server) caughtBy(r Request) *Script {
	for _, script := range s.scripts {
		if script.catches(script.fault.Match, r) {
			return script
		}
	}
	return nil
}

func (f *Script) commits() bool {
	return f.fault.Commit || f.fault.Kind == FaultTruncate && f.fault.Status == 0
}

// spoil answers as the fault says.
func (s *Server) spoil(w http.ResponseWriter, x *exchange) {
	f := x.fault.fault
	if f.Kind == FaultReset {
		s.finish(x, 0, nil)
		reset(w)
		return
	}
	if f.Kind == FaultHang {
		s.finish(x, 0, nil)
		select {
		case <-x.request.Context().Done():
		case <-s.closed:
		}
		panic(http.ErrAbortHandler)
	}
	if f.Kind != FaultTruncate || f.Status != 0 {
		x.ResponseRecorder = f.answer()
	}
	s.finish(x, x.Code, x.Header())
	if f.Kind == FaultTruncate {
		body := x.Body.Bytes()
		x.Header().Set("Content-Length", strconv.Itoa(len(body)))
		x.Body.Truncate(len(body) / 2)
		x.send(w)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	x.send(w)
}

// reset closes the connection so that the client sees a reset rather than a close. If the
// transport does not allow that, it only closes it.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	raw := connection
	if secure, ok := raw.(*tls.Conn); ok {
		raw = secure.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = raw.Close()
}

// standardBody returns a body that fits a status, and its content type.
func standardBody(kind BodyKind, status int) (body, contentType string) {
	switch kind {
	case BodyText:
		return "upstream connect error or disconnect/reset before headers", "text/plain; charset=utf-8"
	case BodyHTML:
		return loginPage, "text/html; charset=utf-8"
	case BodyEmpty:
		return "", ""
	case BodyJSON:
	}
	message := http.StatusText(status)
	if status == http.StatusInternalServerError {
		message = "InternalServerError" // observed, by JumpCloud QA
	}
	return fmt.Sprintf(`{"message":%q}`, message), "application/json; charset=utf-8"
}

// answer returns the fault's own answer.
func (f Fault) answer() *httptest.ResponseRecorder {
	status := f.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	body, contentType := standardBody(f.BodyKind, status)
	if f.Body != "" {
		body = f.Body
	}
	recorder := httptest.NewRecorder()
	if contentType != "" {
		recorder.Header().Set("Content-Type", contentType)
	}
	maps.Copy(recorder.Header(), f.Header)
	recorder.WriteHeader(status)
	_, _ = recorder.WriteString(body)
	return recorder
}
