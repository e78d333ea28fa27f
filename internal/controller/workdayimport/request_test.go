package workdayimport_test

import (
	"net/http"
	"testing"
)

func TestARequestedPassReadsAnew(t *testing.T) {
	story(t, 2, func(w *world) { w.ExpectRequestReads(http.MethodGet, "/api/v2/workdays/") })
}
