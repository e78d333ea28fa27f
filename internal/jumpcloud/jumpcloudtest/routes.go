package jumpcloudtest

import (
	"mime"
	"net/http"
)

// routes returns the handler for everything except the control API. It must be called with an
// exchange as its http.ResponseWriter, under the Server's lock.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	route := func(pattern string, answer func(*exchange)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			x := w.(*exchange) //nolint:forcetypeassert // carryOut calls with nothing else
			x.request = r      // it has the path values
			answer(x)
		})
	}
	route("/", func(x *exchange) { x.refuse(notFound) })
	route("GET "+v1Path, edgeNotFound)
	route("GET "+v2Path, edgeNotFound)
	route("GET "+loginPath, (*exchange).login)
	route("POST "+tokenPath, (*exchange).issueToken)

	route("GET "+organizationsPath, (*exchange).listOrganizations)
	route("GET "+organizationsPath+"/{id}", (*exchange).getOrganization)
	route("PUT "+organizationsPath+"/{id}", (*exchange).putOrganization)

	route("GET "+v1Path+"/systemusers", (*exchange).listUsers)
	route("POST "+v1Path+"/systemusers", (*exchange).postUser)
	route("GET "+v1Path+"/systemusers/{id}", (*exchange).getUser)
	route("PUT "+v1Path+"/systemusers/{id}", (*exchange).putUser)
	route("DELETE "+v1Path+"/systemusers/{id}", (*exchange).deleteUser)
	route("POST "+searchPath, (*exchange).searchUsers)
	route("POST "+v1Path+"/systemusers/{id}/state/activate", (*exchange).activateUser)
	route("POST "+v1Path+"/systemusers/{id}/state/suspend", (*exchange).suspendUser)
	route("POST "+v1Path+"/systemusers/{id}/expire", (*exchange).expireUser)
	route("POST "+v1Path+"/systemusers/{id}/unlock", (*exchange).unlockUser)

	route("POST "+v2Path+"/bulk/users", (*exchange).startCreate)
	route("PATCH "+v2Path+"/bulk/users", (*exchange).startUpdate)
	route("GET "+v2Path+"/bulk/users/{job}/results", (*exchange).listBulkResults)
	route("POST "+v2Path+"/bulk/user/expires", (*exchange).startExpire)
	route("POST "+v2Path+"/bulk/user/unlocks", (*exchange).startUnlock)
	route("GET "+v2Path+"/jobs/{job}", (*exchange).getJob)
	route("GET "+v2Path+"/jobs/{job}/results", (*exchange).listJobResults)

	route("POST "+v2Path+"/bulk/userstates", (*exchange).scheduleStates)
	route("GET "+v2Path+"/bulk/userstates", (*exchange).listStates)
	route("DELETE "+v2Path+"/bulk/userstates/{id}", (*exchange).deleteStates)
	route("GET "+nextEventsPath, (*exchange).nextEvents)

	route("GET "+v2Path+"/usergroups", (*exchange).listGroups)
	route("POST "+v2Path+"/usergroups", (*exchange).postGroup)
	route("GET "+v2Path+"/usergroups/{id}", (*exchange).getGroup)
	route("PUT "+v2Path+"/usergroups/{id}", (*exchange).putGroup)
	route("DELETE "+v2Path+"/usergroups/{id}", (*exchange).deleteGroup)
	route("GET "+v2Path+"/usergroups/{id}/members", (*exchange).listMembers)
	route("POST "+v2Path+"/usergroups/{id}/members", (*exchange).changeMembers)
	route("GET "+v2Path+"/usergroups/{id}/membership", (*exchange).listMembership)
	route("GET "+v2Path+"/usergroups/{id}/suggestions", (*exchange).listSuggestions)
	route("POST "+v2Path+"/usergroups/{id}/suggestions", (*exchange).applySuggestions)
	route("GET "+v2Path+"/usergroups/{id}/associations", (*exchange).listGroupAssociations)
	route("POST "+v2Path+"/usergroups/{id}/associations", (*exchange).changeGroupAssociations)

	route("GET "+v2Path+"/users/{id}/memberof", (*exchange).listMemberOf)
	route("GET "+v2Path+"/users/{id}/associations", (*exchange).listUserAssociations)
	route("POST "+v2Path+"/users/{id}/associations", (*exchange).changeUserAssociations)
	route("GET "+v2Path+"/users/{id}/pushendpoints", (*exchange).listPushEndpoints)
	route("GET "+v2Path+"/users/{id}/pushendpoints/{endpoint}", (*exchange).getPushEndpoint)
	route("PATCH "+v2Path+"/users/{id}/pushendpoints/{endpoint}", (*exchange).patchPushEndpoint)
	route("DELETE "+v2Path+"/users/{id}/pushendpoints/{endpoint}", (*exchange).deletePushEndpoint)

	route("GET "+v2Path+"/workdays", (*exchange).listWorkdays)
	route("POST "+v2Path+"/workdays", (*exchange).postWorkday)
	route("GET "+v2Path+"/workdays/{id}", (*exchange).getWorkday)
	route("PUT "+v2Path+"/workdays/{id}", (*exchange).putWorkday)
	route("POST "+v2Path+"/workdays/{id}/auth", (*exchange).authorizeWorkday)
	route("DELETE "+v2Path+"/workdays/{id}/auth", (*exchange).deauthorizeWorkday)
	route("GET "+v2Path+"/workdays/{id}/workers", (*exchange).listWorkers)
	route("POST "+v2Path+"/workdays/{id}/import", (*exchange).importWorkers)
	route("GET "+v2Path+"/workdays/{id}/import/{job}/results", (*exchange).listImportResults)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if clean := cleanPath(r.URL.Path); clean != r.URL.Path {
			r = r.Clone(r.Context())
			r.URL.Path = clean
		}
		mux.ServeHTTP(w, r)
	})
}

// edgeNotFound answers the bare API roots: JumpCloud's edge does, not the API.
func edgeNotFound(x *exchange) { x.text(http.StatusNotFound, "404 page not found\n") }

func mediaType(r *http.Request) string {
	parsed, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return parsed
}
