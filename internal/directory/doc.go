// Package directory reads what many objects need to know about an organization: its users, its
// user groups, and the scheduled changes of users' states. All objects share what one of them
// reads, so N objects cost one list and not N requests.
//
// # Readings
//
// There is one kind of reading. It begins at a time, and what it says is at least as new as
// that. It goes page by page, so that it stays the same reading across a rate limit, an error,
// or a rotation of credentials. A caller asks for an answer that is at least as new as T: a
// reading that began at T or later answers without a request, a reading in flight that is new
// enough is continued, and otherwise a new one begins. No call reads for longer than its slice
// of time; it then returns ErrReading and is repeated in a later pass.
//
//	Cache.UserGroups, Cache.ScheduledStates   a List: records as JumpCloud has them
//	Cache.Users                               Users: who references are (Resolve), full records (Read), Count
//	Pages                                     the same for a list that one object reads for itself
//
// Users has a second way to answer, a search, and chooses the one that costs fewer requests.
// The results of a search answer later callers, too.
//
// # Inside
//
//	cursor     goes through a list that changes while it is read, and knows whether a record may have been missed; pure
//	reading    a cursor, the time of its beginning, and the consumer of its records
//	inFlight   the one reading of a list that is under way
//	exclusive  lends what belongs to the reader of a list to one goroutine at a time, for one request
//	leader     the one call that reads a list page after page while others come back later
//	answers, waiting, userCount   what is known, who waits, how many users there are; each owns its lock
//
// No lock is held while another one is taken, except that all of the small ones may be taken
// by the goroutine that an exclusive value is lent to.
//
// # Imports
//
// The package imports the API types and the JumpCloud client, and nothing else of the
// operator. Package session makes a Cache for each organization; engines and kinds reach it
// through their session.
package directory
