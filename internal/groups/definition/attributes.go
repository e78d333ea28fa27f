package definition

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// JSON names of a group's attributes at JumpCloud.
const (
	sudoAttribute   = "sudo"
	ldapAttribute   = "ldapGroups"
	posixAttribute  = "posixGroups"
	radiusAttribute = "radius"
	sambaAttribute  = "sambaEnabled"
)

// statement is what a spec states about one attribute.
type statement struct {
	name string
	// over returns the attribute with the stated values set; equal reports whether it had them
	// before. An absent or unreadable attribute counts as the zero value.
	over func(live json.RawMessage) (after json.RawMessage, equal bool)
}

// statements returns what a spec states about each attribute, in a fixed order.
func statements(a *v1alpha1.GroupAttributes) []statement {
	if a == nil {
		return nil
	}
	var all []statement
	if a.Sudo != nil {
		members := map[string]json.RawMessage{"enabled": encode(a.Sudo.Enabled), "withoutPassword": encode(a.Sudo.WithoutPassword)}
		all = append(all, stateObject(sudoAttribute, members, func(live v1alpha1.GroupSudo) bool { return live == *a.Sudo }))
	}
	if a.LDAPGroups != nil {
		all = append(all, stateList(ldapAttribute, *a.LDAPGroups, byLDAPName))
	}
	if len(a.POSIXGroups) > 0 {
		all = append(all, stateList(posixAttribute, a.POSIXGroups, byPOSIXID))
	}
	if a.RADIUS != nil {
		// The order of replies counts: JumpCloud does not document that it is irrelevant.
		members := map[string]json.RawMessage{"reply": encodeList(a.RADIUS.Reply)}
		all = append(all, stateObject(radiusAttribute, members, func(live v1alpha1.GroupRADIUS) bool { return slices.Equal(live.Reply, a.RADIUS.Reply) }))
	}
	if a.SambaEnabled != nil {
		all = append(all, statement{sambaAttribute, func(live json.RawMessage) (json.RawMessage, bool) {
			var before bool
			_ = json.Unmarshal(live, &before)
			return encode(*a.SambaEnabled), before == *a.SambaEnabled
		}})
	}
	return all
}

// stateList states a list whose order does not matter.
func stateList[T comparable](name string, stated []T, compare func(a, b T) int) statement {
	sorted := slices.SortedFunc(slices.Values(stated), compare)
	return statement{name, func(live json.RawMessage) (json.RawMessage, bool) {
		var before []T
		if json.Unmarshal(live, &before) != nil {
			before = nil
		}
		slices.SortFunc(before, compare)
		return encodeList(stated), slices.Equal(before, sorted)
	}}
}

// stateObject states members of a JSON object and keeps its other members. T has the members
// that the operator knows.
func stateObject[T any](name string, stated map[string]json.RawMessage, same func(live T) bool) statement {
	return statement{name, func(live json.RawMessage) (json.RawMessage, bool) {
		var before T
		var members map[string]json.RawMessage
		if json.Unmarshal(live, &before) != nil || json.Unmarshal(live, &members) != nil {
			before, members = *new(T), nil
		}
		if members == nil {
			members = map[string]json.RawMessage{}
		}
		maps.Copy(members, stated)
		return encode(members), same(before)
	}}
}

// POSIXConflict returns the live posixGroups if they differ from the stated ones, which
// JumpCloud never changes; "" if nothing keeps the stated ones from being set.
func (d *Definition) POSIXConflict(live map[string]json.RawMessage) (present string) {
	stated := d.Spec.Attributes
	if stated == nil || len(stated.POSIXGroups) == 0 {
		return ""
	}
	var before []v1alpha1.POSIXGroup
	if json.Unmarshal(live[posixAttribute], &before) != nil || len(before) == 0 {
		return ""
	}
	if _, equal := stateList(posixAttribute, stated.POSIXGroups, byPOSIXID).over(live[posixAttribute]); equal {
		return ""
	}
	return string(encode(before))
}

func byLDAPName(a, b v1alpha1.LDAPGroup) int { return strings.Compare(a.Name, b.Name) }

func byPOSIXID(a, b v1alpha1.POSIXGroup) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), strings.Compare(a.Name, b.Name))
}

// encode marshals a value that cannot fail to marshal.
func encode(value any) json.RawMessage {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // people read it, too
	_ = encoder.Encode(value)
	return bytes.TrimSpace(b.Bytes())
}

// encodeList encodes a nil list as an empty one: JumpCloud takes null for "not stated".
func encodeList[T any](list []T) json.RawMessage { return encode(append([]T{}, list...)) }

// compact strips white space, so that JSON values that differ only in it become equal.
func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return ""
	}
	return b.String()
}
