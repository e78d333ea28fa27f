package continuous

import (
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// SearchResult is how a search that returned no counterpart ended.
type SearchResult int

const (
	// Several means that more than one have the name, and it is unknown which one is meant.
	Several SearchResult = iota
	// Hidden means that none was seen, but one may exist unseen.
	Hidden
	// Refused means that there is one, and the adoption policy is Never.
	Refused
	// Owned means that there is one, and another object owns it.
	Owned
	// Missing means that there is none, and the adoption policy is MustExist.
	Missing
	// Settling means that a creation whose answer was lost may still be under way.
	Settling
)

// Finding describes a search that returned no counterpart, and why.
type Finding struct {
	Result SearchResult
	// Name is what was searched for.
	Name string
	// IDs are those of the counterparts that have the name, if there are any.
	IDs []string
	// Owner is the object that owns it, if the result is Owned.
	Owner client.ObjectKey
}

// Wording is what messages call the counterparts of a kind's objects, which have a name.
type Wording struct {
	// Kind of the objects, such as "UserGroup".
	Kind string
	// Noun is the word for one, such as "group"; One and All precede the name of one and of
	// several, such as "group named" and "groups named".
	Noun, One, All string
	// Attribute is what the name is called in JumpCloud and in the spec.
	Attribute string
	// Another tells people to declare another name, and Yield how the owner could give it up
	// instead, such as "Choose another name" and "wait until it has another one".
	Another, Yield string
}

// shownIDs is how many ids a message names.
const shownIDs = 5

// Explain returns the message about a finding.
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
		return fmt.Sprintf("JumpCloud's answer to the creation of the %s %q was lost. The operator searches until the outcome is certain.", w.Noun, f.Name)
	default:
		return fmt.Sprintf("JumpCloud shows no %s %q, and has a %s whose %s or id cannot be read: it may be that one. Correct that %s in JumpCloud.",
			w.One, f.Name, w.Noun, w.Attribute, w.Noun)
	}
}
