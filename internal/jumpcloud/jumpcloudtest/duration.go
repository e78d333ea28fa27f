package jumpcloudtest

import (
	"bytes"
	"encoding/json"
	"time"
)

// duration is a time.Duration that is encoded as text, such as "1.5s".
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// The forms below are the JSON form of a type: the type without its methods, and its durations
// as text. They point into the original, so that decoding a form changes only what the JSON
// has members for.

func (b *Behavior) form() any {
	type plain Behavior
	return &struct {
		*plain
		Latency         *duration `json:"latency"`
		RetryAfter      *duration `json:"retryAfter"`
		VisibilityLag   *duration `json:"visibilityLag"`
		JobDelay        *duration `json:"jobDelay"`
		JobDuration     *duration `json:"jobDuration"`
		RowDuration     *duration `json:"rowDuration"`
		ResultLag       *duration `json:"resultLag"`
		ResultRetention *duration `json:"resultRetention"`

		GroupVisibilityLag *duration `json:"groupVisibilityLag"`
		MemberLag          *duration `json:"memberLag"`
		EvaluationDelay    *duration `json:"evaluationDelay"`
		ScheduleLatency    *duration `json:"scheduleLatency"`
	}{
		(*plain)(b), (*duration)(&b.Latency), (*duration)(&b.RetryAfter), (*duration)(&b.VisibilityLag),
		(*duration)(&b.JobDelay), (*duration)(&b.JobDuration), (*duration)(&b.RowDuration),
		(*duration)(&b.ResultLag), (*duration)(&b.ResultRetention),
		(*duration)(&b.GroupVisibilityLag), (*duration)(&b.MemberLag),
		(*duration)(&b.EvaluationDelay), (*duration)(&b.ScheduleLatency),
	}
}

func (f *RowFault) form() any {
	type plain RowFault
	return &struct {
		*plain
		Delay *duration `json:"delay"`
	}{(*plain)(f), (*duration)(&f.Delay)}
}

func (c *Credential) form() any {
	type plain Credential
	return &struct {
		*plain
		TokenLifetime *duration `json:"tokenLifetime"`
	}{(*plain)(c), (*duration)(&c.TokenLifetime)}
}

func (r *Request) form() any {
	type plain Request
	return &struct {
		*plain
		Duration   *duration `json:"duration"`
		RetryAfter *duration `json:"retryAfter"`
	}{(*plain)(r), (*duration)(&r.Duration), (*duration)(&r.RetryAfter)}
}

// MarshalJSON writes durations as text.
func (b Behavior) MarshalJSON() ([]byte, error) { return json.Marshal(b.form()) }

// UnmarshalJSON changes the given members and refuses unknown ones.
func (b *Behavior) UnmarshalJSON(data []byte) error { return decodeStrictly(data, b.form()) }

// MarshalJSON writes durations as text.
func (r Request) MarshalJSON() ([]byte, error) { return json.Marshal(r.form()) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Request) UnmarshalJSON(data []byte) error { return decodeStrictly(data, r.form()) }

// UnmarshalJSON reads durations as text and refuses unknown members.
func (f *RowFault) UnmarshalJSON(data []byte) error { return decodeStrictly(data, f.form()) }

// UnmarshalJSON reads durations as text and refuses unknown members.
func (c *Credential) UnmarshalJSON(data []byte) error { return decodeStrictly(data, c.form()) }

// decodeStrictly refuses unknown members: with a mistyped switch, a test could pass for the
// wrong reason.
func decodeStrictly(data []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(value)
}
