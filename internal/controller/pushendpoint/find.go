package pushendpoint

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// maxListed is how many of a user's endpoints a message names.
const maxListed = 10

// wanted identifies a user's endpoint: the one with the id or, if there is none, the only one
// with the first of the names that any endpoint has.
type wanted struct {
	id    string
	names []string
}

// wantedBy returns what an object stands for. If the spec refers to an endpoint by name, the
// endpoint has the new name after a rename that was carried out but not recorded. If the spec
// refers to it by id, an endpoint with that name is never taken for it.
func wantedBy(object *v1alpha1.PushEndpoint) wanted {
	w := wanted{id: recordedID(object)}
	for _, name := range []string{object.Spec.Endpoint.Name, object.Spec.Name} {
		if name != "" && object.Spec.Endpoint.ID == "" {
			w.names = append(w.names, name)
		}
	}
	return w
}

// recordedID is the endpoint's id, once it is known.
func recordedID(object *v1alpha1.PushEndpoint) string {
	return cmp.Or(object.Spec.Endpoint.ID, object.Status.ID)
}

// reader has the calls that find makes.
type reader interface {
	GetPushEndpoint(ctx context.Context, userID, id string) (*jumpcloud.PushEndpoint, error)
	ListPushEndpoints(ctx context.Context, userID string) ([]jumpcloud.PushEndpoint, error)
}

// find reads the wanted endpoint. With a known id, that is one GET, which finds an inactive
// endpoint whether or not the list has it (unknown).
func find(ctx context.Context, calls reader, userID string, w wanted) (*jumpcloud.PushEndpoint, error) {
	if w.id != "" {
		live, err := calls.GetPushEndpoint(ctx, userID, w.id)
		if !jumpcloud.IsNotFound(err) {
			return live, err
		}
		if len(w.names) == 0 {
			return nil, &missingError{"no push endpoint has the id " + w.id}
		}
	}
	all, err := calls.ListPushEndpoints(ctx, userID)
	if err != nil && !jumpcloud.IsNotFound(err) {
		return nil, err
	}
	found, err := choose(all, w.names)
	hides := func(e jumpcloud.PushEndpoint) bool { return e.ID == "" || e.Unread.Has("name") }
	if isMissing(err) && slices.ContainsFunc(all, hides) || err == nil && found.ID == "" {
		return nil, continuous.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"The user has a push endpoint whose name or id cannot be read: it may be the one named %s. Make a PushEndpoint with spec.endpoint.id.", quoted(w.names)))
	}
	return found, err
}

// choose returns the only endpoint with the first of the names that any has.
func choose(all []jumpcloud.PushEndpoint, names []string) (*jumpcloud.PushEndpoint, error) {
	for _, name := range names {
		var found []jumpcloud.PushEndpoint
		for i := range all {
			if all[i].Name == name {
				found = append(found, all[i])
			}
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return &found[0], nil
		default:
			return nil, continuous.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
				"The user has %d push endpoints named %q: %s. Make a PushEndpoint for each, with spec.endpoint.id.",
				len(found), name, list(found)))
		}
	}
	return nil, &missingError{fmt.Sprintf("no push endpoint is named %s; there are: %s", quoted(names), list(all))}
}

// missingError says why no endpoint is the wanted one.
type missingError struct{ why string }

func (e *missingError) Error() string { return e.why }

func isMissing(err error) bool {
	_, ok := errors.AsType[*missingError](err)
	return ok
}

// list describes endpoints for people.
func list(endpoints []jumpcloud.PushEndpoint) string {
	if len(endpoints) == 0 {
		return "none"
	}
	var texts []string
	for _, e := range endpoints[:min(len(endpoints), maxListed)] {
		texts = append(texts, fmt.Sprintf("%q (id %s, %s)", e.Name, e.ID, cmp.Or(e.Device.Model, "unknown model")))
	}
	if more := len(endpoints) - maxListed; more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, ", ")
}

func quoted(names []string) string {
	texts := make([]string, 0, len(names))
	for _, name := range names {
		texts = append(texts, strconv.Quote(name))
	}
	return strings.Join(texts, " or ")
}
