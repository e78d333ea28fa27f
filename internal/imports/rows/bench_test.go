package rows

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// tenThousand is a file of 10,000 rows of 15 columns.
func tenThousand() []byte {
	var file bytes.Buffer
	file.WriteString("username,email,firstname,lastname,department,jobTitle,costCenter,company,employeeIdentifier,location,home_city,home_country,mobile_number,attributes.Floor,sudo\n")
	for i := range 10_000 {
		fmt.Fprintf(&file, "user.%d,user.%d@example.org,First%d,Last%d,Engineering,Engineer,4711,Example,%d,London,London,GB,+44 20 %d,%d,false\n", i, i, i, i, i, i, i%50)
	}
	return file.Bytes()
}

func BenchmarkParseCSV(b *testing.B) {
	file := tenThousand()
	b.ReportAllocs()
	for b.Loop() {
		rows, err := readCSV(origin, file, false)
		if err != nil || len(rows) != 10_000 {
			b.Fatal(len(rows), err)
		}
	}
}

func BenchmarkValidateAndKey(b *testing.B) {
	rows, err := readCSV(origin, tenThousand(), false)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		validate(rows, Options{})
		_ = RunKey(KeyInputs{Rows: rows})
	}
}

func BenchmarkFlatten(b *testing.B) {
	row := everything()
	payload := CreatePayload(&row, nil)
	user := &jumpcloud.User{ID: managerID, UserAttributes: payload.UserAttributes, RecoveryEmail: payload.RecoveryEmail}
	b.ReportAllocs()
	for b.Loop() {
		Flatten(user)
	}
}
