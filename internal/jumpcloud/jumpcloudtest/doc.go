// Package jumpcloudtest is a simulated JumpCloud: an http.Handler that answers the endpoints
// for users, bulk jobs, searches, user groups, scheduled states, push endpoints, Workday
// imports, organizations and tokens as the real service does, as far as its behavior is known.
//
//	sim := jumpcloudtest.New()
//	url := sim.Start(t)
//	org := sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "key", Users: 100})
//	// ... run the code under test against url ...
//	job := org.Jobs()[0]
//
// It shares no code with the client that it tests: users are JSON maps, and every rule is
// written a second time, from the documentation. What the documentation leaves open is a
// switch in Behavior; the zero Behavior is the most likely service.
//
// Nothing runs in the background. The rows of a job, a scheduled state and the rule of a
// dynamic group take effect when the Clock has passed their due time and something looks: a
// request, or an inspection method such as Organization.Users. So a test that moves the Clock
// sees the result at once, and a Server that is dropped leaks nothing, unless requests are
// held or hanging: Close releases those.
//
// # Control API
//
// The same things can be reached from another process under /_simulator/, which requires no
// credentials. Bodies and answers are the JSON of the named types. A call without an answer
// gets 204, a mistake gets 400 with an error member, and what does not exist gets 404.
//
//	GET    healthz
//	POST   seed                      Seed
//	GET    organizations             -> [{id, name, users, jobs}]
//	GET    behavior                  -> Behavior
//	PATCH  behavior                  Behavior: the members that change, everywhere
//	POST   credentials               Credential
//	DELETE credentials/{key or client id}
//	DELETE tokens
//	GET    clock                     -> {now}
//	PATCH  clock                     {set, advance, freeze} -> {now}
//	POST   faults                    Fault -> {id}
//	GET    faults                    -> [{id, fault, caught}]
//	DELETE faults, faults/{id}
//	POST   holds                     Match and point -> {id}
//	GET    holds/{id}/arrived?timeout=10s   -> Request, or 204 if none came
//	DELETE holds/{id}                releases
//	GET    history?mutating=true&organization={id}   -> [Request]
//	DELETE history
//
// and under organizations/{id}/
//
//	GET, PATCH   behavior            Behavior
//	PATCH        settings            the settings that change
//	GET          users?username=     -> [User]
//	POST         users               [User] -> {ids}, or {generate: n}
//	PATCH        users/{id}          the attributes that change
//	DELETE       users/{id}
//	GET          users/{id}/push-endpoints        -> [PushEndpoint]
//	POST         users/{id}/push-endpoints        PushEndpoint -> {id}
//	DELETE       users/{id}/push-endpoints/{id}
//	GET          usergroups?name=    -> [UserGroup, and members: ids]
//	POST         usergroups          [UserGroup, and members: ids or usernames] -> {ids}
//	PATCH        usergroups/{id}     the attributes that change
//	DELETE       usergroups/{id}
//	PUT, DELETE  usergroups/{id}/members/{user id or username}
//	GET          scheduled-jobs      -> [ScheduledJob]
//	POST         scheduled-jobs      NewScheduledState -> {id}
//	DELETE       scheduled-jobs/{id}
//	GET          workday             -> the instance, or 404
//	PUT          workday             {name, reportUrl, username, password} -> {id}
//	DELETE       workday
//	PUT          workday-report      WorkdayReport
//	GET          jobs                -> [Job]
//	GET          submissions         -> {username: [Submission]}
//	GET          mails               -> [Mail]
//	POST         row-faults          RowFault
//	DELETE       row-faults
//	GET          rates?window=1s&grace=100ms   -> {peakRate, insideRetryAfter}
//
// The command simulator of internal/cli serves all of this.
package jumpcloudtest
