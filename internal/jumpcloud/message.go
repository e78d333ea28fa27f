package jumpcloud

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxMessage is the length of the longest text of JumpCloud's that is stored, in bytes.
const maxMessage = 256

// message returns what the body of an error says is wrong (documented and observed shapes):
// the member message of a JSON object, or its member error, or the text itself. For an HTML
// page it returns "".
func message(header http.Header, body []byte, code int, secrets []string) string {
	body = bytes.TrimSpace(body)
	if code < 300 || bytes.HasPrefix(body, []byte("<")) || strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		return ""
	}
	if !bytes.HasPrefix(body, []byte("{")) {
		return CleanMessage(string(body), secrets...)
	}
	var object struct {
		Message json.RawMessage `json:"message"`
		Error   json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &object) != nil {
		return ""
	}
	return CleanMessage(cmp.Or(text(object.Message), text(object.Error)), secrets...)
}

// CleanMessage makes a text of JumpCloud's fit to be stored: one line of at most 256 bytes of
// UTF-8, in which every secret is masked, in its JSON spelling too. It masks before it cuts,
// because it would not find half a password at the end.
func CleanMessage(s string, secrets ...string) string {
	return NewCleaner(secrets...).Clean(s)
}

// Cleaner cleans many messages with the same secrets: preparing for thousands of secrets takes
// milliseconds.
type Cleaner struct{ masks *strings.Replacer }

// NewCleaner returns a Cleaner that masks the secrets.
func NewCleaner(secrets ...string) *Cleaner {
	return &Cleaner{strings.NewReplacer(masks(secrets)...)}
}

// Clean returns what CleanMessage does.
func (c *Cleaner) Clean(s string) string {
	s = c.masks.Replace(s)
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= maxMessage {
		return s
	}
	end := maxMessage
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimRight(s[:end], " ")
}

// masks returns pairs of a secret and its mask. Longer secrets come first: where one secret is
// a prefix of another, the replacer takes the first that matches.
func masks(secrets []string) []string {
	var spellings []string
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		quoted, _ := json.Marshal(secret)
		spellings = append(spellings, secret, string(quoted[1:len(quoted)-1]))
	}
	slices.SortFunc(spellings, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, spelling := range spellings {
		pairs = append(pairs, spelling, redacted)
	}
	return pairs
}

// retryAfter reads a Retry-After header: seconds, or a date, which is compared with the
// answer's own Date, so that the local clock does not matter. It returns 0 for none or for a
// date that is not in the future, and at most longestRetryAfter.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), int(longestRetryAfter/time.Second))) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(header.Get("Date")); err == nil {
		now = sent
	}
	return min(max(date.Sub(now), 0), longestRetryAfter)
}
