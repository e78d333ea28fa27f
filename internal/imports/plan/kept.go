package plan

import (
	"slices"
	"strings"
	"unicode"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// maxKept is how many values are remembered for each user.
const maxKept = 64

// Respelled reports whether JumpCloud may keep what is declared at a path in another form.
func Respelled(path string) bool {
	return strings.HasPrefix(path, "phoneNumbers.") || strings.HasPrefix(path, "addresses.")
}

// keeps reports whether a user's value at a path is the one that JumpCloud is known to keep
// for what the row states.
func (m *Matcher) keeps(userID, path, declared, has string) bool {
	if m.opts.Kept == nil || !Respelled(path) {
		return false
	}
	kept := m.opts.Kept(userID)
	return len(kept) > 0 && slices.Contains(kept, keptValue(m.opts.Salt, path, declared, has))
}

func keptValue(salt, path, declared, has string) v1alpha1.KeptValue {
	return v1alpha1.KeptValue{Path: path, Declared: ledger.Digest(salt, path, declared), Kept: ledger.Digest(salt, path, has)}
}

// Learned is what was learned about a user's values.
type Learned struct {
	Kept []v1alpha1.KeptValue
	// Certain is set if the changes were seen to be made. Otherwise they may not have been,
	// and the values merely have the same letters and digits as the declared ones.
	Certain bool
}

// LearnKept finds out what JumpCloud keeps for values that were sent, if that explains every
// difference: sent are the changes of an accepted job, and differs are the changes that a
// newer reading asks for. A value that differs from its old one is what JumpCloud made of the
// declared one; so is every value if another change of the user is seen to be made. It reports
// false if these may not be what JumpCloud keeps.
func LearnKept(salt string, sent, differs []Change) (learned Learned, known bool) {
	made := slices.ContainsFunc(sent, func(s Change) bool {
		return !slices.ContainsFunc(differs, func(c Change) bool { return c.Path == s.Path })
	})
	learned.Certain = true
	for _, c := range differs {
		changed := made || slices.ContainsFunc(sent, func(s Change) bool { return s.Path == c.Path && s.New == c.New && s.Old != c.Old })
		if !Respelled(c.Path) || c.Old == "" || c.New == "" || !changed && letters(c.Old) != letters(c.New) {
			return Learned{}, false
		}
		learned.Certain = learned.Certain && changed
		learned.Kept = append(learned.Kept, keptValue(salt, c.Path, c.New, c.Old))
	}
	return learned, len(differs) > 0
}

// letters returns the letters and digits of a value, in lower case.
func letters(value string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, value))
}

// Respells returns the changes that sending the row makes, if JumpCloud may keep any of them
// in another form. For a create these are all fields, because there was nothing before.
func (d *Decision) Respells() []Change {
	changes := d.Changes
	if d.Action == Create {
		changes = nil
		for _, field := range d.Row.Fields {
			changes = append(changes, Change{Path: field.Path, New: field.Value})
		}
	}
	if !slices.ContainsFunc(changes, func(c Change) bool { return Respelled(c.Path) }) {
		return nil
	}
	return changes
}

// MergeKept adds what was learned to what is known about a user's values.
func MergeKept(known, learned []v1alpha1.KeptValue) []v1alpha1.KeptValue {
	all := slices.DeleteFunc(slices.Clone(known), func(k v1alpha1.KeptValue) bool {
		return slices.ContainsFunc(learned, func(l v1alpha1.KeptValue) bool { return l.Path == k.Path })
	})
	all = append(all, learned...)
	return all[:min(len(all), maxKept)]
}

// StillKept returns the known values that still hold after a look: the row still states them,
// and the look shows no difference. Otherwise one of the two values has changed.
func (d *Decision) StillKept(salt string, known []v1alpha1.KeptValue) []v1alpha1.KeptValue {
	var still []v1alpha1.KeptValue
	for _, k := range known {
		declared, stated := d.Row.Get(k.Path)
		differs := slices.ContainsFunc(d.Changes, func(c Change) bool { return c.Path == k.Path })
		if stated && !differs && ledger.Digest(salt, k.Path, declared) == k.Declared {
			still = append(still, k)
		}
	}
	return still
}
