package main

import (
	"bytes"
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

func get(ctx context.Context, path string, into any) error {
	return call(ctx, http.MethodGet, path, nil, into)
}

func post(ctx context.Context, path string, body []byte) error {
	return call(ctx, http.MethodPost, path, body, nil)
}

// call calls the simulator's control API.
func call(ctx context.Context, method, path string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, simulatorURL+control+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: the simulator answers %s", method, path, response.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}
