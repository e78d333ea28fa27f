package jumpcloudtest

import "slices"

// groupSchema is what POST and PUT of a group accept (documented). Members that are not in it
// are ignored or refused: Behavior.RejectUnknownFields.
var groupSchema = map[string]check{
	"name":                    text(longest),
	"description":             text(longest),
	"email":                   text(longest),
	"attributes":              groupAttributes,
	"membershipMethod":        oneOf(methodNotSet, methodStatic, methodReview, methodAutomated),
	"memberQuery":             object,
	"memberQueryExemptions":   references,
	"memberSuggestionsNotify": boolean,
}

// groupAttributeSchema contains the known attributes of a group; others are allowed
// (documented).
var groupAttributeSchema = map[string]check{
	"sudo":         sudo,
	"ldapGroups":   objectsWith(map[string]check{"name": text(longest)}),
	"posixGroups":  objectsWith(map[string]check{"id": positive, "name": text(longest)}),
	"radius":       radius,
	"sambaEnabled": boolean,
}

// acceptGroup returns the members of in that are accepted, checked and in their stored form. A
// null counts as not given, except for the query, which it removes.
func (o *Organization) acceptGroup(in map[string]any) (map[string]any, *refusal) {
	out := map[string]any{}
	for name, value := range in {
		check, known := groupSchema[name]
		switch {
		case !known && o.behavior.RejectUnknownFields:
			return nil, refuse(400, "\""+name+"\" is not allowed")
		case !known, value == nil && name != "memberQuery":
			continue
		case value == nil:
			out[name] = nil
			continue
		}
		checked, problem := check(value)
		if problem != "" {
			return nil, refuse(400, name+": "+problem)
		}
		out[name] = checked
	}
	return out, nil
}

func groupAttributes(value any) (stored any, problem string) {
	in, ok := value.(map[string]any)
	if !ok {
		return nil, "must be an object"
	}
	out := map[string]any{}
	for name, member := range in {
		if member == nil {
			continue
		}
		if check, known := groupAttributeSchema[name]; known {
			if member, problem = check(member); problem != "" {
				return nil, name + " " + problem
			}
		}
		out[name] = member
	}
	return out, ""
}

func sudo(value any) (stored any, problem string) {
	in, _ := value.(map[string]any)
	enabled, hasEnabled := in["enabled"].(bool)
	free, hasFree := in["withoutPassword"].(bool)
	switch {
	case !hasEnabled || !hasFree:
		return nil, "needs enabled and withoutPassword"
	case free && !enabled:
		return nil, "withoutPassword needs enabled"
	}
	return value, ""
}

func radius(value any) (stored any, problem string) {
	in, ok := value.(map[string]any)
	if !ok {
		return nil, "must be an object"
	}
	if reply, given := in["reply"]; given {
		if _, problem := objectsWith(map[string]check{"name": text(longest), "value": text(longest)})(reply); problem != "" {
			return nil, "reply " + problem
		}
	}
	return value, ""
}

// references checks for an array of {id, type}. It accepts any type.
func references(value any) (stored any, problem string) {
	return objectsWith(map[string]check{"id": text(longest), "type": text(longest)})(value)
}

// objectsWith checks for an array of objects that have all of these members, and perhaps
// others.
func objectsWith(members map[string]check) check {
	return func(value any) (any, string) {
		return each(value, func(in map[string]any) (map[string]any, string) {
			for name, check := range members {
				if _, problem := check(in[name]); problem != "" {
					return nil, name + " " + problem
				}
			}
			return in, ""
		})
	}
}

func oneOf(words ...string) check {
	return func(value any) (any, string) {
		if word, ok := value.(string); !ok || !slices.Contains(words, word) {
			return nil, "is not one of the allowed values"
		}
		return value, ""
	}
}
