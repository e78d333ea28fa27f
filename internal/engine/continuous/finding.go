package continuous

import (
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// SearchResult is how a look for a counterpart ended.
type SearchResult int

const (
	// Several is that more than one have the name, and it is not known which is meant.
	Several SearchResult = iota
	// Hidden is that none was seen, and one may be there unseen.
	Hidden
	// Refused is that there is one, and the adoption policy is Never.
	Refused
	// Owned is that there is one, and it is another object's.
	Owned
	// Missing is that there is none, and the adoption policy is MustExist.
	Missing
	// Settling is that a creation whose answer was lost may still be under way.
	Settling
)

// Finding is what a look for a counterpart found that did not end with it.
type Finding struct {
	Result SearchResult
	// Name that was looked for.
	Name string
	// IDs of those that have it, where there are any.
	IDs []string
	// Owner is the object that has it already, where that is the result.
	Owner client.ObjectKey
}

// Wording is how messages call what the objects of a kind stand for, by a name.
type Wording struct {
	// Kind of the objects, such as "UserGroup".
	Kind string
	// Noun for one, such as "group"; One and All stand before the name of one and of
	// several, such as "group named" and "groups named".
	Noun, One, All string
	// Attribute is what the name is called, in JumpCloud and in the spec.
	Attribute string
	// Another tells to declare another name, and Yield how else the owner of one gives
	// way, such as "Choose another name" and "wait until it has another one".
	Another, Yield string
}

// shownIDs is how many ids a message names.
const shownIDs = 5

// Explain says what a person is to know of a finding.
func (w *Wording) Explain(f Finding) string {
	switch f.Result {
	case Several:
		return fmt.Sprintf("JumpCloud has %d %s %q: %s. Rename or delete all but one of them.",
			len(f.IDs), w.All, f.Name, strings.Join(f.IDs[:min(len(f.IDs), shownIDs)], ", "))
	case Refused:
		return fmt.Sprintf("JumpCloud has a %s %q already (%s), and spec.adoptionPolicy is Never. %s, or allow the adoption.",
			w.One, f.Name, f.IDs[0], w.Another)
	case Owned:
		return fmt.Sprintf("The %s %q (%s) belongs to %s %s. %s, or %s.", w.One, f.Name, f.IDs[0], w.Kind, f.Owner, w.Another, w.Yield)
	case Missing:
		return fmt.Sprintf("JumpCloud has no %s %q (case counts), and spec.adoptionPolicy is MustExist. Correct spec.%s, or set IfExists to have it created. "+
			"It is looked for at every resync.", w.One, f.Name, w.Attribute)
	case Settling:
		return fmt.Sprintf("JumpCloud's answer to the creation of the %s %q was lost. It is looked for until it is certain what became of it.", w.Noun, f.Name)
	default:
		return fmt.Sprintf("JumpCloud shows no %s %q, and has a %s whose %s or id cannot be read: it may be that one. Correct that %s in JumpCloud.",
			w.One, f.Name, w.Noun, w.Attribute, w.Noun)
	}
}
