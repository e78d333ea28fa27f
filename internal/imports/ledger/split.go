package ledger

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
)

const (
	// maxContent is the maximum size of the content. With its metadata a ConfigMap stays under
	// 512 KiB, half of what an API server accepts.
	maxContent = 504 << 10
	// headerSize is more than the size of any header.
	headerSize = 256
	// growth is how much the line of a row may grow from its plan to its outcome: reason, ids,
	// and a message of medium length. If messages are longer throughout, they are cut.
	growth = 200
	// maxShards is the number of ConfigMaps that the three digits of their names, and the list
	// in the status, allow.
	maxShards = 1000
)

// ErrTooLarge means that a run has more rows than a ledger can hold, or that a single row is
// larger than a ConfigMap.
var ErrTooLarge = errors.New("the rows do not fit into the ConfigMaps of a ledger")

// split returns how many entries each ConfigMap holds; there is at least one ConfigMap. It
// leaves room for the outcomes of the rows.
func split(entries []Entry) []int {
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	var cuts []int
	rows, size := 0, headerSize
	for _, entry := range entries {
		line.Reset()
		_ = w.Write(entry.record(0))
		w.Flush()
		grown := line.Len() + growth
		if rows > 0 && size+grown > maxContent {
			cuts = append(cuts, rows)
			rows, size = 0, headerSize
		}
		rows, size = rows+1, size+grown
	}
	return append(cuts, rows)
}

// fit encodes entries so that they fit into a ConfigMap. If necessary it omits the values that
// JumpCloud keeps in another form, which will be learned again, and shortens messages.
func fit(entries []Entry, finished bool) (string, error) {
	for limit := MaxMessage; ; limit /= 2 {
		content := encode(entries, finished, limit)
		if len(content) <= maxContent {
			return content, nil
		}
		if limit == 0 {
			return "", ErrTooLarge
		}
		if limit == MaxMessage {
			entries = slices.Clone(entries)
			for i := range entries {
				entries[i].Kept = nil
			}
		}
	}
}
