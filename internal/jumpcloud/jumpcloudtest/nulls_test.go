package jumpcloudtest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// nullable are the members that may be null according to the schema.
var nullable = []string{
	"account_locked_date", "admin", "delegatedAuthority", "memberQuery", "password_date", "password_expiration_date",
}

// nulls returns the paths of the members of an answer that are null.
func nulls(path string, value any) []string {
	var found []string
	switch value := value.(type) {
	case nil:
		return []string{path}
	case []any:
		for i, element := range value {
			found = append(found, nulls(fmt.Sprintf("%s[%d]", path, i), element)...)
		}
	case map[string]any:
		for name, member := range value {
			if member != nil || !slices.Contains(nullable, name) {
				found = append(found, nulls(path+"."+name, member)...)
			}
		}
	}
	return found
}

// A client that is generated from the published schema does not accept a null where the schema
// has none.
func TestNoNullsWhereTheSchemaHasNone(t *testing.T) {
	s := serve(t, "a", "b")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.EvaluationDelay = -1 })
	check := func(method, path string, body any) map[string]any {
		t.Helper()
		got := s.send(method, path, body)
		s.Expect(got.Status).To(BeNumerically("<", 300), got.Text)
		if got.Text == "" {
			return nil
		}
		var decoded any
		s.Expect(json.Unmarshal([]byte(got.Text), &decoded)).To(Succeed(), got.Text)
		s.Expect(nulls("", decoded)).To(BeEmpty(), "%s %s: %s", method, path, got.Text)
		object, _ := decoded.(map[string]any)
		return object
	}
	ada := check("POST", "/api/systemusers", row{
		"username": "ada", "email": "ada@x.org", "recoveryEmail": row{"address": "ada@y.org"}, "mfa": row{"exclusion": true},
		"addresses": []row{{"type": "home", "country": nil}}, "phoneNumbers": []row{{"type": "home", "number": nil}},
		"department": nil, "relationships": []row{{"type": nil}},
	})["_id"].(string)
	check("PUT", "/api/systemusers/"+ada, row{
		"department": nil, "attributes": nil, "manager": nil, "mfa": nil, "account_locked": nil, "addresses": nil,
		"ssh_keys": nil, "unix_uid": nil, "public_key": nil, "externally_managed": nil, "sudo": nil,
	})
	check("GET", "/api/systemusers/"+ada, nil)
	check("GET", "/api/systemusers/"+ada+"?fields=username%20department%20manager", nil)
	check("GET", "/api/systemusers?search=nobody", nil)
	check("GET", "/api/systemusers?fields=username%20department%20manager", nil)
	check("POST", "/api/search/systemusers", row{})
	check("GET", "/api/v2/users/"+ada+"/pushendpoints", nil)
	phone := "/api/v2/users/" + ada + "/pushendpoints/" + s.org.AddPushEndpoint("ada", nil)
	check("GET", "/api/v2/users/"+ada+"/pushendpoints", nil)
	check("GET", phone, nil)
	check("PATCH", phone, row{"name": "phone"})
	check("DELETE", phone, nil)

	group := check("POST", "/api/v2/usergroups", row{"name": "g", "description": nil, "attributes": row{"sudo": nil}})["id"].(string)
	check("GET", "/api/v2/usergroups/"+group+"/members", nil)
	check("POST", "/api/v2/usergroups/"+group+"/members", row{"op": "add", "type": "user", "id": ada})
	check("GET", "/api/v2/usergroups/"+group+"/members", nil)
	check("GET", "/api/v2/usergroups/"+group+"/membership", nil)
	check("GET", "/api/v2/users/"+ada+"/memberof", nil)
	check("POST", "/api/v2/users/"+ada+"/associations", row{"op": "add", "type": "system", "id": s.org.ID()})
	check("GET", "/api/v2/users/"+ada+"/associations?targets=system", nil)
	check("PUT", "/api/v2/usergroups/"+group, row{
		"name": "g", "description": nil, "email": nil, "attributes": nil, "membershipMethod": "DYNAMIC_REVIEW_REQUIRED",
		"memberQuery": classic("department", "eq", "IT"), "memberQueryExemptions": nil, "memberSuggestionsNotify": nil,
	})
	check("GET", "/api/v2/usergroups/"+group, nil)
	check("GET", "/api/v2/usergroups/"+group+"/suggestions", nil)
	check("POST", "/api/v2/usergroups/"+group+"/suggestions", row{"user_ids": nil})
	check("POST", "/api/v2/usergroups/"+group+"/suggestions", row{"user_ids": []string{ada, group}})
	check("POST", "/api/v2/usergroups/"+group+"/associations", row{"op": "add", "type": "application", "id": s.org.ID(), "attributes": nil})
	check("GET", "/api/v2/usergroups/"+group+"/associations?targets=application", nil)
	check("GET", "/api/v2/usergroups", nil)
	check("GET", "/api/v2/usergroups?filter=name:eq:nothing", nil)

	job := check("POST", "/api/v2/bulk/users", []row{newRow("c"), newRow("c"), {"username": "d", "email": nil}})["jobId"].(string)
	check("GET", "/api/v2/bulk/users/"+job+"/results", nil)
	s.clock.Advance(time.Minute)
	check("GET", "/api/v2/bulk/users/"+job+"/results", nil)
	check("GET", "/api/v2/bulk/users/"+job+"/results?skip=100", nil)
	check("POST", "/api/v2/bulk/userstates", row{"user_ids": []string{ada}, "state": "SUSPENDED", "start_date": "2026-09-01T07:00:00Z"})
	check("GET", "/api/v2/bulk/userstates", nil)
	check("GET", "/api/v2/bulk/userstates?skip=100", nil)
	check("GET", "/api/v2/bulk/userstates/eventlist/next?users="+ada, nil)
	check("GET", "/api/v2/bulk/userstates/eventlist/next?users="+s.id("a"), nil)

	check("GET", "/api/v2/workdays", nil)
	workday := check("POST", "/api/v2/workdays", row{"auth": basic("u", "p"), "reportUrl": nil})["id"].(string)
	check("GET", "/api/v2/workdays", nil)
	check("GET", "/api/v2/workdays/"+workday, nil)
	check("PUT", "/api/v2/workdays/"+workday, row{"name": nil, "reportUrl": nil})
	check("GET", "/api/v2/workdays/"+workday+"/workers", nil)
	s.org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Workers: []jumpcloudtest.Worker{{"email": "w@x.org", "username": "w"}}})
	check("GET", "/api/v2/workdays/"+workday+"/workers", nil)
	job = check("POST", "/api/v2/workdays/"+workday+"/import", []row{newRow("w"), newRow("w"), {"email": nil}})["jobId"].(string)
	s.clock.Advance(time.Minute)
	check("GET", "/api/v2/workdays/"+workday+"/import/"+job+"/results", nil)
	check("GET", "/api/organizations", nil)
	check("GET", "/api/organizations?search=nothing", nil)
	check("GET", "/api/organizations/"+s.org.ID(), nil)
	check("PUT", "/api/organizations/"+s.org.ID(), row{"settings": row{"passwordPolicy": nil, "contactName": nil}})
	check("DELETE", "/api/systemusers/"+ada, nil)
}
