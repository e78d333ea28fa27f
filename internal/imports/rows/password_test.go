package rows

import (
	"encoding/json"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
)

func TestPasswordsNeverPrint(t *testing.T) {
	g := NewWithT(t)
	row := Row{Origin: "spec.users[0]", Password: NewPassword("hunter2")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%T %v"} {
		for _, value := range []any{row.Password, *row.Password, struct{ P Password }{*row.Password}, []*Password{row.Password}} {
			g.Expect(fmt.Sprintf(verb, value)).NotTo(Or(ContainSubstring("hunter2"), ContainSubstring("68756e7465723")), verb)
		}
	}
	g.Expect(row.Password.String()).To(Equal("***"))
	g.Expect(row.Password.GoString()).To(Equal("***"))
	encoded, err := json.Marshal(row)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(encoded)).To(ContainSubstring(`"Password":"***"`))
	g.Expect(string(encoded)).NotTo(ContainSubstring("hunter2"))
	g.Expect(row.Password.Reveal()).To(Equal("hunter2"))
}
