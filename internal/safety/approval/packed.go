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
	// packedBytes of each digest are enough that none is hit by chance.
	packedBytes = 8
)

// Short is what is remembered in a status of a text, such as the digest of a
// change: text of one length.
func Short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawStdEncoding.EncodeToString(sum[:packedBytes])
}

// Pack joins what Short returned, sorted and without repetition, at most
// MaxPacked of them: the first ones, as they are given.
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
