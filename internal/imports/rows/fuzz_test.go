package rows

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func FuzzParseCSV(f *testing.F) {
	for _, seed := range []string{
		"",
		"username,email\nada,ada@example.org\n",
		"\xef\xbb\xbfUsername,Email,Password,Group1\r\nada,ada@x,p,\r\n,,,\r\n",
		"username,description\nada,\"a\nb\"\n\nchas,\"x\"\"y\"\n",
		"username,attribute1_name,attribute1_value,attributes.Floor\nada,Floor,1,2\n",
		"username,home_city,mobile_number,addresses.home.region,relationships\nada,l,1,r,\"[{\"\"type\"\":\"\"a\"\",\"\"value\"\":\"\"b\"\"}]\"\n",
		"username,state,sudo,unix_uid,EnrollmentDays,external_password_expiration_date\nada,STAGED,yes,1,7,2027-01-31T09:00:00Z\n",
		"a;b\n", "sep=;\r\nusername;email;\r\nada;x\r\n", "username\r\rada\r\"a\rb\"\r", "username\nada\xff\n", "\xff\xfeu\x00",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, content []byte, secret bool) {
		rows, err := readCSV(origin, content, secret)
		if err != nil {
			requireSourceError(t, err)
			return
		}
		requireRows(t, rows)
		previous, lines := 1, lineAt(content, len(content))
		for i := range rows {
			line, err := strconv.Atoi(strings.TrimPrefix(rows[i].Origin, origin+", line "))
			if err != nil || line <= previous || line > lines {
				t.Fatalf("row %d of a text of %d lines, after line %d: %s", i, lines, previous, rows[i].Origin)
			}
			previous = line
			if rows[i].Password != nil && !secret {
				t.Fatal("a password from outside a Secret")
			}
		}
	})
}

func FuzzParseYAML(f *testing.F) {
	for _, seed := range []string{
		"", "[]", "- username: ada\n", "- {username: 0042, sudo: yes, mfa: {exclusionDays: 1}}\n", "---\n[]\n---\n[]\n",
		`[{"username":"ada","attributes":[{"name":"A","value":"b"}],"addresses":[{"type":"a","region":"b"}],"phoneNumbers":[{"type":"c","number":"1"}]}]`,
		"- &a {username: ada}\n- *a\n", "[{password: *x}]", "[{delegatedAuthority: {id: x, name: ActiveDirectory}, relationships: [{type: a, value: b}]}]",
	} {
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, content []byte, secret bool) {
		rows, err := readYAML(documentOrigin, content, secret)
		if err != nil {
			requireSourceError(t, err)
			return
		}
		requireRows(t, rows)
	})
}

func requireSourceError(t *testing.T, err error) {
	t.Helper()
	if _, ok := errors.AsType[*SourceError](err); !ok {
		t.Fatalf("%T is no SourceError", err)
	}
	if text := err.Error(); len(text) > 1024 || strings.ContainsAny(text, "\n\r") {
		t.Fatalf("not one line of bounded length: %q", text)
	}
}

// requireRows checks what holds for all rows, and that valid ones can be sent.
func requireRows(t *testing.T, rows []Row) {
	t.Helper()
	g := NewWithT(t)
	validate(rows, Options{})
	if RunKey(KeyInputs{Rows: rows}) != RunKey(KeyInputs{Rows: slices.Clone(rows)}) {
		t.Fatal("the run key is not determined by the rows")
	}
	for i := range rows {
		previous := statement{rank: -1}
		for _, field := range rows[i].Fields {
			rank, ok := rankOf(field.Path)
			if !ok || rank < previous.rank || rank == previous.rank && field.Path <= previous.field.Path || field.Path == passwordPath {
				t.Fatalf("path %q after %q", field.Path, previous.field.Path)
			}
			previous = statement{rank, field}
		}
		if complaint := rows[i].Complaint(); len(complaint) > 4096 || strings.ContainsAny(complaint, "\n\r") {
			t.Fatalf("not one line of bounded length: %q", complaint)
		}
		if len(rows[i].Problems) > 0 {
			continue
		}
		encoded, err := json.Marshal(CreatePayload(&rows[i], nil))
		g.Expect(err).NotTo(HaveOccurred())
		var created jumpcloud.User
		g.Expect(json.Unmarshal(encoded, &created)).To(Succeed())
		values := Flatten(&created)
		for _, field := range rows[i].Fields {
			if Comparable(field.Path) && field.Path != managerPath && values[field.Path] != field.Value {
				t.Fatalf("%s is %q once created, and not %q", field.Path, values[field.Path], field.Value)
			}
		}
	}
}
