package jumpcloudtest

import (
	"fmt"
	"regexp"
	"time"
)

// timeFormat is how JumpCloud writes instants: RFC 3339 in UTC with
// milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z"

func stamp(t time.Time) string { return t.UTC().Format(timeFormat) }

var idPattern = regexp.MustCompile(`^[0-9a-f]{24}$`)

// idSource makes ids of 24 hexadecimal digits whose first eight are the time
// in seconds. They grow from one to the next even when the clock is set back,
// so the order of ids is the order of creation.
type idSource struct {
	seconds int64
	count   uint64
}

func (g *idSource) next(now time.Time) string {
	g.seconds = max(g.seconds, now.Unix())
	g.count++
	return fmt.Sprintf("%08x%016x", uint32(g.seconds), g.count)
}
