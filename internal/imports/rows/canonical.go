package rows

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Problems of values.
const (
	needsText    = "must be text: write it in quotes"
	needsBoolean = "must be true or false"
	needsNumber  = "must be a whole number of at least 1"
	needsDigits  = needsNumber + ": write it in plain decimal digits, without a 0 in front; what is text, write in quotes"
	needsTime    = "must be a time such as 2027-01-31T09:00:00Z (RFC 3339)"
	needsState   = "must be Staged, Activated or Suspended"
	needsMore    = `holds spaces only: write "" to clear it, or leave it out`
	needsValue   = "cannot be cleared: leave it out, or give it a value"
)

// booleans are the words for true and false in a CSV cell. Spreadsheets write TRUE, PowerShell
// writes $True, and people write yes or 1.
var booleans = map[string]string{
	"true": "true", "yes": "true", "1": "true", "$true": "true",
	"false": "false", "no": "false", "0": "false", "$false": "false",
}

// fromText converts a non-empty text to the canonical form of a value. The problem says what
// is wrong with it, or is "".
func fromText(field v1alpha1.UserField, text string) (value, problem string) {
	if meansDigits(field) && shortened.MatchString(text) {
		return "", "is a number that a spreadsheet has shortened: give the column the format Text, enter the number again, and save the file again"
	}
	switch field.Type {
	case v1alpha1.FieldEmail:
		return strings.ToLower(text), ""
	case v1alpha1.FieldBoolean:
		if word, ok := booleans[strings.ToLower(text)]; ok {
			return word, ""
		}
		return "", needsBoolean
	case v1alpha1.FieldInteger:
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			return strconv.FormatInt(number, 10), ""
		}
		return "", needsNumber
	case v1alpha1.FieldTime:
		if instant, ok := canonicalTime(text); ok {
			return instant, ""
		}
		return "", needsTime
	case v1alpha1.FieldState:
		if state, ok := stateOf(text); ok {
			return string(state), ""
		}
		return "", needsState
	case v1alpha1.FieldList:
		return wholes[field.Path].parse([]byte(text))
	default:
		return text, ""
	}
}

// shortened matches long numbers as spreadsheets shorten them, with the decimal point or comma
// of their locale. The digits are lost.
var shortened = regexp.MustCompile(`^[+-]?[0-9]([.,][0-9]+)?E\+[0-9]{2,}$`)

// meansDigits reports whether people write numbers into the field. Elsewhere the text may mean
// something else.
func meansDigits(field v1alpha1.UserField) bool {
	switch field.Path {
	case employeeIdentifierPath, "phoneNumbers.*", "addresses.*.postalCode":
		return true
	default:
		return field.Type == v1alpha1.FieldInteger
	}
}

// fromDocument converts a non-null value of a JSON or YAML document to its canonical form.
// Types must match: YAML reads 0042 as a number, and a number does not reveal how it was
// written.
func fromDocument(field v1alpha1.UserField, decoded any) (value, problem string) {
	switch field.Type {
	case v1alpha1.FieldBoolean:
		if flag, ok := decoded.(bool); ok {
			return strconv.FormatBool(flag), ""
		}
		return "", needsBoolean + ", without quotes"
	case v1alpha1.FieldInteger:
		switch decoded := decoded.(type) {
		case int64:
			return strconv.FormatInt(decoded, 10), ""
		case digits:
			return "", needsDigits
		default:
			return "", needsNumber + ", without quotes"
		}
	case v1alpha1.FieldList:
		encoded, err := json.Marshal(decoded)
		if err != nil {
			return "", "cannot be read"
		}
		return wholes[field.Path].parse(encoded)
	default:
		return fromString(field, decoded)
	}
}

// fromString is fromDocument for the types that are written as text.
func fromString(field v1alpha1.UserField, decoded any) (value, problem string) {
	written, ok := decoded.(string)
	text := strings.TrimSpace(written)
	switch {
	case !ok:
		return "", needsText
	case text == "" && written != "":
		return "", needsMore
	case text != "":
		return fromText(field, text)
	case clearable(field.Type):
		return "", ""
	default:
		return "", needsValue
	}
}

// clearable reports whether "" is a value of the type.
func clearable(fieldType v1alpha1.FieldType) bool {
	return fieldType == v1alpha1.FieldString || fieldType == v1alpha1.FieldEmail
}

// canonicalTime returns the instant as RFC 3339 in UTC, without unnecessary fractions of a
// second.
func canonicalTime(text string) (string, bool) {
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return "", false
	}
	return instant.UTC().Format(time.RFC3339Nano), true
}

var states = []v1alpha1.UserState{v1alpha1.UserStateStaged, v1alpha1.UserStateActivated, v1alpha1.UserStateSuspended}

// stateOf reads a state regardless of case, so it also reads JumpCloud's words.
func stateOf(text string) (v1alpha1.UserState, bool) {
	for _, state := range states {
		if strings.EqualFold(string(state), text) {
			return state, true
		}
	}
	return "", false
}

// whole is a field that is compared as a whole: its canonical form is compact JSON, with the
// items of a list sorted by their text.
type whole struct {
	canonical func(encoded []byte, strict bool) (string, bool)
	needs     string
}

// wholes are the fields of type List.
var wholes = map[string]whole{
	"delegatedAuthority": {canonicalObject[v1alpha1.DelegatedAuthority], "must be an object with id and name"},
	"relationships":      {canonicalList[v1alpha1.Relationship], "must be a list of objects with type and value"},
	"restrictedFields":   {canonicalList[v1alpha1.RestrictedField], "must be a list of objects with field, type and id"},
}

// parse reads a stated value: keys that the type lacks are an error.
func (w whole) parse(encoded []byte) (value, problem string) {
	value, ok := w.canonical(encoded, true)
	if !ok {
		return "", w.needs
	}
	return value, ""
}

// canonicalList returns "" for an empty list.
func canonicalList[T any](encoded []byte, strict bool) (string, bool) {
	var items []T
	if !decodeWhole(encoded, &items, strict) {
		return "", false
	}
	if len(items) == 0 {
		return "", true
	}
	texts := make([]json.RawMessage, len(items))
	for i := range items {
		text, err := json.Marshal(items[i])
		if err != nil {
			return "", false
		}
		texts[i] = text
	}
	slices.SortFunc(texts, func(a, b json.RawMessage) int { return cmp.Compare(string(a), string(b)) })
	text, err := json.Marshal(texts)
	return string(text), err == nil
}

// canonicalObject returns "" for null and for an object without values.
func canonicalObject[T comparable](encoded []byte, strict bool) (string, bool) {
	var object, nothing T
	if !decodeWhole(encoded, &object, strict) {
		return "", false
	}
	if object == nothing {
		return "", true
	}
	text, err := json.Marshal(object)
	return string(text), err == nil
}

func decodeWhole(encoded []byte, into any, strict bool) bool {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	if strict {
		decoder.DisallowUnknownFields()
	}
	if decoder.Decode(into) != nil {
		return false
	}
	_, err := decoder.Token()
	return errors.Is(err, io.EOF)
}
