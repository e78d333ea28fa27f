package user_test

import (
	"net/http"
	"testing"
)

func TestARequestedPassReadsAnew(t *testing.T) {
	story(t, func(w *world) { w.ExpectRequestReadsUsers() })
}

func TestARefusedReadIsNotQuoted(t *testing.T) {
	story(t, func(w *world) { w.ExpectNoQuotes(http.MethodGet) })
}
