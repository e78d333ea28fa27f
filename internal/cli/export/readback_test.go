package export

import (
	"encoding/json"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// What a manifest cannot state unchanged is omitted and listed, field by field.
func TestWhatDoesNotComeBackIsLeftOut(t *testing.T) {
	for _, asCSV := range []bool{false, true} {
		g := NewWithT(t)
		var users []jumpcloud.User
		g.Expect(json.Unmarshal([]byte(`[
			{"_id": "65f1c0ffee65f1c0ffee0001", "username": "ada", "email": "ada@example.org", "company": "Engines, Inc.", "department": "Engines ",
			 "jobTitle": " ", "external_password_expiration_date": "2027-01-31T09:00:00.123Z", "employeeIdentifier": "0042",
			 "attributes": [{"name": "desk", "value": "7 "}, {"name": "badge", "value": "'007"}]},
			{"_id": "65f1c0ffee65f1c0ffee0002", "username": "charles ", "email": "charles@example.org"}
		]`), &users)).To(Succeed())
		made, err := Make(t.Context(), &Live{Users: users}, Options{Namespace: "identity", Organization: "acme", Users: true, CSV: asCSV})
		g.Expect(err).NotTo(HaveOccurred())
		var omitted []string
		for _, omission := range made.Omissions {
			if strings.Contains(omission.Why, "cannot state this value exactly") {
				field, _, _ := strings.Cut(omission.Why, ":")
				omitted = append(omitted, omission.Subject+" "+field)
			}
		}
		file, left := "users/ada.yaml", []string{"user ada department", "user ada jobTitle", "user ada attributes.desk", "user charles  username"}
		if asCSV { // cells may have fractions of a second
			file = "files/users.csv"
			g.Expect(string(made.Files[file])).To(ContainSubstring("2027-01-31T09:00:00.123Z"))
		} else {
			left = append(left, "user ada externalPasswordExpirationDate")
			g.Expect(string(made.Files[file])).NotTo(ContainSubstring("2027"))
		}
		g.Expect(omitted).To(ConsistOf(left))
		g.Expect(string(made.Files[file])).To(And(ContainSubstring("Engines, Inc."), ContainSubstring("0042"), ContainSubstring("'007"),
			Not(ContainSubstring("desk")), Not(ContainSubstring("epartment"))))
		for _, content := range made.Files {
			g.Expect(string(content)).NotTo(ContainSubstring("charles"), "the username is not the one that would be read")
		}
	}
}
