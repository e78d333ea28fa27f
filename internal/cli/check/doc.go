// Package check finds out from outside how a JumpCloud organization behaves where
// its documentation says nothing. Each such question is a switch of the simulator;
// a probe makes the calls that tell which side it is on.
//
// Check changes only what it made. All of that is marked, so that another run
// removes what a run left that died. See mark.go for the marks, guard.go for what
// keeps requests from naming anything else, and sweep.go for the removal.
package check
