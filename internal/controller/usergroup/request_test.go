package usergroup_test

import (
	"net/http"
	"testing"
)

func TestARequestedPassReadsAnew(t *testing.T) {
	story(t, func(w *world) { w.ExpectRequestReads(http.MethodGet, "/api/v2/usergroups/") })
}

func TestARefusedReadIsNotQuoted(t *testing.T) {
	story(t, func(w *world) { w.ExpectNoQuotes(http.MethodGet) })
}

func TestARequestedPassReadsUsersAnew(t *testing.T) {
	story(t, func(w *world) { w.ExpectRequestReadsUsers() }, members("ada"))
}
