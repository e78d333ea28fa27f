package jumpcloudtest

import (
	"strconv"
	"strings"
)

const (
	defaultLimit = 10
	maximumLimit = 100
)

// paging is the part of a list that a request asks for.
type paging struct {
	limit, skip int
	sort        []string // v1 names, descending with a leading -
	fields      []string
}

// page reads limit, skip, sort and fields from a v1 query.
func (x *exchange) page() (paging, *refusal) {
	query := x.query()
	return x.behavior.paging(query.Get("limit"), query.Get("skip"), query.Get("sort"), query.Get("fields"))
}

func (b *Behavior) paging(limit, skip, sort, fields string) (paging, *refusal) {
	p := paging{limit: defaultLimit, sort: names(sort), fields: names(fields)}
	var problem *refusal
	if p.limit, problem = b.number("limit", limit, 1, defaultLimit); problem != nil {
		return p, problem
	}
	if p.skip, problem = b.number("skip", skip, 0, 0); problem != nil {
		return p, problem
	}
	if p.limit > maximumLimit {
		switch b.OversizeLimit {
		case LimitReject:
			return p, refuse(400, "limit must not exceed 100")
		case LimitClamp:
			p.limit = maximumLimit
		case LimitAccept:
		}
	}
	return p, nil
}

func (b *Behavior) number(name, text string, least, fallback int) (int, *refusal) {
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err == nil && n >= least:
		return n, nil
	case b.LenientPaging:
		return fallback, nil
	}
	return 0, refuse(400, name+" is not valid")
}

// names splits on spaces, which separate names in v1: one that contains a comma is a single
// name, which no member has.
func names(list string) []string { return strings.Fields(list) }

// cut returns the page of a list, never nil: an empty page is [].
func cut[E any](all []E, p paging) []E {
	start := min(p.skip, len(all))
	end := min(start+p.limit, len(all))
	return append([]E{}, all[start:end]...)
}
