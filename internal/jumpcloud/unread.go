package jumpcloud

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Unread lists the members of a record, by their documented names in whatever case JumpCloud
// wrote them, that the answer contains but that could not be read, because they are not of the
// documented type. Their values are unknown: the zero values in their place are neither absent
// nor equal to anything. One odd member must not hide the rest of its record or other records.
// Unread is nil for a record that was read in full.
type Unread []string

// wholeRecord stands for all members, if the record is no object.
const wholeRecord = "*"

// Has reports whether the value of at least one of the members is unknown.
func (u Unread) Has(members ...string) bool {
	return slices.ContainsFunc(u, func(unread string) bool {
		return unread == wholeRecord || slices.Contains(members, unread)
	})
}

// decodeRecord decodes a JSON value into the struct that record points to, member by member if
// it does not fit as a whole.
func decodeRecord(data []byte, record any) Unread {
	if err := json.Unmarshal(data, record); err == nil && !isNull(data) {
		return nil
	}
	value := reflect.ValueOf(record).Elem()
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil || members == nil {
		for _, member := range membersOf(value.Type()) {
			value.FieldByIndex(member.index).SetZero()
		}
		return Unread{wholeRecord}
	}
	var unread Unread
	known := membersOf(value.Type())
	for name, raw := range members {
		member, ok := known[strings.ToLower(name)]
		if !ok {
			continue
		}
		field := value.FieldByIndex(member.index)
		field.SetZero()
		if json.Unmarshal(raw, field.Addr().Interface()) != nil {
			field.SetZero()
			unread = append(unread, member.name)
		}
	}
	slices.Sort(unread)
	return slices.Compact(unread)
}

// member is a member of a record: its documented name, and the field that it is decoded into.
type member struct {
	name  string
	index []int
}

var memberCache sync.Map // map from reflect.Type to map[string]member

// membersOf returns the members of a struct by their names in lower case, because encoding/json
// finds them in any case.
func membersOf(record reflect.Type) map[string]member {
	if cached, ok := memberCache.Load(record); ok {
		return cached.(map[string]member) //nolint:forcetypeassert // Nothing else is stored.
	}
	members := map[string]member{}
	for _, field := range reflect.VisibleFields(record) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			members[strings.ToLower(name)] = member{name, field.Index}
		}
	}
	memberCache.Store(record, members)
	return members
}

// scalar is a text that some servers write as a number or a boolean.
type scalar string

// UnmarshalJSON fails for lists and objects; null is an empty text.
func (s *scalar) UnmarshalJSON(data []byte) error {
	if *s = scalar(text(data)); *s == "" && !isNull(data) && string(data) != `""` {
		return errUnreadable
	}
	return nil
}

// flag is a boolean that some servers write as text.
type flag bool

// UnmarshalJSON fails for anything but true and false; null is false.
func (f *flag) UnmarshalJSON(data []byte) error {
	value := text(data)
	*f = value == "true"
	if value != "true" && value != "false" && !isNull(data) {
		return errUnreadable
	}
	return nil
}

// count is a number of records. Some servers write numbers as text.
type count struct {
	n     int
	known bool
}

// UnmarshalJSON never fails: anything else than a number of records is unknown.
func (c *count) UnmarshalJSON(data []byte) error {
	number, err := strconv.ParseFloat(text(data), 64)
	if *c = (count{}); err == nil && number >= 0 && number <= math.MaxInt32 && number == math.Trunc(number) {
		*c = count{int(number), true}
	}
	return nil
}

// orUnknown returns the number, or -1 if it is unknown.
func (c count) orUnknown() int {
	if !c.known {
		return -1
	}
	return c.n
}

// ends reports whether a list ends with a page of that many records, which follows skip
// others. It ends at the number of all records; if that is unknown, it ends at a page that is
// not full.
func (c count) ends(skip, records, limit int) bool {
	if c.known {
		return records == 0 || skip+records >= c.n
	}
	return records < limit
}
