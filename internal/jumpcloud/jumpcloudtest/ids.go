package jumpcloudtest

import (
	"fmt"
	"regexp"
	"time"
)

// timeFormat is JumpCloud's format of instants: RFC 3339 in UTC with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z"

func stamp(t time.Time) string { return t.UTC().Format(timeFormat) }

var idPattern = regexp.MustCompile(`^[0-9a-f]{24}$`)

// idSource generates ids of 24 hexadecimal digits whose first eight are the time in seconds.
// Ids increase even when the clock is set back, so their order is the order of creation.
type idSource struct {
	seconds int64
	count   uint64
}

func (g *idSource) next(now time.Time) string {
	g.seconds = max(g.seconds, now.Unix())
	g.count++
	return fmt.Sprintf("%08x%016x", uint32(g.seconds), g.count)
}
