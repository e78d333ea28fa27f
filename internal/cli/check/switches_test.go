package check

import (
	"encoding/json"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
)

// sides are the values of each switch that are not the default: the value that is set, and the
// one that must be found. A time is found as that of the request that shows it.
var sides = map[string][]side{
	"malformedIDStatus":       {{`400`, `400`}},
	"lenientPaging":           {{`true`, `true`}},
	"rejectMalformedFilters":  {{`true`, `true`}},
	"visibilityLag":           {{`"3s"`, `"4s"`}, {`"100ms"`, `"250ms"`}},
	"shuffleUnsorted":         {{`true`, `true`}},
	"linkHeader":              {{`true`, `true`}},
	"omitTotalHeader":         {{`true`, `true`}},
	"ignoreSearchFilters":     {{`true`, `true`}},
	"searchTermCaseSensitive": {{`true`, `true`}},
	"maxSearchConditions":     {{`1`, `1`}, {`37`, `37`}, {`99`, `99`}, {`500`, `0`}},
	"usedSearchConditions":    {{`1`, `1`}, {`50`, `50`}, {`99`, `99`}},

	"usernamesIgnoreCase":      {{`true`, `true`}},
	"strictUsernames":          {{`true`, `true`}},
	"rejectUnknownFields":      {{`true`, `true`}},
	"checkManager":             {{`true`, `true`}},
	"emptyStrings":             {{`true`, `true`}},
	"alsoID":                   {{`true`, `true`}},
	"unlockJSON":               {{`true`, `true`}},
	"acceptStagedWhileStaged":  {{`true`, `true`}},
	"refuseSuspendStaged":      {{`true`, `true`}},
	"activateOther":            {{`200`, `200`}, {`409`, `409`}},
	"suspendStatus":            {{`404`, `404`}, {`204`, `204`}},
	"activateRefusesOrgHeader": {{`true`, `true`}},

	"stuckJobs":         {{`"applied"`, `"applied"`}, {`"unapplied"`, `"unapplied"`}},
	"instant":           {{`true`, `true`}},
	"resultLag":         {{`"5s"`, `"7.75s"`}},
	"emptyPolls":        {{`1`, `1`}, {`3`, `3`}, {`9`, `9`}},
	"recordsWhenDone":   {{`true`, `true`}},
	"jobDuration":       {{`"3s"`, `"4s"`}},
	"rowDuration":       {{`"1s"`, `"1s"`}},
	"pendingWord":       {{`"queued"`, `"queued"`}},
	"finishedWord":      {{`"Finished"`, `"Finished"`}},
	"failedWord":        {{`"error"`, `"error"`}},
	"missingRecords":    {{`1`, `1`}, {`3`, `3`}},
	"recordOrder":       {{`"reversed"`, `"reversed"`}, {`"shuffled"`, `"shuffled"`}},
	"endlessResults":    {{`true`, `true`}},
	"recordIDsAreJobID": {{`true`, `true`}},
	"telling":           {{`"meta"`, `"meta"`}, {`"persistedFields"`, `"persistedFields"`}, {`"fieldNames"`, `"fieldNames"`}},
	"serveJobs":         {{`true`, `true`}},
	"unknownJobStatus":  {{`200`, `200`}},
	"startStatus":       {{`201`, `201`}},
	"lostUsers":         {{`true`, `true`}},
	"actionStatus":      {{`200`, `200`}},
	"emptyJobStatus":    {{`422`, `422`}, {`200`, `200`}},
	"mergeArrays":       {{`true`, `true`}},
	"ignoreBulkState":   {{`true`, `true`}},
	"oversizeLimit":     {{`"reject"`, `"reject"`}, {`"accept"`, `"accept"`}},
	"maxRows":           {{`-1`, `-1`}, {`50`, `50`}, {`799`, `799`}},
	"oversizeStatus":    {{`413`, `413`}},

	"duplicateGroupStatus":  {{`400`, `400`}, {`201`, `201`}},
	"groupVisibilityLag":    {{`"3s"`, `"4s"`}},
	"memberLag":             {{`"2s"`, `"2s"`}},
	"duplicateMemberStatus": {{`204`, `204`}, {`400`, `400`}},
	"verboseConnections":    {{`true`, `true`}},
	"missingMemberStatus":   {{`204`, `204`}},
	"deleteGroupStatus":     {{`200`, `200`}},

	"textFilters":            {{`true`, `true`}},
	"evaluationDelay":        {{`"5s"`, `"8s"`}, {`"-1ns"`, `"-1ns"`}},
	"queryImpliesDynamic":    {{`true`, `true`}},
	"refuseQueryTypeWithDSL": {{`true`, `true`}},
	"nullQueryOnlyClears":    {{`true`, `true`}},
	"hideDSLQueries":         {{`true`, `true`}},
	"noSuggestions":          {{`true`, `true`}},
	"reviewGroupsByHand":     {{`true`, `true`}},
	"emptyQueryMatchesAll":   {{`true`, `true`}},

	"scheduledDateFormat":        {{`"milliseconds"`, `"milliseconds"`}, {`"zoneless"`, `"zoneless"`}},
	"unknownScheduleStatus":      {{`204`, `204`}, {`400`, `400`}},
	"unknownUserStatesStatus":    {{`404`, `404`}},
	"unknownScheduledUserStatus": {{`201`, `201`}, {`400`, `400`}},
	"ignoreBadOverrides":         {{`true`, `true`}},
	"keepStatesOfDeletedUsers":   {{`true`, `true`}},
	"scheduleLatency":            {{`"2s"`, `"2s"`}},
	"refusePastDates":            {{`true`, `true`}},
}

