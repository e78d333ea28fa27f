// Package jumpcloud is a client of JumpCloud's API.
package jumpcloud
