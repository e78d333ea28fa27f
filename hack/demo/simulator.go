package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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

// users returns everybody in the simulated directory.
func users(ctx context.Context) ([]user, error) {
	var organizations []struct {
		ID string `json:"id"`
	}
	if err := get(ctx, "organizations", &organizations); err != nil {
		return nil, err
	}
	var all []user
	for _, organization := range organizations {
		var some []user
		if err := get(ctx, "organizations/"+organization.ID+"/users", &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
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