type side struct{ set, found string }

// value returns a finding's value as JSON.
func (w *world) value(f Finding) string {
	content, err := json.Marshal(f.Value)
	w.Expect(err).NotTo(HaveOccurred())
	return string(content)
}

// truth returns what must be found about each switch: the value that is set, or the assumed
// one.
func truth() map[string]string {
	out := map[string]string{}
	for _, g := range all {
		for _, p := range g.probes {
			content, _ := json.Marshal(p.assumed)
			out[p.name] = string(content)
		}
	}
	return out
}

func TestEachSwitchIsFoundOnEitherSide(t *testing.T) {
	t.Parallel()
	for name, tried := range sides {
		for _, s := range tried {
			t.Run(name+" "+s.set, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, fmt.Sprintf(`{%q:%s}`, name, s.set))
				findings := w.check()
				w.Expect(w.value(findings[name])).To(Equal(s.found), findings[name].Shown)
				w.Expect(findings[name].Verdict).NotTo(Equal(NotTried), findings[name].Shown)
				w.nothingElse(name, findings)
			})
		}
	}
}

// nothingElse reports a wrong finding about another switch. It omits times, because they
// depend on each other.
func (w *world) nothingElse(name string, findings map[string]Finding) {
	for other, want := range truth() {
		if f := findings[other]; other != name && f.Verdict != NotTried && f.Verdict != Measured {
			w.Expect(w.value(f)).To(Equal(want), "%s, with %s changed: %s", other, name, f.Shown)
		}
	}
}

func TestTheDefaultsAreConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{}`)
	findings := w.check()
	for _, g := range all {
		for _, p := range g.probes {
			if !undecidedByDefault[p.name] {
				w.Expect(findings[p.name].Verdict).To(BeElementOf(Confirmed, Measured), "%s: %s", p.name, findings[p.name].Shown)
			}
		}
	}
	w.nothingElse("", findings)
}

// undecidedByDefault are switches that a key which sees only one organization cannot reveal.
// They have their own tests.
var undecidedByDefault = map[string]bool{"multiTenantDefault": true, "nextEventsIgnoreOrgHeader": true}
