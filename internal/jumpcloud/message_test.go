package jumpcloud

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzCleanMessage(f *testing.F) {
	f.Add("row has password hunter2", "hunter2")
	f.Add("a\nb\x00\xff", "")
	f.Add(strings.Repeat("é", 300), "éé")
	f.Fuzz(func(t *testing.T, s, secret string) {
		got := CleanMessage(s, secret)
		if len(got) > maxMessage || !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("not one short line: %q", got)
		}
		if CleanMessage(got) != got {
			t.Errorf("not stable: %q", got)
		}
	})
}
