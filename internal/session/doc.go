// Package session connects objects to the organization that they belong to.
//
// A Session is the working connection of one Organization object: its client, its credentials,
// and what reads the organization's directory. The Pool holds all sessions. Only the
// Organization's controller puts sessions in; all other controllers get them. Organization
// objects that connect to the same organization share one request limiter, one pause after a
// 429, and one directory.Cache: JumpCloud limits organizations, not objects.
//
// # Inside
//
//	Pool          the exported calls; it notifies its subscribers when it holds no lock
//	registry      what the Pool knows; Pool.locked is the only way to reach it
//	record        what is known about one Organization object: its session, one set aside, a rejection
//	organization  what the sessions of one organization share
//	subscribers   own their lock
//
// The Pool's lock is the outermost one: the locks of the limiter and of the directory's
// counters are taken under it, and never the other way round.
//
// # Imports
//
// The package imports the API types, package directory and the JumpCloud client. The lifecycle
// of objects, engines and kinds import it.
package session
