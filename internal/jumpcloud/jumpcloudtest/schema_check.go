package jumpcloudtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// check returns the value in its stored form, or what is wrong with it.
type check func(value any) (stored any, problem string)

// Messages for custom attributes (observed).
const (
	attributeNameSpaces = "Attribute names may not contain spaces"
	attributeNameWord   = "Attribute names may only contain letters and numbers"
)

var wordPattern = regexp.MustCompile(`^[A-Za-z0-9]+$`)

func text(limit int) check {
	return func(value any) (any, string) {
		s, ok := value.(string)
		switch {
		case !ok:
			return nil, "must be a string"
		case utf8.RuneCountInString(s) > limit:
			return nil, fmt.Sprintf("must not be longer than %d characters", limit)
		}
		return s, ""
	}
}

func boolean(value any) (stored any, problem string) {
	if _, ok := value.(bool); !ok {
		return nil, "must be a boolean"
	}
	return value, ""
}

func positive(value any) (stored any, problem string) {
	n, ok := value.(json.Number)
	if !ok {
		return nil, "must be a number"
	}
	if i, err := n.Int64(); err != nil || i < 1 {
		return nil, "must be an integer of at least 1"
	}
	return n, ""
}

func object(value any) (stored any, problem string) {
	if _, ok := value.(map[string]any); !ok {
		return nil, "must be an object"
	}
	return value, ""
}

// recoveryEmail accepts an object with an optional address, and adds the verification that
// answers show.
func recoveryEmail(value any) (stored any, problem string) {
	in, ok := value.(map[string]any)
	if !ok {
		return nil, "must be an object"
	}
	out := map[string]any{"verified": false}
	if address := in["address"]; address != nil {
		if out["address"], problem = text(longest)(address); problem != "" {
			return nil, "address " + problem
		}
	}
	return out, ""
}

// multiFactor accepts exclusionDays also as a string of digits, which the official cmdlet
// sends.
func multiFactor(value any) (stored any, problem string) {
	in, ok := value.(map[string]any)
	if !ok {
		return nil, "must be an object"
	}
	out := map[string]any{"configured": false, "exclusion": false}
	for name, member := range in {
		var problem string
		switch name {
		case "configured", "exclusion":
			member, problem = boolean(member)
		case "exclusionDays":
			if digits, ok := member.(string); ok {
				if _, err := strconv.Atoi(digits); err == nil {
					member = json.Number(digits)
				}
			}
			member, problem = positive(member)
		case "exclusionUntil":
			member, problem = text(longest)(member)
		default:
			continue
		}
		if problem != "" {
			return nil, name + " " + problem
		}
		out[name] = member
	}
	return out, ""
}

// items checks for an array of objects and keeps only these members, which are strings.
func items(members ...string) check {
	return func(value any) (any, string) {
		return each(value, func(in map[string]any) (map[string]any, string) {
			out := map[string]any{}
			for _, name := range members {
				member, given := in[name]
				if !given || member == nil {
					continue
				}
				checked, problem := text(longest)(member)
				if problem != "" {
					return nil, name + " " + problem
				}
				out[name] = checked
			}
			return out, ""
		})
	}
}

func customAttributes(value any) (stored any, problem string) {
	return each(value, func(in map[string]any) (map[string]any, string) {
		name, _ := in["name"].(string)
		switch {
		case name == "":
			return nil, "name is required"
		case strings.ContainsAny(name, " \t\n"):
			return nil, attributeNameSpaces
		case !wordPattern.MatchString(name):
			return nil, attributeNameWord
		}
		stored, problem := text(longest)(in["value"])
		if problem != "" {
			return nil, "value of " + name + " " + problem
		}
		out := map[string]any{"name": name, "value": stored}
		if id, ok := in["_id"].(string); ok {
			out["_id"] = id
		}
		return out, ""
	})
}

func sshKeys(value any) (stored any, problem string) {
	return each(value, func(in map[string]any) (map[string]any, string) {
		name, _ := in["name"].(string)
		key, _ := in["public_key"].(string)
		if name == "" || key == "" {
			return nil, "name and public_key are required"
		}
		return map[string]any{"name": name, "public_key": key}, ""
	})
}

func each(value any, convert func(map[string]any) (map[string]any, string)) (stored any, problem string) {
	list, ok := value.([]any)
	if !ok {
		return nil, "must be an array"
	}
	out := make([]any, 0, len(list))
	for _, element := range list {
		in, ok := element.(map[string]any)
		if !ok {
			return nil, "must be an array of objects"
		}
		converted, problem := convert(in)
		if problem != "" {
			return nil, problem
		}
		out = append(out, converted)
	}
	return out, ""
}
