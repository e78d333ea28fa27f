// Package check finds out from outside how a JumpCloud organization behaves where its
// documentation says nothing. Each such question is a switch of the simulator; a probe makes
// the calls that reveal its value.
//
// A check changes only what it created. All of that is marked, so that another run can remove
// what a run that died left behind. See mark.go for the marks, guard.go for what keeps
// requests from naming anything else, and sweep.go for the removal.
package check
