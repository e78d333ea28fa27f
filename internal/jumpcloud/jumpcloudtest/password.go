package jumpcloudtest

import (
	"encoding/json"
	"strings"
	"unicode"
)

// passwordMessage is documented.
const passwordMessage = "Password validation fail"

// checkPassword applies settings.passwordPolicy. Only specialCharacter is a documented name of
// a violation; the others follow its pattern.
func (o *Organization) checkPassword(password, username string) *refusal {
	policy, _ := o.settings["passwordPolicy"].(map[string]any)
	demands := func(name string) bool { on, _ := policy[name].(bool); return on }
	has := func(class func(rune) bool) bool { return strings.ContainsFunc(password, class) }
	symbol := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

	var violations []any
	violated := func(description string) {
		violations = append(violations, map[string]any{"field": "password", "description": description})
	}
	if demands("enableMinLength") && len([]rune(password)) < integer(policy["minLength"]) {
		violated("minLength")
	}
	if demands("needsLowercase") && !has(unicode.IsLower) {
		violated("lowercase")
	}
	if demands("needsUppercase") && !has(unicode.IsUpper) {
		violated("uppercase")
	}
	if demands("needsNumeric") && !has(unicode.IsDigit) {
		violated("number")
	}
	if demands("needsSymbolic") && !has(symbol) {
		violated("specialCharacter")
	}
	allowed, stated := policy["allowUsernameSubstring"].(bool)
	if stated && !allowed && username != "" && strings.Contains(fold(password), fold(username)) {
		violated("usernameSubstring")
	}
	if violations == nil {
		return nil
	}
	r := refuse(400, passwordMessage)
	r.details = []any{map[string]any{
		"@type":               "type.googleapis.com/google.rpc.BadRequest",
		"fieldViolationsList": violations,
	}}
	return r
}

// integer returns a JSON number as an int; 0 if it is not one.
func integer(value any) int {
	n, _ := value.(json.Number)
	i, _ := n.Int64()
	return int(i)
}
