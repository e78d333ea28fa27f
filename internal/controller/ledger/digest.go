package ledger

// Digest stands for a value in a manifest: 16 hexadecimal digits that tell
// whether two values are equal and not what they are. The salt is the UID of
// the object, so that equal values of two objects have different digests. It
// must not be given a password.
func Digest(salt, path, value string) string { return "" }
