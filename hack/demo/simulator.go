package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// user is what the report shows of a user in the simulated directory.
type user struct {
	Username   string `json:"username"`
	State      string `json:"state"`
	Department string `json:"department"`
	JobTitle   string `json:"jobTitle"`
	Manager    string `json:"manager"`
	ID         string `json:"_id"`
}

// group is what the report shows of a group.
type group struct {
	Name    string   `json:"name"`
	Method  string   `json:"membershipMethod"`
	Members []string `json:"members"`
}

// scheduledJob is what the report shows of a scheduled state.
type scheduledJob struct {
	State      string    `json:"state"`
	Users      []string  `json:"users"`
	Date       time.Time `json:"date"`
	ExecutedAt time.Time `json:"executedAt"`
}

// pushEndpoint is what the report shows of a device.
type pushEndpoint struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// simulated is the contents of the simulator.
type simulated struct {
	organization string // id
	users        []user
	groups       []group
	scheduled    []scheduledJob
}

// look reads the contents of the simulator. The demo has one organization.
func look(ctx context.Context) (*simulated, error) {
	var organizations []struct {
		ID string `json:"id"`
	}
	if err := get(ctx, "organizations", &organizations); err != nil {
		return nil, err
	}
	if len(organizations) != 1 {
		return nil, fmt.Errorf("the simulator has %d organizations", len(organizations))
	}
	s := &simulated{organization: organizations[0].ID}
	for part, into := range map[string]any{"users": &s.users, "usergroups": &s.groups, "scheduled-jobs": &s.scheduled} {
		if err := get(ctx, "organizations/"+s.organization+"/"+part, into); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// phones returns the push endpoints of a user.
func (s *simulated) phones(ctx context.Context, userID string) (endpoints []pushEndpoint, err error) {
	err = get(ctx, "organizations/"+s.organization+"/users/"+userID+"/push-endpoints", &endpoints)
	return endpoints, err
}

// get reads from the simulator's control API.
func get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, simulatorURL+control+path, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: the simulator answers %s", path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
