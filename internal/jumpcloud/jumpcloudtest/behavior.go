package jumpcloudtest

import "time"

// Behavior holds a switch for everything that is not known about JumpCloud, and for how badly
// it behaves. The zero value is what is documented or was observed and, where nothing is
// known, the likeliest assumption; each field says what another value changes. Durations
// follow the Clock unless they say otherwise.
//
// Its JSON form uses lowerCamelCase names and durations such as "1.5s".
type Behavior struct {
	TransportBehavior
	ListBehavior
	UserBehavior
	JobBehavior
	GroupBehavior
	StateBehavior
	PushBehavior
	WorkdayBehavior
}

// TransportBehavior is the part of Behavior about requests of any kind.
type TransportBehavior struct {
	// MultiTenantDefault lets a multi-tenant credential without x-org-id act on its first
	// organization; by default the answer is 401. Only the Server's own Behavior counts.
	MultiTenantDefault bool `json:"multiTenantDefault,omitempty"`
	// ActivateRefusesOrgHeader answers 403 to x-org-id on /state/activate, whose specification
	// omits the header.
	ActivateRefusesOrgHeader bool `json:"activateRefusesOrgHeader,omitempty"`
	// Blocked answers 403 to everything, as JumpCloud does to an address suspected of abuse.
	Blocked bool `json:"blocked,omitempty"`
	// MalformedIDStatus is the answer to a malformed id of a v2 object. 0: 404, as for an id
	// that no object has.
	MalformedIDStatus int `json:"malformedIDStatus,omitempty"`
	// Latency is how long each request waits, in real time, before it is processed.
	Latency time.Duration `json:"-"`

	// RequestsPerSecond limits the requests of an organization, in real time; requests beyond
	// it get 429 and do nothing. 0: no limit.
	RequestsPerSecond float64 `json:"requestsPerSecond,omitempty"`
	// Burst is the size of the token bucket; at least 1.
	Burst int `json:"burst,omitempty"`
	// RetryAfter is sent with such a 429, in whole seconds, rounded up. 0: no header.
	RetryAfter time.Duration `json:"-"`
	// RateLimitBody is the body of such a 429.
	RateLimitBody BodyKind `json:"rateLimitBody,omitempty"`
}

// ListBehavior is the part of Behavior about lists, filters and searches.
type ListBehavior struct {
	// OversizeLimit says what happens to a limit above 100.
	OversizeLimit OversizeLimit `json:"oversizeLimit,omitempty"`
	// LenientPaging reads a negative skip as 0, and a limit that is not a positive number as
	// 10; by default both get 400.
	LenientPaging bool `json:"lenientPaging,omitempty"`
	// ShuffleUnsorted returns lists without a sort, and rows that a sort leaves equal, in a
	// different order each time; by default they come in insertion order.
	ShuffleUnsorted bool `json:"shuffleUnsorted,omitempty"`
	// LinkHeader adds a Link header to v2 pages that are not the last.
	LinkHeader bool `json:"linkHeader,omitempty"`
	// OmitTotalHeader leaves x-total-count out of v2 lists.
	OmitTotalHeader bool `json:"omitTotalHeader,omitempty"`
	// RejectMalformedFilters answers 400 to a filter that is not understood, such as an
	// operator without its $; by default the filter is ignored.
	RejectMalformedFilters bool `json:"rejectMalformedFilters,omitempty"`
	// IgnoreSearchFilters makes every search return all users.
	IgnoreSearchFilters bool `json:"ignoreSearchFilters,omitempty"`
	// MaxSearchConditions answers 400 to a search with more conditions. 0: no limit.
	MaxSearchConditions int `json:"maxSearchConditions,omitempty"`
	// UsedSearchConditions is how many conditions of a search are applied: the rest are
	// ignored without an error. 0: all.
	UsedSearchConditions int `json:"usedSearchConditions,omitempty"`
	// SearchTermCaseSensitive makes searchTerm case-sensitive.
	SearchTermCaseSensitive bool `json:"searchTermCaseSensitive,omitempty"`
	// VisibilityLag is how long a new user is missing from lists and searches after its
	// creation; GET by id finds it at once.
	VisibilityLag time.Duration `json:"-"`
}

