package rows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// remoteStates are the states in JumpCloud's words.
var remoteStates = map[v1alpha1.UserState]jumpcloud.State{
	v1alpha1.UserStateStaged:    jumpcloud.StateStaged,
	v1alpha1.UserStateActivated: jumpcloud.StateActivated,
	v1alpha1.UserStateSuspended: jumpcloud.StateSuspended,
}

// RemoteState returns a state in JumpCloud's words.
func RemoteState(state v1alpha1.UserState) jumpcloud.State { return remoteStates[state] }

// StateOf returns a state of JumpCloud's in the words of rows; "" for an unknown one.
func StateOf(remote jumpcloud.State) v1alpha1.UserState {
	for state, word := range remoteStates {
		if word == remote {
			return state
		}
	}
	return ""
}

// CreatePayload returns what is sent to create the user of a valid row: what the row states,
// its password, and the defaults that it does not override. It omits what the row clears.
// Without a state the user is staged, and gets no mail. It omits a manager that is not
// JumpCloud's id of a user: the caller knows the id, or sets it later.
func CreatePayload(row *Row, defaults []Field) jumpcloud.BulkUserCreate {
	staged := jumpcloud.StateStaged
	payload := jumpcloud.BulkUserCreate{UserAttributes: jumpcloud.UserAttributes{State: &staged}}
	record := map[string]any{}
	for _, field := range row.Fields {
		if field.Value != "" {
			put(record, field)
		}
	}
	for _, field := range defaults {
		if _, stated := row.Get(field.Path); !stated && field.Value != "" {
			put(record, field)
		}
	}
	fill(&payload, record)
	if row.Password != nil {
		payload.Password = jumpcloud.Password(row.Password.Reveal())
	}
	return payload
}

// UpdatePayload returns what is sent to change a live user: the comparable fields of a valid
// row at the changed paths. Lists are sent whole, because JumpCloud replaces them: the live
// items with the row's changes. It never contains the state (a bulk update was never seen to
// change one), a password, or a manager that is not JumpCloud's id of a user.
func UpdatePayload(row *Row, live *jumpcloud.User, changed []string) jumpcloud.BulkUserUpdate {
	current, err := decodeObject(live)
	if err != nil {
		panic(notEncodable(live, err))
	}
	record := map[string]any{}
	for _, field := range row.Fields {
		entry, ok := FieldOf(field.Path)
		if !ok || entry.Class != v1alpha1.Comparable || entry.Type == v1alpha1.FieldState || !slices.Contains(changed, field.Path) {
			continue
		}
		if head, _, found := strings.Cut(entry.JumpCloud, ".*"); found && record[head] == nil {
			record[head] = current[head]
		}
		put(record, field)
	}
	payload := jumpcloud.BulkUserUpdate{ID: live.ID}
	fill(&payload, record)
	return payload
}

// put sets a field's value in a record of JumpCloud's shape.
func put(record map[string]any, field Field) {
	entry, ok := FieldOf(field.Path)
	if !ok || entry.Class == v1alpha1.WriteOnly || (entry.Path == managerPath && !sendableManager(field.Value)) {
		return
	}
	value := toRecord(entry, field.Value)
	if head, _, found := strings.Cut(entry.JumpCloud, ".*"); found {
		name, _ := itemOf(entry.Path, field.Path)
		record[head] = putItem(record[head], head, name, entry, value)
		return
	}
	putAt(record, entry.JumpCloud, value)
}

// putAt sets the value at a dotted path.
func putAt(record map[string]any, path string, value any) {
	parts := strings.Split(path, ".")
	for _, part := range parts[:len(parts)-1] {
		inner, ok := record[part].(map[string]any)
		if !ok {
			inner = map[string]any{}
			record[part] = inner
		}
		record = inner
	}
	record[parts[len(parts)-1]] = value
}

// putItem sets a value in the item with that name or type, and appends the item if there is
// none.
func putItem(decoded any, head, name string, entry v1alpha1.UserField, value any) []any {
	l, _ := listOf(head)
	_, suffix, _ := strings.Cut(entry.Path, "*")
	items, _ := decoded.([]any)
	for _, decoded := range items {
		item, _ := decoded.(map[string]any)
		if itemName, ok := item[l.item].(string); ok && canonicalItem(l.head, itemName) == name {
			item[valueKey(l, suffix)] = value
			return items
		}
	}
	return append(items, map[string]any{l.item: name, valueKey(l, suffix): value})
}

// toRecord converts a canonical value to JumpCloud's form.
func toRecord(field v1alpha1.UserField, value string) any {
	switch field.Type {
	case v1alpha1.FieldBoolean, v1alpha1.FieldInteger, v1alpha1.FieldList:
		return json.RawMessage(value) // The canonical form is JSON.
	case v1alpha1.FieldState:
		return remoteStates[v1alpha1.UserState(value)]
	default:
		return value
	}
}

// sendableManager reports whether the value clears the manager or is an id.
func sendableManager(value string) bool { return value == "" || IsID(value) }

// IsID reports whether a string has the form of a JumpCloud id: 24 hexadecimal digits.
func IsID(s string) bool {
	return len(s) == 24 && strings.Trim(s, "0123456789abcdef") == ""
}

// fill sets the payload's members from a record of JumpCloud's shape.
func fill(payload any, record map[string]any) {
	encoded, err := json.Marshal(record)
	if err == nil {
		err = json.Unmarshal(encoded, payload)
	}
	if err != nil {
		panic(notEncodable(payload, err))
	}
}

// notEncodable returns the text of a panic: rows are valid and tests compare the table of
// fields with the payloads, so the cause is a bug in this program. The error's own text may
// contain personal data.
func notEncodable(value any, err error) string {
	return fmt.Sprintf("rows: a %T does not follow v1alpha1.UserFields (%T)", value, err)
}
