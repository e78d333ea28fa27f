package jumpcloudtest

import (
	"bytes"
	"encoding/json"
)

func (c control) getOrgBehavior(o *Organization) (any, error) {
	return o.Behavior(), nil
}

func (c control) patchOrgBehavior(o *Organization) (any, error) {
	change, err := c.behaviorChange()
	if err != nil {
		return nil, err
	}
	o.Configure(change)
	return nil, nil
}

func (c control) patchSettings(o *Organization) (any, error) {
	var settings map[string]any
	if err := c.decode(&settings); err != nil {
		return nil, err
	}
	o.ChangeSettings(settings)
	return nil, nil
}

func (c control) listUsers(o *Organization) (any, error) {
	query := c.request.URL.Query()
	if !query.Has("username") {
		return o.Users(), nil
	}
	if u := o.UserByUsername(query.Get("username")); u != nil {
		return []User{u}, nil
	}
	return []User{}, nil
}

func (c control) addUsers(o *Organization) (any, error) {
	var data json.RawMessage
	if err := c.decode(&data); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		var generated struct {
			Generate int `json:"generate"`
		}
		if err := decodeStrictly(data, &generated); err != nil {
			return nil, err
		}
		o.Generate(generated.Generate)
		return nil, nil
	}
	var users []User
	if err := decodeJSON(data, &users); err != nil {
		return nil, err
	}
	ids := []string{}
	for _, u := range users {
		id, err := o.addUser(u)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return map[string]any{"ids": ids}, nil
}

func (c control) patchUser(o *Organization) (any, error) {
	var change User
	if err := c.decode(&change); err != nil {
		return nil, err
	}
	return c.found(o.UpdateUser(c.request.PathValue("id"), change))
}

func (c control) deleteUser(o *Organization) (any, error) {
	return c.found(o.DeleteUser(c.request.PathValue("id")))
}

func (c control) listJobs(o *Organization) (any, error) {
	return o.Jobs(), nil
}

func (c control) getSubmissions(o *Organization) (any, error) {
	return o.Submissions(), nil
}

func (c control) listMails(o *Organization) (any, error) {
	return append([]Mail{}, o.Mails()...), nil
}

func (c control) addRowFault(o *Organization) (any, error) {
	var fault RowFault
	if err := c.decode(&fault); err != nil {
		return nil, err
	}
	o.ScriptRows(fault)
	return nil, nil
}

func (c control) removeRowFaults(o *Organization) (any, error) {
	o.RemoveRowFaults()
	return nil, nil
}
