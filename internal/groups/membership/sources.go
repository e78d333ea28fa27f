package membership

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/references"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// maxMembers bounds how many members one group may declare, and so the memory that it takes.
const maxMembers = 100_000

// Sources are the members that a spec declares, by any of their names.
type Sources struct {
	// References are the declared users, each name once.
	References []v1alpha1.UserReference
	// Pending are the references to selected Users whose JumpCloud users are not known yet.
	// They are not added, because the name may be that of someone else's user, and not
	// removed.
	Pending sets.Set[v1alpha1.UserReference]
	// Empty is the first source that names no user; "" if there is none.
	Empty string
	// Version changes whenever anything else does.
	Version string
}

// ReadSources returns the members that a spec declares: inline, in texts, and by selectors.
// Its error is a *rows.SourceError.
func ReadSources(inline []v1alpha1.UserReference, texts []rows.Text, selected []Selection) (Sources, error) {
	r := &reader{Sources: Sources{Pending: sets.New[v1alpha1.UserReference]()}, seen: sets.New[v1alpha1.UserReference](), sum: sha256.New()}
	r.add(inline)
	for _, text := range texts {
		members, err := references.Parse(text)
		if err != nil {
			return Sources{}, err
		}
		r.source(text.Origin, members)
	}
	for _, selection := range selected {
		for _, reference := range selection.pending {
			if !r.seen.Has(reference) {
				r.Pending.Insert(reference)
			}
		}
		r.source(selection.path, slices.Concat(selection.users, selection.pending))
	}
	if len(r.References) > maxMembers {
		return Sources{}, &rows.SourceError{Origin: "spec.members and spec.membersFrom", Message: fmt.Sprintf("declare more than %d members", maxMembers)}
	}
	if len(r.References) == 0 && r.Empty == "" {
		r.Empty = "spec.members"
	}
	r.Version = hex.EncodeToString(r.sum.Sum(nil))
	return r.Sources, nil
}

// reader records members, each once.
type reader struct {
	Sources
	seen sets.Set[v1alpha1.UserReference]
	sum  hash.Hash
}

// source records the members that a source names.
func (r *reader) source(origin string, members []v1alpha1.UserReference) {
	if len(members) == 0 {
		r.Empty = cmp.Or(r.Empty, origin)
		_, _ = fmt.Fprintf(r.sum, "empty: %s\n", origin)
	}
	r.add(members)
}

// add records members. It keeps at most one more than maxMembers.
func (r *reader) add(members []v1alpha1.UserReference) {
	for _, reference := range members {
		reference.Email = strings.ToLower(reference.Email) // as JumpCloud does
		if r.seen.Has(reference) || len(r.References) > maxMembers {
			continue
		}
		r.seen.Insert(reference)
		r.References = append(r.References, reference)
		_, _ = fmt.Fprintf(r.sum, "%q %q %q\n", reference.Username, reference.Email, reference.ID)
	}
}
