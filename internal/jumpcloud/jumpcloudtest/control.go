package jumpcloudtest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// controlPrefix is the path of the control API. It requires no credentials, and the history
// omits it.
const controlPrefix = "/_simulator/"

// longestControlBody is large enough for a seed of many thousand users, in bytes.
const longestControlBody = 256 << 20

// controlRoutes returns the handler of the control API, which the package comment describes.
func (s *Server) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	route := func(pattern string, answer func(control) (any, error)) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+controlPrefix+path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, longestControlBody)
			control{s, r}.answer(w, answer)
		})
	}
	routeIn := func(pattern string, answer func(control, *Organization) (any, error)) {
		method, path, _ := strings.Cut(pattern, " ")
		route(method+" organizations/{org}/"+path, func(c control) (any, error) {
			if o := s.Organization(c.request.PathValue("org")); o != nil {
				return answer(c, o)
			}
			return nil, errNoSuch
		})
	}
	route("GET healthz", func(control) (any, error) { return nil, nil })
	route("POST seed", control.seed)
	route("GET organizations", control.listOrganizations)
	route("GET behavior", control.getBehavior)
	route("PATCH behavior", control.patchBehavior)
	route("POST credentials", control.addCredential)
	route("DELETE credentials/{id}", control.revokeCredential)
	route("DELETE tokens", control.expireTokens)
	route("GET clock", control.getClock)
	route("PATCH clock", control.patchClock)
	route("POST faults", control.addFault)
	route("GET faults", control.listFaults)
	route("DELETE faults", control.removeFaults)
	route("DELETE faults/{id}", control.removeFault)
	route("POST holds", control.addHold)
	route("GET holds/{id}/arrived", control.awaitHeld)
	route("DELETE holds/{id}", control.releaseHold)
	route("GET history", control.getHistory)
	route("DELETE history", control.forgetHistory)

	routeIn("GET behavior", control.getOrgBehavior)
	routeIn("PATCH behavior", control.patchOrgBehavior)
	routeIn("PATCH settings", control.patchSettings)
	routeIn("GET users", control.listUsers)
	routeIn("POST users", control.addUsers)
	routeIn("PATCH users/{id}", control.patchUser)
	routeIn("DELETE users/{id}", control.deleteUser)
	routeIn("GET users/{id}/push-endpoints", control.listPushEndpoints)
	routeIn("POST users/{id}/push-endpoints", control.addPushEndpoint)
	routeIn("DELETE users/{id}/push-endpoints/{endpoint}", control.removePushEndpoint)
	routeIn("GET usergroups", control.listUserGroups)
	routeIn("POST usergroups", control.addUserGroups)
	routeIn("PATCH usergroups/{id}", control.patchUserGroup)
	routeIn("DELETE usergroups/{id}", control.deleteUserGroup)
	routeIn("PUT usergroups/{id}/members/{user}", control.addMember)
	routeIn("DELETE usergroups/{id}/members/{user}", control.removeMember)
	routeIn("GET scheduled-jobs", control.listScheduledJobs)
	routeIn("POST scheduled-jobs", control.addScheduledJob)
	routeIn("DELETE scheduled-jobs/{id}", control.removeScheduledJob)
	routeIn("GET workday", control.getWorkday)
	routeIn("PUT workday", control.putWorkday)
	routeIn("DELETE workday", control.deleteWorkday)
	routeIn("PUT workday-report", control.putWorkdayReport)
	routeIn("GET jobs", control.listJobs)
	routeIn("GET submissions", control.getSubmissions)
	routeIn("GET mails", control.listMails)
	routeIn("POST row-faults", control.addRowFault)
	routeIn("DELETE row-faults", control.removeRowFaults)
	routeIn("GET rates", control.getRates)
	return mux
}

// control is one request to the control API.
type control struct {
	server  *Server
	request *http.Request
}

// answer writes what a route returns: 204 for nil.
func (c control) answer(w http.ResponseWriter, route func(control) (any, error)) {
	value, err := route(c)
	status := http.StatusOK
	switch {
	case errors.Is(err, errNoSuch):
		status, value = http.StatusNotFound, map[string]string{"error": err.Error()}
	case err != nil:
		status, value = http.StatusBadRequest, map[string]string{"error": err.Error()}
	case value == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the caller may have gone away
}

const errNoSuch = malformed("not found")

func (c control) decode(value any) error {
	decoder := json.NewDecoder(c.request.Body)
	decoder.DisallowUnknownFields()
	return decoder.Decode(value)
}

func (c control) durationParameter(name string, fallback time.Duration) (time.Duration, error) {
	text := c.request.URL.Query().Get(name)
	if text == "" {
		return fallback, nil
	}
	return time.ParseDuration(text)
}

func (c control) number() (int, error) {
	n, err := strconv.Atoi(c.request.PathValue("id"))
	if err != nil {
		return 0, errors.New("the id must be a number")
	}
	return n, nil
}