// UserBehavior is the part of Behavior about single users.
type UserBehavior struct {
	// UsernamesIgnoreCase makes usernames that differ only in case collide.
	UsernamesIgnoreCase bool `json:"usernamesIgnoreCase,omitempty"`
	// StrictUsernames enforces the naming convention: a letter first, then letters, digits,
	// dots, underscores and hyphens, at most 30 characters.
	StrictUsernames bool `json:"strictUsernames,omitempty"`
	// GlobalEmails makes emails unique across all organizations.
	GlobalEmails bool `json:"globalEmails,omitempty"`
	// RejectUnknownFields refuses members that the schema of the call lacks; by default they
	// are ignored.
	RejectUnknownFields bool `json:"rejectUnknownFields,omitempty"`
	// Respell stores phone numbers and addresses in another spelling: a number without spaces
	// and signs but for the + of its country, which is +44 for a number that begins with 0;
	// postal codes without spaces, countries in upper case.
	Respell bool `json:"respell,omitempty"`
	// CheckManager refuses a manager that is not the id of a user.
	CheckManager bool `json:"checkManager,omitempty"`
	// EmptyStrings returns unset string attributes as ""; by default they are missing.
	EmptyStrings bool `json:"emptyStrings,omitempty"`
	// AlsoID returns the id as id as well as _id.
	AlsoID bool `json:"alsoID,omitempty"`
	// UnlockJSON answers /unlock with JSON instead of text.
	UnlockJSON bool `json:"unlockJSON,omitempty"`
	// ActivateOther is the status of /state/activate for a user that is not STAGED. 0: 400.
	// With a 2xx the user is activated.
	ActivateOther int `json:"activateOther,omitempty"`
	// SuspendStatus is the status of /state/suspend. 0: 200. With 404 the route does not
	// exist.
	SuspendStatus int `json:"suspendStatus,omitempty"`
	// RefuseSuspendStaged refuses to suspend a STAGED user.
	RefuseSuspendStaged bool `json:"refuseSuspendStaged,omitempty"`
	// AcceptStagedWhileStaged lets an update of a STAGED user, single or in bulk, state
	// STAGED, as one client does; by default that is 400, as it always is for users in other
	// states.
	AcceptStagedWhileStaged bool `json:"acceptStagedWhileStaged,omitempty"`
}

// JobBehavior is the part of Behavior about bulk jobs.
//
// Row i of a job (from 0) is due at
//
//	accepted + JobDelay + JobDuration + (i+1) * RowDuration
//
// with 200 ms for JobDuration if all three are zero. Then the row takes effect and its record
// becomes final; rows of all jobs do so in the order of their due times. With JobsInTurn, the
// end of the earlier jobs takes the place of accepted where it is later.
type JobBehavior struct {
	// JobDelay is how long a job is queued before any row takes effect.
	JobDelay time.Duration `json:"-"`
	// JobDuration is the fixed part of a job's run time.
	JobDuration time.Duration `json:"-"`
	// RowDuration is what each row adds to a job's run time.
	RowDuration time.Duration `json:"-"`
	// JobsInTurn runs the jobs of an organization one after another. By default, they run side
	// by side.
	JobsInTurn bool `json:"jobsInTurn,omitempty"`
	// Instant applies all rows before the request gets the job id.
	Instant bool `json:"instant,omitempty"`
	// StuckJobs keeps all records pending while it is set.
	StuckJobs StuckJobs `json:"stuckJobs,omitempty"`
	// ResultLag is how long after its effect a record stays pending.
	ResultLag time.Duration `json:"-"`
	// ResultRetention is how long a job's results are kept after its last row; then the job is
	// unknown. 0: for ever.
	ResultRetention time.Duration `json:"-"`

	// StartStatus is the status of POST and PATCH /bulk/users. 0: 200.
	StartStatus int `json:"startStatus,omitempty"`
	// ActionStatus is the status of /bulk/user/expires and unlocks. 0: 201.
	ActionStatus int `json:"actionStatus,omitempty"`
	// MaxRows is the largest number of rows in a job. 0: 800. Negative: no limit.
	MaxRows int `json:"maxRows,omitempty"`
	// OversizeStatus is the answer to a job with more rows than MaxRows. 0: 400.
	OversizeStatus int `json:"oversizeStatus,omitempty"`
	// EmptyJobStatus is the answer to a job without rows. 0: 400. With a 2xx it is accepted.
	EmptyJobStatus int `json:"emptyJobStatus,omitempty"`
	// UnknownJobStatus is the answer to a poll of an unknown job. 0: 404. With a 2xx: an empty
	// list.
	UnknownJobStatus int `json:"unknownJobStatus,omitempty"`
	// ServeJobs answers GET /jobs/{id} and /jobs/{id}/results; by default these are withdrawn
	// and get 404.
	ServeJobs bool `json:"serveJobs,omitempty"`

	// PendingWord, FinishedWord and FailedWord are the values of a record's status.
	// "": pending, finished, failed.
	PendingWord  string `json:"pendingWord,omitempty"`
	FinishedWord string `json:"finishedWord,omitempty"`
	FailedWord   string `json:"failedWord,omitempty"`
	// EmptyPolls is how many of the first polls of a job get an empty list.
	EmptyPolls int `json:"emptyPolls,omitempty"`
	// RecordsWhenDone creates a record only once it is final; by default all exist from the
	// start, pending.
	RecordsWhenDone bool `json:"recordsWhenDone,omitempty"`
	// MissingRecords is how many of the last records of a job are never shown.
	MissingRecords int `json:"missingRecords,omitempty"`
	// EndlessResults fills every page by repeating records, regardless of skip.
	EndlessResults bool `json:"endlessResults,omitempty"`
	// RecordOrder is the order of the records of a job.
	RecordOrder RecordOrder `json:"recordOrder,omitempty"`
	// RecordIDsAreJobID gives every record the id of its job.
	RecordIDsAreJobID bool `json:"recordIDsAreJobID,omitempty"`
	// Telling puts username, email and user id of the row into its record; by default nothing
	// shows which record belongs to which row.
	Telling Telling `json:"telling,omitempty"`

	// CreateRefuses says whether a bulk create accepts relationships, mfa, and the ids of
	// addresses and phoneNumbers.
	CreateRefuses CreateRefusal `json:"createRefuses,omitempty"`
	// LostUsers reports created users as finished and does not create them.
	LostUsers bool `json:"lostUsers,omitempty"`
	// MergeArrays makes a bulk update merge attributes by name, and addresses and phoneNumbers
	// by type; by default it replaces them.
	MergeArrays bool `json:"mergeArrays,omitempty"`
	// IgnoreBulkState makes a bulk update ignore state and suspended.
	IgnoreBulkState bool `json:"ignoreBulkState,omitempty"`
}

