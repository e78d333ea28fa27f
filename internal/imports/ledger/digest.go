package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// Digest stands for a value in a manifest: 16 hexadecimal digits that tell
// whether two values are equal. The salt is the UID of the object, so that
// equal values of two objects have different digests.
//
// It must not be given a password: a digest of one could be guessed from.
func Digest(salt, path, value string) string {
	return hash(16, salt, path, value)
}

// anchor stands for what a ConfigMap says: of which run it is, its place among
// the others, and its content.
func anchor(runKey, runNumber, place, key, content string) string {
	return "sha256:" + hash(64, runKey, runNumber, place, key, content)
}

// hash is the first digits of a hash of the parts. The parts are set apart by
// a byte that no UTF-8 has, so that no two lists of parts are hashed alike.
func hash(digits int, parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		_, _ = io.WriteString(h, part)
		_, _ = h.Write([]byte{0xff})
	}
	return hex.EncodeToString(h.Sum(nil))[:digits]
}
