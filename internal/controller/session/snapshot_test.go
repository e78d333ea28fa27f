package session

import (
	"runtime"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// What is kept of a user, everything included.
func TestASnapshotTakesAtMost300BytesAUser(t *testing.T) {
	const n = 100_000
	w := newRemoteWorld(t, n)
	w.transport.set(nil)
	newerThan := time.Now()
	for {
		_, err := w.session.Directory.Resolve(t.Context(), generated(0, n/100), newerThan)
		if err == nil {
			break
		}
		w.Expect(err).To(MatchError(ErrReading))
	}
	w.Expect(w.session.remote.users.snapshot.people).To(HaveLen(n))
	with := heap()
	w.session.remote.users.snapshot = nil
	bytes := float64(with-heap()) / n
	t.Logf("%.0f bytes a user", bytes)
	w.Expect(bytes).To(BeNumerically("~", 200, 100))
	runtime.KeepAlive(w)
}

// heap returns the bytes that are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
