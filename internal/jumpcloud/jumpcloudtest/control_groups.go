package jumpcloudtest

import "slices"

// listUserGroups answers with the groups in full, and the ids of their members.
func (c control) listUserGroups(o *Organization) (any, error) {
	list := o.UserGroups()
	if query := c.request.URL.Query(); query.Has("name") {
		list = slices.DeleteFunc(list, func(g UserGroup) bool { return g["name"] != query.Get("name") })
	}
	for _, g := range list {
		id, _ := g["id"].(string)
		g["members"] = append([]string{}, o.Members(id)...)
	}
	return list, nil
}

func (c control) addUserGroups(o *Organization) (any, error) {
	var given []UserGroup
	if err := c.decode(&given); err != nil {
		return nil, err
	}
	ids := []string{}
	for _, g := range given {
		id, err := o.seedUserGroup(g)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return map[string]any{"ids": ids}, nil
}

func (c control) patchUserGroup(o *Organization) (any, error) {
	var change UserGroup
	if err := c.decode(&change); err != nil {
		return nil, err
	}
	return c.found(o.UpdateUserGroup(c.request.PathValue("id"), change))
}

func (c control) deleteUserGroup(o *Organization) (any, error) {
	return c.found(o.DeleteUserGroup(c.request.PathValue("id")))
}

func (c control) addMember(o *Organization) (any, error) {
	return c.found(o.AddMember(c.request.PathValue("id"), c.request.PathValue("user")))
}

func (c control) removeMember(o *Organization) (any, error) {
	return c.found(o.RemoveMember(c.request.PathValue("id"), c.request.PathValue("user")))
}

// found answers a change: 404 if there was nothing to change.
func (control) found(changed bool) (any, error) {
	if !changed {
		return nil, errNoSuch
	}
	return nil, nil
}
