package jumpcloudtest

import "strings"

// respell changes the spelling of phone numbers and addresses: see UserBehavior.Respell.
func respell(fields map[string]any) {
	change := func(item map[string]any, name string, spelled func(string) string) {
		if value, ok := item[name].(string); ok {
			item[name] = spelled(value)
		}
	}
	for _, item := range objectsIn(fields["phoneNumbers"]) {
		change(item, "number", respelledNumber)
	}
	for _, item := range objectsIn(fields["addresses"]) {
		change(item, "postalCode", func(code string) string { return strings.ReplaceAll(code, " ", "") })
		change(item, "country", strings.ToUpper)
	}
}

func respelledNumber(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	switch national, found := strings.CutPrefix(digits, "0"); {
	case digits == "":
		return number
	case found:
		return "+44" + national
	default:
		return "+" + digits
	}
}