// BodyKind is the kind of body of a scripted answer.
type BodyKind string

const (
	// BodyJSON is a JSON object with a message.
	BodyJSON BodyKind = ""
	// BodyText is plain text, as from an edge proxy.
	BodyText BodyKind = "text"
	// BodyHTML is an HTML page.
	BodyHTML BodyKind = "html"
	// BodyEmpty is no body at all.
	BodyEmpty BodyKind = "empty"
)

// OversizeLimit says what happens to a limit above 100.
type OversizeLimit string

const (
	// LimitClamp treats it as 100.
	LimitClamp OversizeLimit = ""
	// LimitReject answers 400.
	LimitReject OversizeLimit = "reject"
	// LimitAccept returns as many rows as asked for.
	LimitAccept OversizeLimit = "accept"
)

// StuckJobs says whether and how jobs never end.
type StuckJobs string

const (
	// StuckNot lets jobs end.
	StuckNot StuckJobs = ""
	// StuckUnapplied applies nothing.
	StuckUnapplied StuckJobs = "unapplied"
	// StuckApplied applies the rows and leaves their records pending.
	StuckApplied StuckJobs = "applied"
)

// CreateRefusal says what happens to a bulk create with members that JumpCloud may not accept
// there. The refusal names the member.
type CreateRefusal string

const (
	// RefusesNot accepts them.
	RefusesNot CreateRefusal = ""
	// RefusesRow makes the row fail.
	RefusesRow CreateRefusal = "row"
	// RefusesRequest answers 400 to the request and creates none of its rows.
	RefusesRequest CreateRefusal = "request"
)

// RecordOrder is the order of the records of a job.
type RecordOrder string

const (
	// OrderRequest is the order of the submitted rows.
	OrderRequest RecordOrder = ""
	// OrderReversed is the reverse order of the submitted rows.
	OrderReversed RecordOrder = "reversed"
	// OrderShuffled is a different order each time, also from page to page.
	OrderShuffled RecordOrder = "shuffled"
)

// Telling says where a record identifies its row.
type Telling string

const (
	// TellingNot leaves meta and persistedFields empty.
	TellingNot Telling = ""
	// TellingMeta puts username, email and id into meta.
	TellingMeta Telling = "meta"
	// TellingNested puts the user as it was sent, without the password, into meta.SystemUser,
	// where the vendor's client of 2019 reads username.
	TellingNested Telling = "nested"
	// TellingPersisted puts username, email and id into persistedFields.
	TellingPersisted Telling = "persistedFields"
	// TellingFieldNames makes persistedFields the list of the row's field names, its type in
	// the specification of 2019.
	TellingFieldNames Telling = "fieldNames"
)
