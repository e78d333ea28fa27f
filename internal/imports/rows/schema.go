package rows

import (
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// The paths with rules of their own.
const (
	usernamePath           = "username"
	emailPath              = "email"
	employeeIdentifierPath = "employeeIdentifier"
	passwordPath           = "password"
	managerPath            = "manager"
)

const attributesHead = "attributes"

// list is a field of JumpCloud's that is an array of items, which a name or type
// distinguishes; in v1alpha1.UserFields a * stands for it.
type list struct {
	// head is the first part of the paths.
	head string
	// item is the key that distinguishes items, and maxLength its limit.
	item      string
	maxLength int
	// value is the key of an item's only value; "" if items have several, named by the path's
	// last part.
	value string
	// maxItems is the limit of the API types.
	maxItems int
}

var lists = []list{
	{head: attributesHead, item: "name", maxLength: 256, value: "value", maxItems: 100},
	{head: "addresses", item: "type", maxLength: 64, maxItems: 16},
	{head: "phoneNumbers", item: "type", maxLength: 64, value: "number", maxItems: 16},
}

// The types that JumpCloud's console uses.
var (
	phoneTypes   = []string{"mobile", "home", "work", "work_mobile", "work_fax"}
	addressTypes = []string{"home", "work"}
)

// canonicalItem returns the name or type that stands for an item in a path. It lower-cases the
// types that JumpCloud's console uses, so that Home and home are one; names of attributes are
// case-sensitive.
func canonicalItem(head, name string) string {
	lower := strings.ToLower(name)
	if head == "addresses" && slices.Contains(addressTypes, lower) || head == "phoneNumbers" && slices.Contains(phoneTypes, lower) {
		return lower
	}
	return name
}

// listOf returns the list with that head.
func listOf(head string) (list, bool) {
	for _, l := range lists {
		if l.head == head {
			return l, true
		}
	}
	return list{}, false
}

// wildcard is an entry of v1alpha1.UserFields with a *.
type wildcard struct {
	prefix, suffix string
	rank           int
}

// matches reports whether the concrete path belongs to the entry.
func (w wildcard) matches(path string) bool {
	return len(path) > len(w.prefix)+len(w.suffix) && strings.HasPrefix(path, w.prefix) && strings.HasSuffix(path, w.suffix)
}

// ranks are the positions of paths in v1alpha1.UserFields; wildcards are its entries with a *.
var ranks, wildcards = func() (map[string]int, []wildcard) {
	ranks, wildcards := make(map[string]int, len(v1alpha1.UserFields)), []wildcard(nil)
	for rank, field := range v1alpha1.UserFields {
		ranks[field.Path] = rank
		if prefix, suffix, found := strings.Cut(field.Path, "*"); found {
			wildcards = append(wildcards, wildcard{prefix, suffix, rank})
		}
	}
	return ranks, wildcards
}()

// rankOf returns the position of a concrete path in v1alpha1.UserFields.
func rankOf(path string) (int, bool) {
	if rank, ok := ranks[path]; ok {
		return rank, true
	}
	for _, entry := range wildcards {
		if entry.matches(path) {
			return entry.rank, true
		}
	}
	return 0, false
}

// attributeRank is the position of custom attributes.
var attributeRank = ranks[attributesHead+".*"]

// FieldOf returns the entry of v1alpha1.UserFields that a concrete path belongs to.
func FieldOf(path string) (v1alpha1.UserField, bool) {
	rank, ok := rankOf(path)
	if !ok {
		return v1alpha1.UserField{}, false
	}
	return v1alpha1.UserFields[rank], true
}

// OfList reports whether a concrete path belongs to an item of a list, such as an attribute.
// JumpCloud replaces lists as a whole.
func OfList(path string) bool {
	field, _ := FieldOf(path)
	return strings.Contains(field.JumpCloud, ".*")
}

// Comparable reports whether the field of a concrete path is compared with the live user:
// planned, sent if it differs, and proved.
func Comparable(path string) bool {
	field, ok := FieldOf(path)
	return ok && field.Class == v1alpha1.Comparable
}

// itemOf returns the name or type in a concrete path in the place of the * in its entry of
// v1alpha1.UserFields.
func itemOf(pattern, path string) (string, bool) {
	prefix, suffix, found := strings.Cut(pattern, "*")
	if !found {
		return "", false
	}
	return path[len(prefix) : len(path)-len(suffix)], true
}

// keyPath returns the path whose value identifies the user of a row.
func keyPath(matchBy v1alpha1.MatchBy) string {
	switch matchBy {
	case v1alpha1.MatchByEmail:
		return emailPath
	case v1alpha1.MatchByEmployeeIdentifier:
		return employeeIdentifierPath
	default:
		return usernamePath
	}
}
