package jumpcloudtest

import (
	"errors"
	"fmt"
	"maps"
)

// PushEndpoint is the JSON of a push endpoint; numbers are json.Number.
type PushEndpoint = map[string]any

// AddPushEndpoint enrolls a device of a user, given by id or username, which no call of the
// API can do, and returns the id of the endpoint. Members that are not given describe an
// active phone that was enrolled now and never used. It panics on an unknown user and on an id
// that is malformed or taken.
func (o *Organization) AddPushEndpoint(user string, e PushEndpoint) string {
	id, err := o.addPushEndpoint(user, e)
	if err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
	return id
}

func (o *Organization) addPushEndpoint(user string, given PushEndpoint) (string, error) {
	stated, err := throughJSON(given)
	if err != nil {
		return "", err
	}
	now := o.server.lock()
	defer o.server.mu.Unlock()
	u := o.users.called(user)
	if u == nil {
		return "", fmt.Errorf("there is no user %q", user)
	}
	endpoint := PushEndpoint{
		"name": "Phone", "state": pushActive, "enrollmentDate": stamp(now),
		"device": map[string]any{
			"appVersion": "2.0.0", "make": "Acme", "model": "One", "os": "iOS", "osVersion": "18.1", "uvEnabled": true,
		},
	}
	merge(endpoint, stated)
	id, _ := endpoint["id"].(string)
	if id == "" {
		id = o.server.ids.next(now)
		endpoint["id"] = id
	}
	if !idPattern.MatchString(id) || o.pushEndpoint(u.id, id) != nil {
		return "", errors.New("the id of a push endpoint is malformed or taken")
	}
	o.pushEndpoints[u.id] = append(o.pushEndpoints[u.id], endpoint)
	return id, nil
}

// UpdatePushEndpoint sets attributes of a push endpoint, such as lastUsedDate; a nil removes
// one. It reports whether the endpoint exists, and panics if the change is not valid JSON.
func (o *Organization) UpdatePushEndpoint(userID, id string, change PushEndpoint) bool {
	stated, err := throughJSON(change)
	if err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
	o.server.lock()
	defer o.server.mu.Unlock()
	endpoint := o.pushEndpoint(userID, id)
	if endpoint == nil {
		return false
	}
	delete(stated, "id")
	merge(endpoint, stated)
	return true
}

// merge sets the stated members; a nil removes one.
func merge(into, stated map[string]any) {
	maps.Copy(into, stated)
	maps.DeleteFunc(into, func(_ string, value any) bool { return value == nil })
}

// RemovePushEndpoint removes a push endpoint without a request and reports whether it existed.
func (o *Organization) RemovePushEndpoint(userID, id string) bool {
	o.server.lock()
	defer o.server.mu.Unlock()
	if o.pushEndpoint(userID, id) == nil {
		return false
	}
	o.removePushEndpoint(userID, id)
	return true
}

// PushEndpoints returns copies of the push endpoints of a user, inactive ones
// included, in the order of enrollment.
func (o *Organization) PushEndpoints(userID string) []PushEndpoint {
	o.server.lock()
	defer o.server.mu.Unlock()
	list := []PushEndpoint{}
	for _, endpoint := range o.pushEndpoints[userID] {
		copied := maps.Clone(endpoint)
		for name, value := range copied {
			copied[name] = deepCopy(value)
		}
		list = append(list, copied)
	}
	return list
}
