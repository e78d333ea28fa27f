//go:build !race

package testenv

// raceDetector says that this program was built with -race.
const raceDetector = false
