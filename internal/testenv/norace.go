//go:build !race

package testenv

// raceDetector reports whether this program was built with -race.
const raceDetector = false
