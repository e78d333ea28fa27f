// Package jumpcloudtest is a simulated JumpCloud: an http.Handler that answers
// the endpoints for users, bulk jobs, searches, organizations and tokens as the
// real service does, as far as anybody outside knows how it does.
//
//	sim := jumpcloudtest.New()
//	url := sim.Start(t)
//	org := sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "key", Users: 100})
//	// ... run the code under test against url ...
//	job := org.Jobs()[0]
//
// It shares no code with the client it is meant to judge: users are JSON maps,
// and every rule is written a second time, from the documentation. What the
// documentation leaves open is a switch in Behavior; the zero Behavior is the
// most likely service.
//
// Nothing runs in the background. A job's rows take effect when the Clock has
// passed their due time and somebody looks: a request, or an inspection method
// such as Organization.Users. So a test that moves the Clock sees the result at
// once, and a Server that is dropped leaks nothing, unless requests are held or
// hanging: Close lets go of those.
//
// The same things can be reached from another process through the JSON API
// under /_simulator/; see the command hack/simulator.
package jumpcloudtest
