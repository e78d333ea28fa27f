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

// maxMessage is the longest text of JumpCloud's that is kept, in bytes.
const maxMessage = 256

// message finds what an error's body says is wrong (documented and observed
// shapes): the member message of a JSON object, else its member error, else
// the text itself. A page for people says nothing.
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

// CleanMessage makes a text of JumpCloud's fit to be kept: one line of at most
// 256 bytes of UTF-8, in which every secret is masked, also as it is written
// within JSON. It masks before it cuts, because half a password at the end
// would no longer be found.
func CleanMessage(s string, secrets ...string) string {
	return NewCleaner(secrets...).Clean(s)
}

// Cleaner cleans many messages of the same secrets: to prepare for thousands
// of secrets takes milliseconds.
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

// masks are pairs of a secret and its mask. Longer ones come first: where one
// secret is the beginning of another, the replacer takes the first that fits.
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

// retryAfter reads a Retry-After header: seconds, or a date, which counts from
// the answer's own Date, so that it does not matter how our clock is set. 0 is
// none, or one that is not in the future; longestRetryAfter is the most.
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
