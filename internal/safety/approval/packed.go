package approval

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
)

const (
	// MaxPacked is how many digests a status holds.
	MaxPacked = 10000
	// packedBytes of each digest are enough to make chance collisions negligible.
	packedBytes = 8
)

// Short returns the short form in which a status stores a text, such as the digest of a
// change: all short forms have the same length.
func Short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawStdEncoding.EncodeToString(sum[:packedBytes])
}

// Pack joins texts that Short returned, sorted and without repetitions. It takes at most
// MaxPacked of them, the first ones in the given order.
func Pack(shorts []string) string {
	packed := slices.Clone(shorts[:min(len(shorts), MaxPacked)])
	slices.Sort(packed)
	return strings.Join(slices.Compact(packed), "")
}

// Unpack returns what Pack joined.
func Unpack(packed string) map[string]bool {
	length := base64.RawStdEncoding.EncodedLen(packedBytes)
	shorts := map[string]bool{}
	for ; len(packed) >= length; packed = packed[length:] {
		shorts[packed[:length]] = true
	}
	return shorts
}
