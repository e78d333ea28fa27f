package oneshot_test

import (
	"net/http"
	"testing"
	"testing/synctest"
)

func TestARequestedPassReadsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		newWorld(t, hires(2)).ExpectRequestReads(http.MethodGet, "/api/systemusers")
	})
}

func TestARefusedReadIsNotQuoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { newWorld(t, hires(2)).ExpectNoQuotes(http.MethodGet) })
}
