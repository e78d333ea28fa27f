package jumpcloudtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"
)

// exchange is one request on its way through the simulator. Handlers write their answer into
// it, under the Server's lock. It is sent later, or lost, depending on the faults in force.
type exchange struct {
	*httptest.ResponseRecorder
	server   *Server
	request  *http.Request
	body     []byte
	now      time.Time
	caller   caller
	record   *Request
	fault    *Script
	holds    []*Hold
	limited  bool
	behavior Behavior
}

func newExchange(s *Server, r *http.Request, body []byte, now time.Time) *exchange {
	return &exchange{
		ResponseRecorder: httptest.NewRecorder(),
		server:           s,
		request:          r,
		body:             body,
		now:              now,
		record: &Request{
			At:     time.Now(),
			Method: r.Method,
			Path:   r.URL.Path,
			Query:  r.URL.RawQuery,
			Header: withoutCredentials(r.Header),
			Body:   string(body),
		},
	}
}

// org is the organization that the request acts on. Routes that concern none do not call it.
func (x *exchange) org() *Organization { return x.caller.organization }

func (x *exchange) query() url.Values { return x.request.URL.Query() }

// committed records that the request has changed something.
func (x *exchange) committed() { x.record.Committed = true }

// json answers with a JSON value.
func (x *exchange) json(status int, value any) {
	x.Header().Set("Content-Type", "application/json; charset=utf-8")
	x.WriteHeader(status)
	// Values consist of maps and slices that were decoded from JSON.
	_ = json.NewEncoder(x).Encode(value)
}

// text answers with plain text.
func (x *exchange) text(status int, text string) {
	x.Header().Set("Content-Type", "text/plain; charset=utf-8")
	x.WriteHeader(status)
	_, _ = x.WriteString(text)
}

// refuse answers with an error.
func (x *exchange) refuse(r *refusal) { x.json(r.status, r.body()) }

// decode reads the JSON body, with numbers as json.Number. If it is invalid, decode answers
// 400 and returns false. An empty body leaves value unchanged.
func (x *exchange) decode(value any) bool {
	if strings.TrimSpace(string(x.body)) == "" {
		return true
	}
	if err := decodeJSON(x.body, value); err != nil {
		x.refuse(refuse(400, "the body is not the JSON that was expected"))
		return false
	}
	return true
}

func decodeJSON(data []byte, value any) error {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if decoder.More() {
		return malformed("more than one JSON value")
	}
	return nil
}

// send writes the recorded answer.
func (x *exchange) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), x.Header())
	w.WriteHeader(x.Code)
	_, _ = w.Write(x.Body.Bytes())
}
