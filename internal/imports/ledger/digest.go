package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// Digest stands for a value in a manifest: 16 hexadecimal digits by which values can be
// compared. The salt is the UID of the object, so that equal values of two objects have
// different digests.
//
// It must not be used for a password, which could be guessed from its digest.
func Digest(salt, path, value string) string {
	return hash(16, salt, path, value)
}

// anchor is the digest of what a ConfigMap says: its run, its place among the others, and its
// content.
func anchor(runKey, runNumber, place, key, content string) string {
	return "sha256:" + hash(64, runKey, runNumber, place, key, content)
}

// hash returns the first digits of a hash of the parts. It separates the parts by a byte that
// UTF-8 never contains, so that different lists of parts have different hashes.
func hash(digits int, parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		_, _ = io.WriteString(h, part)
		_, _ = h.Write([]byte{0xff})
	}
	return hex.EncodeToString(h.Sum(nil))[:digits]
}
