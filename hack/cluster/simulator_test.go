package cluster

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// simulated is the URL of the seed's organization in the simulator's control API.
const simulated = "http://10.96.0.80/_simulator/organizations/65f1c0ffee65f1c0ffee9000/"

// job is a bulk job that the simulator accepted.
type job struct {
	EndedAt time.Time `json:"endedAt"`
	Rows    []struct {
		Username string `json:"username"`
	} `json:"rows"`
}

// open reports whether a row of the job is still unsettled.
func (j *job) open() bool { return j.EndedAt.IsZero() }

// jobsOf returns the jobs with users of an import: their names begin with its name.
func jobsOf(name string) (found []job) {
	GinkgoHelper()
	var jobs []job
	get("jobs", &jobs)
	for _, candidate := range jobs {
		if len(candidate.Rows) > 0 && strings.HasPrefix(candidate.Rows[0].Username, name+".") {
			found = append(found, candidate)
		}
	}
	return found
}

// submissions returns how often each user was submitted.
func submissions() map[string]int {
	GinkgoHelper()
	var all map[string][]json.RawMessage
	get("submissions", &all)
	counts := map[string]int{}
	for username, rows := range all {
		counts[username] = len(rows)
	}
	return counts
}

// submissionsOf returns how often each user of an import was submitted.
func submissionsOf(name string) map[string]int {
	GinkgoHelper()
	counts := submissions()
	maps.DeleteFunc(counts, func(username string, _ int) bool { return !strings.HasPrefix(username, name+".") })
	return counts
}

// get reads from the control API.
func get(path string, into any) {
	GinkgoHelper()
	response, err := http.Get(simulated + path)
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(response.Body.Close()).To(Succeed()) }()
	Expect(response.StatusCode).To(Equal(http.StatusOK))
	Expect(json.NewDecoder(response.Body).Decode(into)).To(Succeed())
}

// slowDown makes each row of later jobs take this long.
func slowDown(row time.Duration) {
	GinkgoHelper()
	body := strings.NewReader(`{"rowDuration":"` + row.String() + `"}`)
	request, err := http.NewRequest(http.MethodPatch, simulated+"behavior", body)
	Expect(err).NotTo(HaveOccurred())
	response, err := http.DefaultClient.Do(request)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.Body.Close()).To(Succeed())
	Expect(response.StatusCode).To(BeNumerically("<", http.StatusMultipleChoices))
}
