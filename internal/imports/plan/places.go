package plan

import (
	"cmp"
	"slices"
)

// places maps values to the rows that state them. They are sorted once all are added, and take
// little memory if there is only one row; there may be thousands of such places.
type places []place

type place struct {
	value string
	row   int
}

// add records that a row states the value, unless it is "".
func (p *places) add(value string, row int) {
	if value != "" {
		*p = append(*p, place{value, row})
	}
}

func (p places) sort() {
	slices.SortStableFunc(p, func(a, b place) int { return cmp.Compare(a.value, b.value) })
}

// of returns the places of a value, in the order of the rows.
func (p places) of(value string) places {
	first, _ := slices.BinarySearchFunc(p, value, func(place place, value string) int { return cmp.Compare(place.value, value) })
	end := first
	for end < len(p) && p[end].value == value {
		end++
	}
	return p[first:end]
}
