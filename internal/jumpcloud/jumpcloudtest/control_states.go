package jumpcloudtest

func (c control) listScheduledJobs(o *Organization) (any, error) { return o.ScheduledJobs(), nil }

func (c control) addScheduledJob(o *Organization) (any, error) {
	var given NewScheduledState
	if err := c.decode(&given); err != nil {
		return nil, err
	}
	return identified(o.addScheduledState(given))
}

func (c control) removeScheduledJob(o *Organization) (any, error) {
	return c.found(o.RemoveScheduledJob(c.request.PathValue("id")))
}

func (c control) listPushEndpoints(o *Organization) (any, error) {
	return o.PushEndpoints(c.request.PathValue("id")), nil
}

func (c control) addPushEndpoint(o *Organization) (any, error) {
	var given PushEndpoint
	if err := c.decode(&given); err != nil {
		return nil, err
	}
	return identified(o.addPushEndpoint(c.request.PathValue("id"), given))
}

func (c control) removePushEndpoint(o *Organization) (any, error) {
	return c.found(o.RemovePushEndpoint(c.request.PathValue("id"), c.request.PathValue("endpoint")))
}

func identified(id string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{"id": id}, nil
}
