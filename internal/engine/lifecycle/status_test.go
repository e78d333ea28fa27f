package lifecycle

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestMissing(t *testing.T) {
	type object = map[string]any
	for name, c := range map[string]struct {
		sent, kept any
		missing    string
	}{
		"nothing sent":              {nil, object{"a": "x"}, ""},
		"all kept":                  {object{"a": "x", "b": []any{int64(1)}}, object{"a": "x", "b": []any{int64(1)}}, ""},
		"more kept":                 {object{"a": "x"}, object{"a": "x", "b": "default"}, ""},
		"another value":             {object{"a": "x"}, object{"a": "y"}, ""},
		"null says nothing":         {object{"a": nil}, object{}, ""},
		"a text":                    {object{"a": "x"}, object{}, "status.a"},
		"false":                     {object{"a": false}, object{}, "status.a"},
		"an empty object":           {object{"a": object{}}, object{}, "status.a"},
		"an empty list":             {object{"a": []any{}}, object{}, "status.a"},
		"a member":                  {object{"a": object{"b": "x", "c": "y"}}, object{"a": object{"b": "x"}}, "status.a.c"},
		"a member of the last item": {object{"a": []any{object{"b": "x"}, object{"b": "x", "c": "y"}}}, object{"a": []any{object{"b": "x"}, object{"b": "x"}}}, "status.a.c"},
		"an item":                   {object{"a": []any{"x", "y"}}, object{"a": []any{"x"}}, "status.a"},
		"the first by name":         {object{"b": "x", "a": "x"}, object{}, "status.a"},
		"the whole status":          {object{"a": "x"}, nil, "status"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(missing("status", c.sent, c.kept)).To(Equal(c.missing))
		})
	}
}
