package jumpcloudtest

import (
	"encoding/json"
	"errors"
	"time"
)

func (c control) seed() (any, error) {
	var seed Seed
	if err := c.decode(&seed); err != nil {
		return nil, err
	}
	return nil, c.server.Seed(seed)
}

func (c control) listOrganizations() (any, error) {
	list := []any{}
	for _, o := range c.server.Organizations() {
		c.server.lock()
		list = append(list, map[string]any{
			"id": o.id, "name": o.name, "users": len(o.users.inserted), "jobs": len(o.jobs),
		})
		c.server.mu.Unlock()
	}
	return list, nil
}

func (c control) getBehavior() (any, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.server.behavior, nil
}

func (c control) patchBehavior() (any, error) {
	data, err := c.behaviorChange()
	if err != nil {
		return nil, err
	}
	c.server.Configure(data)
	return nil, nil
}

// behaviorChange validates the change, so that applying it later cannot fail.
func (c control) behaviorChange() (func(*Behavior), error) {
	var data json.RawMessage
	if err := c.decode(&data); err != nil {
		return nil, err
	}
	if err := (&Behavior{}).UnmarshalJSON(data); err != nil {
		return nil, err
	}
	return func(b *Behavior) { _ = b.UnmarshalJSON(data) }, nil
}

func (c control) addCredential() (any, error) {
	var credential Credential
	if err := c.decode(&credential); err != nil {
		return nil, err
	}
	return nil, c.server.addCredential(credential)
}

func (c control) revokeCredential() (any, error) {
	c.server.RevokeCredential(c.request.PathValue("id"))
	return nil, nil
}

func (c control) expireTokens() (any, error) {
	c.server.ExpireTokens()
	return nil, nil
}

func (c control) getClock() (any, error) {
	return map[string]any{"now": c.server.clock.Now()}, nil
}

// patchClock sets, then advances, then freezes or resumes the clock.
func (c control) patchClock() (any, error) {
	var change struct {
		Set     time.Time `json:"set"`
		Advance duration  `json:"advance"`
		Freeze  *bool     `json:"freeze"`
	}
	if err := c.decode(&change); err != nil {
		return nil, err
	}
	clock := c.server.clock
	if !change.Set.IsZero() {
		clock.Set(change.Set)
	}
	clock.Advance(time.Duration(change.Advance))
	switch {
	case change.Freeze == nil:
	case *change.Freeze:
		clock.Freeze()
	default:
		clock.Resume()
	}
	return c.getClock()
}

func (c control) getHistory() (any, error) {
	query := c.request.URL.Query()
	list := c.server.requests(func(r *Request) bool {
		return (query.Get("mutating") != "true" || r.Mutating()) &&
			(query.Get("organization") == "" || query.Get("organization") == r.Organization)
	})
	if list == nil {
		list = []Request{}
	}
	return list, nil
}

func (c control) forgetHistory() (any, error) {
	c.server.ForgetHistory()
	return nil, nil
}

func (c control) getRates(o *Organization) (any, error) {
	window, errWindow := c.durationParameter("window", time.Second)
	grace, errGrace := c.durationParameter("grace", 0)
	if err := errors.Join(errWindow, errGrace); err != nil {
		return nil, err
	}
	inside := 0
	for _, r := range c.server.RequestsInsideRetryAfter(grace) {
		if r.Organization == o.id {
			inside++
		}
	}
	return map[string]any{"peakRate": c.server.PeakRate(o.id, window), "insideRetryAfter": inside}, nil
}
