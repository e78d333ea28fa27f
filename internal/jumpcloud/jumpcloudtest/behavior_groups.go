package jumpcloudtest

import "time"

// GroupBehavior is the part of Behavior about user groups.
type GroupBehavior struct {
	// DuplicateGroupStatus is the answer to a name that another group has. 0: 409. With a 2xx
	// two groups may have the same name.
	DuplicateGroupStatus int `json:"duplicateGroupStatus,omitempty"`
	// DeleteGroupStatus is the answer to the deletion of a group. 0: 204. 200: with the
	// deleted group.
	DeleteGroupStatus int `json:"deleteGroupStatus,omitempty"`
	// DuplicateMemberStatus is the answer to the addition of a user who is already a member.
	// 0: 409. With a 2xx it has no effect.
	DuplicateMemberStatus int `json:"duplicateMemberStatus,omitempty"`
	// MissingMemberStatus is the answer to the removal of a user who is not a member. 0: 404.
	// With a 2xx it has no effect.
	MissingMemberStatus int `json:"missingMemberStatus,omitempty"`
	// GroupVisibilityLag is how long a new group is missing from lists after its creation; GET
	// by id finds it at once.
	GroupVisibilityLag time.Duration `json:"-"`
	// MemberLag is how much later reads of members show what explicit calls changed.
	MemberLag time.Duration `json:"-"`
	// VerboseConnections adds from to the rows of members, and attributes and
	// compiledAttributes, which are null, to those rows and to those with paths; the schema
	// makes them optional but not nullable.
	VerboseConnections bool `json:"verboseConnections,omitempty"`

	// EvaluationDelay is the longest time from a change to the evaluation of the rules of
	// dynamic groups. 0: 200 ms. Negative: at once.
	EvaluationDelay time.Duration `json:"-"`
	// QueryImpliesDynamic makes a group with a query and no stated method DYNAMIC_AUTOMATED;
	// by default it is STATIC.
	QueryImpliesDynamic bool `json:"queryImpliesDynamic,omitempty"`
	// EmptyQueryMatchesAll makes a query without filters match every user; by default it
	// matches none.
	EmptyQueryMatchesAll bool `json:"emptyQueryMatchesAll,omitempty"`
	// RefuseQueryTypeWithDSL answers 400 to a query with a queryType if x-query-dsl is sent;
	// by default the header is then ignored.
	RefuseQueryTypeWithDSL bool `json:"refuseQueryTypeWithDSL,omitempty"`
	// TextFilters accepts filters of a query with a queryType only as text, such as
	// department:$eq:Sales, as one generation of the schema says; by default both text and
	// objects are accepted.
	TextFilters bool `json:"textFilters,omitempty"`
	// NullQueryOnlyClears answers 400 to memberQuery: null, which the published schema does
	// not allow, if there is no query to remove.
	NullQueryOnlyClears bool `json:"nullQueryOnlyClears,omitempty"`
	// HideDSLQueries shows a query without a queryType as memberQuery: null to requests
	// without x-query-dsl.
	HideDSLQueries bool `json:"hideDSLQueries,omitempty"`
	// NoSuggestions answers 404 to the calls about suggestions, which the latest specification
	// lacks.
	NoSuggestions bool `json:"noSuggestions,omitempty"`
	// ReviewGroupsByHand lets explicit calls add and remove members of DYNAMIC_REVIEW_REQUIRED
	// groups; by default those calls have no effect, as for DYNAMIC_AUTOMATED.
	ReviewGroupsByHand bool `json:"reviewGroupsByHand,omitempty"`
}

func (b *GroupBehavior) evaluationDelay() time.Duration {
	if b.EvaluationDelay == 0 {
		return 200 * time.Millisecond
	}
	return max(0, b.EvaluationDelay)
}
