package jumpcloud

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// UserPage is one page of users.
type UserPage struct {
	// Skip is the number of records before this page.
	Skip int
	// TotalCount is the number of users when the page was read, as JumpCloud says; -1 if that
	// could not be read.
	TotalCount int
	Users      []User
}

// UserListOptions select what UserPages reads.
type UserListOptions struct {
	// Skip is the number of records to skip.
	Skip int
	// Limit is the page size, 1 to 100; 0 means 100.
	Limit int
	// Fields are JumpCloud's names of the members to return; the id is always included. Empty
	// means all.
	Fields []string
	// Filter selects the users that meet all conditions. Match cannot be used here.
	Filter []Condition
}

// UserSearch selects what SearchUserPages reads.
type UserSearch struct {
	// Skip is the number of records to skip.
	Skip int
	// Limit is the page size, 1 to 100; 0 means 100.
	Limit int
	// Fields are JumpCloud's names of the members to return; the id is always included. Empty
	// means all.
	Fields []string
	// AnyOf selects the users that meet at least one condition. Empty selects all users.
	AnyOf []Condition
}

// Operator compares a member with a value.
type Operator string

// The operators (documented). Match, a regular expression, works only in a search (observed).
const (
	Equal          Operator = "$eq"
	NotEqual       Operator = "$ne"
	Greater        Operator = "$gt"
	GreaterOrEqual Operator = "$gte"
	Less           Operator = "$lt"
	LessOrEqual    Operator = "$lte"
	Match          Operator = "$regex"
)

// Condition compares one member of a user. Comparisons are case-sensitive (documented), except
// Match with (?i).
type Condition struct {
	// Field is JumpCloud's name of the member.
	Field    string
	Operator Operator
	Value    string
}

// EqualFold returns a condition for searches: the member equals value, ignoring case.
func EqualFold(field, value string) Condition {
	return Condition{Field: field, Operator: Match, Value: "(?i)^" + regexp.QuoteMeta(value) + "$"}
}

// String returns the condition as the query of a list takes it.
func (c Condition) String() string {
	return fmt.Sprintf("%s:%s:%s", c.Field, c.Operator, c.Value)
}

// MarshalJSON returns the condition as a search takes it. Ids are sent as text, the only form
// that was ever seen: they are not strings in JumpCloud's database.
func (c Condition) MarshalJSON() ([]byte, error) {
	switch {
	case c.Field == "_id":
		return json.Marshal(c.String())
	case c.Operator == Equal:
		return json.Marshal(map[string]string{c.Field: c.Value})
	default:
		return json.Marshal(map[string]map[Operator]string{c.Field: {c.Operator: c.Value}})
	}
}

// UserPages lists users in the order of their ids. It reads a page when the page is asked for,
// and keeps one in memory. It ends when JumpCloud's total is reached, at an empty page,
// without a total at one that is not full, or with an error; to continue after an error, start
// again at the next page's Skip. A list that changes while it is read may repeat or miss
// users: a deletion moves all others under the offset.
func (c *Client) UserPages(ctx context.Context, o UserListOptions) iter.Seq2[*UserPage, error] {
	limit := pageLimit(o.Limit)
	return userPages(o.Skip, limit, func(page *UserPage) error {
		query := url.Values{
			"limit": {strconv.Itoa(limit)},
			"skip":  {strconv.Itoa(page.Skip)},
			"sort":  {"_id"},
		}
		if len(o.Fields) > 0 {
			query.Set("fields", fieldList(o.Fields))
		}
		for i, condition := range o.Filter {
			query.Set(fmt.Sprintf("filter[%d]", i), condition.String())
		}
		return c.readUserPage(ctx, page, &request{
			op: "UserPages", method: http.MethodGet, endpoint: "/systemusers", query: query,
		})
	})
}

// SearchUserPages lists the users that a search finds, as UserPages does. It is a read,
// although its method is POST, and is repeated like one.
func (c *Client) SearchUserPages(ctx context.Context, s UserSearch) iter.Seq2[*UserPage, error] {
	limit := pageLimit(s.Limit)
	return userPages(s.Skip, limit, func(page *UserPage) error {
		body := searchBody{Limit: limit, Skip: page.Skip, Sort: "_id"}
		if len(s.Fields) > 0 {
			body.Fields = fieldList(s.Fields)
		}
		if len(s.AnyOf) > 0 {
			body.Filter = map[string][]Condition{"or": s.AnyOf}
		}
		return c.readUserPage(ctx, page, &request{
			op: "SearchUserPages", method: http.MethodPost, endpoint: "/search/systemusers", in: body,
		})
	})
}

type searchBody struct {
	Filter map[string][]Condition `json:"filter,omitempty"`
	Fields string                 `json:"fields,omitempty"`
	Limit  int                    `json:"limit"`
	Skip   int                    `json:"skip"`
	Sort   string                 `json:"sort"`
}

func userPages(skip, limit int, read func(*UserPage) error) iter.Seq2[*UserPage, error] {
	return func(yield func(*UserPage, error) bool) {
		for next := skip; ; {
			page := &UserPage{Skip: next}
			if err := read(page); err != nil {
				yield(nil, err)
				return
			}
			total := count{page.TotalCount, page.TotalCount >= 0}
			if !yield(page, nil) || total.ends(next, len(page.Users), limit) {
				return
			}
			next += len(page.Users)
		}
	}
}

func (c *Client) readUserPage(ctx context.Context, page *UserPage, r *request) error {
	var list list[User]
	r.out = &list
	if err := c.read(ctx, r); err != nil {
		return err
	}
	page.TotalCount, page.Users = list.TotalCount.orUnknown(), list.Results
	return nil
}

// list is the envelope of lists of API v1.
type list[T any] struct {
	TotalCount count `json:"totalCount"`
	Results    []T   `json:"results"`
}

// valid rejects an empty list without a count: it may be anything.
func (l *list[T]) valid() bool {
	if !anyShown(l.Results) {
		return false
	}
	return len(l.Results) > 0 || l.TotalCount.known && (l.Results != nil || l.TotalCount.n == 0)
}

func pageLimit(limit int) int {
	if limit < 1 || limit > pageSize {
		return pageSize
	}
	return limit
}

// fieldList separates names with spaces: API v1 takes a list with commas for one unknown name
// and ignores it without an error (observed).
func fieldList(fields []string) string {
	if !slices.Contains(fields, "_id") {
		fields = append([]string{"_id"}, fields...)
	}
	return strings.Join(fields, " ")
}
