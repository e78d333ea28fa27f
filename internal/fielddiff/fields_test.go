package fielddiff_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
)

func TestFields(t *testing.T) {
	g := NewWithT(t)
	var fields fielddiff.Fields
	name, email, notify := "engines", "e@example.org", true
	fielddiff.Text(&fields, "name", &name, new("motors"))
	fielddiff.Text(&fields, "email", &email, nil)
	fields.Bool("notify", &notify, new(false))
	fields.Bool("notify", &notify, new(false))
	g.Expect(fields).To(Equal(fielddiff.Fields{{Name: "name", Old: "engines", New: "motors"}, {Name: "notify", Old: "true", New: "false"}}))
	g.Expect(fields.Names()).To(Equal([]string{"name", "notify"}))
	g.Expect(fields.Has("email", "notify")).To(BeTrue())
	g.Expect(fields.Has("email")).To(BeFalse())
	g.Expect([]any{name, email, notify}).To(Equal([]any{"motors", "e@example.org", false}))
}
