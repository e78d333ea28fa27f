package e2e

import (
	"fmt"
	"strings"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// badFiles returns the stories of files that the operator refuses to send.
func badFiles() map[string]func(*badWorld) {
	stories := map[string]func(*badWorld){}
	for title, lines := range map[string][]string{
		"A column that no user has":             {"username,emial", "ada,ada@example.org"},
		"A header that people wrote":            {"username,E-mail", "ada,ada@example.org"},
		"No header":                             {"ada,ada@example.org", "bob,bob@example.org"},
		"An empty file":                         {""},
		"A header and no rows":                  {"username,email"},
		"Semicolons beside commas":              {"username;email,firstname", "ada;ada@example.org,Ada"},
		"A number that a spreadsheet shortened": {"username,email,employeeIdentifier", "ada,ada@example.org,1.23E+11"},
		"A user who is her own manager":         {"username,email,manager", "ada,ada@example.org,ada"},
		"A formula where an email belongs":      {"username,email", "ada,=1+1@example.org"},
		"The same username twice":               {"username,email", "ada,ada@example.org", "bob,bob@example.org", "ADA,ada2@example.org"},
		"A row without its key":                 {"username,email", ",ada@example.org"},
		"A comma in a cell, not quoted":         {"username,email,jobTitle", "ada,ada@example.org,Countess, retired"},
		"A quote that is not closed":            {"username,email,jobTitle", `ada,ada@example.org,"Countess`},
		"A custom attribute with a space":       {"username,email,attributes.Employee ID", "ada,ada@example.org,42"},
		"A username that is too long":           {"username,email", strings.Repeat("a", 5000) + ",ada@example.org"},
		"An email that is none":                 {"username,email", "ada,ada at example.org"},
		"A state that JumpCloud does not have":  {"username,email,state", "ada,ada@example.org,Retired"},
		"Passwords in a ConfigMap":              {"username,email,password", "ada,ada@example.org,Correct-Horse-9"},
		"A group to join":                       {"username,email,Group1", "ada,ada@example.org,Engineers"},
	} {
		stories[title] = func(w *badWorld) {
			w.hires(v1alpha1.BulkUserImportSpec{}, lines...)
			w.refused()
		}
	}
	return stories
}

// badConversions are columns, filters and mappings that are invalid, or fail for a row.
var badConversions = map[string]func(*badWorld){
	"A column that names no attribute": func(w *badWorld) {
		source := w.csv("hires", "username,email,Team", "ada,ada@example.org,Engines")
		source.Columns = map[string]v1alpha1.ColumnAttribute{"Team": "departmant"}
		w.hires(v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{source}})
		w.refused()
	},
	"A column that the file has no more": func(w *badWorld) {
		source := w.csv("hires", "username,email", "ada,ada@example.org")
		source.Columns = map[string]v1alpha1.ColumnAttribute{"Team": "department"}
		w.hires(v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{source}})
		w.refused()
	},
	"A filter that leaves out every row": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{Filter: `row["username"] == "bob"`}, "username,email", "ada,ada@example.org")
		w.refused()
	},
	"A filter of rows that does not compile": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{Filter: `rows.username == "ada"`}, "username,email", "ada,ada@example.org")
		w.refused()
	},
	"A row without a column that the filter names": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{Filter: `row.Status == "Active"`}, "username,email", "ada,ada@example.org")
		w.refused()
	},
}

// badSources are sources that do not exist, or cannot be read.
var badSources = map[string]func(*badWorld){
	"A file that is not UTF-8": func(w *badWorld) {
		w.create(&corev1.ConfigMap{ObjectMeta: w.meta("hires"), BinaryData: map[string][]byte{
			"users.csv": []byte("username,email,firstname\njoerg,joerg@example.org,J\xf6rg\n"),
		}})
		w.hires(v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{configMapKey("hires", "users.csv")}})
		w.refused()
	},
	"A key whose format is not known": func(w *badWorld) {
		w.create(&corev1.ConfigMap{ObjectMeta: w.meta("hires"), Data: map[string]string{"users": "username,email\n"}})
		w.hires(v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{configMapKey("hires", "users")}})
		w.refused()
	},
	"JSON that is cut off": func(w *badWorld) { w.document("users.json", `[{"username": "ada", "email": "ada@exam`) },
	"A number where text belongs": func(w *badWorld) {
		w.document("users.yaml", "- username: ada\n  email: ada@example.org\n  employeeIdentifier: 0042\n")
	},
	"An octal number": func(w *badWorld) {
		w.document("users.yaml", "- {username: ada, email: ada@example.org, unixUid: 0100}\n")
	},
	"An alias in YAML": func(w *badWorld) {
		w.document("users.yaml", "- &ada {username: ada, email: ada@example.org}\n- *ada\n")
	},
	"Too many rows": func(w *badWorld) { w.document("users.json", "[{}"+strings.Repeat(",{}", 100_000)+"]") },
	"A ConfigMap that does not exist": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{configMapKey("hires", "users.csv")}})
		w.refused()
		w.csv("hires", people(1)...)
		w.await("hires", v1alpha1.SucceededReason)
	},
	"A key that does not exist": func(w *badWorld) {
		w.csv("hires", people(1)...)
		w.hires(v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{configMapKey("hires", "hires.csv")}})
		w.refused()
		cm := get(w.world, &corev1.ConfigMap{}, "hires")
		cm.Data["hires.csv"] = cm.Data["users.csv"]
		w.Expect(plane.Client.Update(w.Context(), cm)).To(Succeed())
		w.await("hires", v1alpha1.SucceededReason)
	},
	"The Secret of a password does not exist": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{Users: []v1alpha1.UserRow{{
			Username: new("ada"), Email: new("ada@example.org"), PasswordSecretRef: &v1alpha1.KeyReference{Name: "initial", Key: "ada"},
		}}})
		w.refused()
		w.create(&corev1.Secret{ObjectMeta: w.meta("initial"), StringData: map[string]string{"ada": "Correct-Horse-9"}})
		w.await("hires", v1alpha1.SucceededReason)
	},
	"501 rows in the spec": func(w *badWorld) {
		rows := make([]v1alpha1.UserRow, 501)
		for i := range rows {
			rows[i] = v1alpha1.UserRow{Username: new(fmt.Sprintf("user%d", i)), Email: new(fmt.Sprintf("user%d@example.org", i))}
		}
		w.isRefused(&v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}, Users: rows,
		}})
	},
	"A default with a bad attribute name": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{
			Defaults: &v1alpha1.UserAttributes{Attributes: []v1alpha1.CustomAttribute{{Name: "Employee ID", Value: "none"}}},
		}, people(1)...)
		w.refused()
	},
}

// document is a story of a file that is not CSV.
func (w *badWorld) document(key, content string) {
	w.Helper()
	w.create(&corev1.ConfigMap{ObjectMeta: w.meta("hires"), Data: map[string]string{key: content}})
	w.hires(v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{configMapKey("hires", key)}})
	w.refused()
}

func configMapKey(name, key string) v1alpha1.RowsSource {
	return v1alpha1.RowsSource{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: name, Key: key}}
}

// isRefused asserts that the API server refuses an object with the promised message.
func (w *badWorld) isRefused(object client.Object) {
	w.Helper()
	w.Expect(w.promised.condition).To(Equal("refused"))
	w.Expect(plane.Client.Create(w.Context(), object)).To(MatchError(ContainSubstring(w.promised.message)))
}
