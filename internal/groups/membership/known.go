package membership

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const (
	// maxKnown is how many names of members a status remembers.
	maxKnown = 8000
	// knownBytes is the length of a digest, long enough that no two are equal by chance.
	knownBytes = 6
)

// digest is short enough for a status and hides who is meant.
type digest [knownBytes]byte

// entry is what a status remembers of a name and the user that it named.
type entry struct{ reference, user digest }

func entryOf(reference v1alpha1.UserReference, id string) entry {
	return entry{digestOf(reference), digestOf(v1alpha1.UserReference{ID: id})}
}

func digestOf(reference v1alpha1.UserReference) digest {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", reference.Username, reference.Email, reference.ID))
	return digest(sum[:knownBytes])
}

func byDigest(ids []string) map[digest]string {
	digests := make(map[digest]string, len(ids))
	for _, id := range ids {
		digests[digestOf(v1alpha1.UserReference{ID: id})] = id
	}
	return digests
}

// known encodes what the next process must remember: who is declared, and who is a member by a
// former name. Ids are left out, because an id never becomes another one.
func (n *Names) known(r *Roster, live []string) string {
	var entries []entry
	members := sets.New(live...)
	for known := range n.declaredAs {
		if r.byReference[known.reference] == known.id || members.Has(known.id) || n.missing.Has(known.reference) {
			entries = append(entries, entryOf(known.reference, known.id))
		}
	}
	for _, e := range n.absent {
		entries = append(entries, e)
	}
	return packKnown(entries)
}

// packKnown encodes the first maxKnown entries in a fixed order.
func packKnown(entries []entry) string {
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = base64.RawStdEncoding.EncodeToString(slices.Concat(e.reference[:], e.user[:]))
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	return strings.Join(texts[:min(len(texts), maxKnown)], "")
}

// unpackKnown decodes what packKnown wrote. whole reports whether no entry is missing: it is
// false for a full status, and for one without entries, as from before names were remembered.
func unpackKnown(text string) (entries []entry, whole bool) {
	length := base64.RawStdEncoding.EncodedLen(2 * knownBytes)
	for ; len(text) >= length; text = text[length:] {
		raw, err := base64.RawStdEncoding.DecodeString(text[:length])
		if err != nil {
			return nil, false
		}
		entries = append(entries, entry{digest(raw[:knownBytes]), digest(raw[knownBytes:])})
	}
	return entries, len(entries) > 0 && len(entries) < maxKnown
}
