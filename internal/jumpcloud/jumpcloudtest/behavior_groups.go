package jumpcloudtest

import "time"

// GroupBehavior is the part of Behavior about user groups.
type GroupBehavior struct {
	// DuplicateGroupStatus answers a name that another group has. 0: 409. With a
	// 2xx the name may be had twice.
	DuplicateGroupStatus int `json:"duplicateGroupStatus,omitempty"`
	// DeleteGroupStatus answers the deletion of a group. 0: 204. 200: the deleted
	// group.
	DeleteGroupStatus int `json:"deleteGroupStatus,omitempty"`
	// DuplicateMemberStatus answers the addition of a user who is a member already. 0:
	// 409. With a 2xx it has no effect.
	DuplicateMemberStatus int `json:"duplicateMemberStatus,omitempty"`
	// MissingMemberStatus answers the removal of a user who is not a member. 0: 404.
	// With a 2xx it has no effect.
	MissingMemberStatus int `json:"missingMemberStatus,omitempty"`
	// GroupVisibilityLag keeps a new group out of lists this long after its
	// creation; GET by id finds it at once.
	GroupVisibilityLag time.Duration `json:"-"`
	// MemberLag lets reads of members show what explicit calls did this much later.
	MemberLag time.Duration `json:"-"`
	// VerboseConnections adds from to the rows of members, and attributes and
	// compiledAttributes, which are null, to those rows and to those with paths; the
	// schema lets them be missing and does not let them be null.
	VerboseConnections bool `json:"verboseConnections,omitempty"`

	// EvaluationDelay is how long after a change the rules of dynamic groups are
	// evaluated at the latest. 0: 200 ms. Negative: at once.
	EvaluationDelay time.Duration `json:"-"`
	// QueryImpliesDynamic makes a group that states a query and no method
	// DYNAMIC_AUTOMATED; by default it is STATIC.
	QueryImpliesDynamic bool `json:"queryImpliesDynamic,omitempty"`
	// EmptyQueryMatchesAll lets a query without filters match everybody; by default
	// it matches no user.
	EmptyQueryMatchesAll bool `json:"emptyQueryMatchesAll,omitempty"`
	// RefuseQueryTypeWithDSL answers 400 to a query with a queryType where x-query-dsl
	// is sent; by default the header is ignored then.
	RefuseQueryTypeWithDSL bool `json:"refuseQueryTypeWithDSL,omitempty"`
	// TextFilters takes filters of a query with a queryType only as text, such as
	// department:$eq:Sales, as one generation of the schema says; by default both
	// text and objects are taken.
	TextFilters bool `json:"textFilters,omitempty"`
	// NullQueryOnlyClears answers 400 to memberQuery: null, which the published
	// schema does not allow, where there is no query to be taken away.
	NullQueryOnlyClears bool `json:"nullQueryOnlyClears,omitempty"`
	// HideDSLQueries answers memberQuery: null, to requests without x-query-dsl, for a
	// query that has no queryType.
	HideDSLQueries bool `json:"hideDSLQueries,omitempty"`
	// NoSuggestions answers 404 to the calls about suggestions, which the latest
	// specification lacks.
	NoSuggestions bool `json:"noSuggestions,omitempty"`
	// ReviewGroupsByHand lets members of DYNAMIC_REVIEW_REQUIRED groups be added and
	// removed by explicit calls; by default those have no effect, as for
	// DYNAMIC_AUTOMATED.
	ReviewGroupsByHand bool `json:"reviewGroupsByHand,omitempty"`
}

func (b *GroupBehavior) evaluationDelay() time.Duration {
	if b.EvaluationDelay == 0 {
		return 200 * time.Millisecond
	}
	return max(0, b.EvaluationDelay)
}
