package rows

import "strings"

// didYouMean returns " (did you mean "x"?)" for the candidate nearest to the name, or "" if
// none is near.
func didYouMean(name string, candidates []string) string {
	best, nearest := "", len(name)/5+2
	lower := strings.ToLower(name)
	for _, candidate := range candidates {
		if d := distance(lower, strings.ToLower(candidate), nearest); d < nearest {
			best, nearest = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + quote(best) + "?)"
}

// distance returns the Levenshtein distance in bytes, or the limit if the lengths alone differ
// that much.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
