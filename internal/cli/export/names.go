package export

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// maxName is the maximum length of an object's name, which leaves room for the names of its
// ConfigMaps.
const maxName = 200

// names assigns valid Kubernetes names to objects of one kind.
type names struct {
	// fallback is the name for texts without any letter or digit that is allowed in one.
	fallback string
	// texts are the JumpCloud names by the name that they would get.
	texts map[string][]string
	taken map[string]bool
}

// newNames takes all names of a kind, so that their order does not matter.
func newNames(fallback string, texts []string) *names {
	n := &names{fallback: fallback, texts: map[string][]string{}, taken: map[string]bool{}}
	for _, text := range texts {
		name := n.plain(text)
		n.texts[name] = append(n.texts[name], text)
		if name == text {
			n.taken[name] = true
		}
	}
	return n
}

// of returns the name for a text, which is the same in each export. Texts that would get the
// same name get a digest of the text appended, except for a text that equals the name.
func (n *names) of(text string) string {
	name := n.plain(text)
	if name == text {
		return name
	}
	if len(n.texts[name]) == 1 {
		return name
	}
	sum := sha256.Sum256([]byte(text))
	for digits := 8; digits < 2*len(sum); digits += 8 {
		suffix := "-" + hex.EncodeToString(sum[:])[:digits]
		candidate := strings.TrimRight(name[:min(len(name), maxName-len(suffix))], "-.") + suffix
		if !n.taken[candidate] && len(n.texts[candidate]) == 0 {
			return candidate
		}
	}
	return hex.EncodeToString(sum[:])
}

// plain converts a text to a DNS subdomain: lower-case letters, digits, hyphens and dots, with
// a letter or digit beside each dot and at both ends.
func (n *names) plain(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '.' && !strings.HasSuffix(b.String(), ".") && !strings.HasSuffix(b.String(), "-"):
			b.WriteRune(r)
		case r != '.' && !strings.HasSuffix(b.String(), "."):
			b.WriteRune('-')
		}
	}
	name := strings.Trim(b.String(), "-.")
	name = strings.Trim(name[:min(len(name), maxName)], "-.")
	if name == "" {
		return n.fallback
	}
	return name
}
