package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// keyFile returns a file with the API key of the simulated organizations.
func keyFile(t *testing.T, key string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	NewWithT(t).Expect(os.WriteFile(file, []byte(key+"\n"), 0o600)).To(Succeed())
	return file
}

// planned validates manifests against a simulated organization.
func planned(t *testing.T, url, manifests string, args ...string) (code int, out, errOut string) {
	t.Helper()
	return validated(t, manifests, append([]string{
		"-", "-n", "identity", "--against", url, "--api-key-file", keyFile(t, "key"), "--requests-per-second", "1000",
	}, args...)...)
}

// The plan of an export changes nothing, in either form of users.
func TestAnExportChangesNothing(t *testing.T) {
	t.Parallel()
	for usersAs, objects := range map[string]int{"User": 1072, "CSV": 73} {
		t.Run(usersAs, func(t *testing.T) {
			g := NewWithT(t)
			sim, url := company(t)
			code, told, files := exported(t, url, "--users-as", usersAs)
			g.Expect(code).To(Equal(exitFine), told)
			dir := t.TempDir()
			for name, content := range files {
				g.Expect(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700)).To(Succeed())
				g.Expect(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)).To(Succeed())
			}
			sim.ForgetHistory()
			code, out, errs := validated(t, "", dir, "--against", url, "--api-key-file", keyFile(t, "key"), "--requests-per-second", "1000")
			g.Expect(errs).To(BeEmpty(), out)
			g.Expect(code).To(Equal(exitFine), out)
			g.Expect(out).To(HaveSuffix(fmt.Sprintf("%d objects: 0 would change something, %d would change nothing, 0 cannot be planned.\n", objects, objects)))
			g.Expect(sim.MutatingRequests()).To(BeEmpty())
		})
	}
}

// Plans are printed as the command plan prints them, without values, and nothing is sent.
func TestAgainstShowsWhatWouldBeDone(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	sim, _, url := shop(t)
	code, out, errs := planned(t, url, manifestsOfAllKinds)
	g.Expect(code).To(Equal(exitDifferences), errs)
	g.Expect(out).To(ContainSubstring("\nPlan of User identity/ada: 1 change.\nReady (Planned): "))
	g.Expect(out).To(MatchRegexp(`(?m)^Update +ada +yes +department, jobTitle$`))
	g.Expect(out).To(MatchRegexp(`(?m)^Create +barbara$`), "whose password is in the row")
	g.Expect(out).To(ContainSubstring("\nWaiting (SourceNotFound): ConfigMap not-in-the-files does not exist."))
	g.Expect(out).NotTo(ContainSubstring("Plan of User identity/same"), "nothing to change")
	g.Expect(out).To(HaveSuffix("\n12 objects: 8 would change something, 2 would change nothing, 2 cannot be planned.\n"))
	_, again, _ := planned(t, url, manifestsOfAllKinds)
	g.Expect(again).To(Equal(out), "the same manifests make the same plan")
	_, asJSON, _ := planned(t, url, manifestsOfAllKinds, "-o", "json")
	for _, text := range []string{out, errs, asJSON} {
		g.Expect(text).NotTo(Or(ContainSubstring(secretOfRows), ContainSubstring("Countess")))
	}
	g.Expect(sim.MutatingRequests()).To(BeEmpty())
}

const oneUser = `
apiVersion: jumpcloud-operator.io/v1alpha1
kind: User
metadata: {name: ada}
spec: {organizationRef: {name: acme}, username: ada, email: ada@example.org, department: Engines`

// An object with a problem is not planned; the others are.
func TestAgainstPlansWhatIsValid(t *testing.T) {
	g := NewWithT(t)
	_, _, url := shop(t)
	code, out, errs := planned(t, url, oneUser+"}\n---\n"+strings.TrimPrefix(brokenGroup, "\xef\xbb\xbf"))
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(out).To(And(ContainSubstring("UserGroup identity/engineers: spec.membershipMethod: "), ContainSubstring("Plan of User identity/ada: 1 change.")))
	g.Expect(out).To(HaveSuffix("\n1 object: 1 would change something, 0 would change nothing, 0 cannot be planned.\n"))
	g.Expect(errs).To(Equal("error: the manifests have problems\n"))
}

// A refusal by the operator because of what is at JumpCloud is not a success.
func TestAgainstFailsWhereTheOperatorWouldStop(t *testing.T) {
	g := NewWithT(t)
	_, _, url := shop(t)
	code, out, errs := planned(t, url, oneUser+", adoptionPolicy: Never}")
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(out).To(ContainSubstring("\nStalled (AdoptionRefused): "))
	g.Expect(errs).To(ContainSubstring(errUnplannable.Error()))
}

// The Organization in the manifests is honored, and must match the key.
func TestAgainstHeedsTheOrganization(t *testing.T) {
	g := NewWithT(t)
	_, org, url := shop(t)
	organization := func(id string) string {
		return `
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: Organization
metadata: {name: acme}
spec: {organizationID: "` + id + `", credentials: {apiKeySecretRef: {name: key}}, protectedUsers: [{username: ada}]}
`
	}
	code, out, _ := planned(t, url, oneUser+"}"+organization(org.ID()))
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(out).To(ContainSubstring("Stalled (ProtectedUser): "))
	other := strings.Repeat("a", 24)
	code, _, errs := planned(t, url, oneUser+"}"+organization(other))
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(errs).To(And(ContainSubstring("are for organization "+other), ContainSubstring("is for "+org.ID())))
	code, _, errs = planned(t, url, oneUser+"}\n---"+strings.NewReplacer("acme", "emca", "name: ada", "name: eve").Replace(oneUser)+"}")
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(errs).To(ContainSubstring("belong to 2 Organizations"))
}

func TestAgainstTellsWhatIsWrongWithTheConnection(t *testing.T) {
	t.Parallel() // it waits for transient failures
	g := NewWithT(t)
	sim, _, url := shop(t)
	code, _, errs := planned(t, url, oneUser+"}", "--api-key-file", keyFile(t, "wrong-secret"))
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(errs).To(And(ContainSubstring("does not accept the API key"), Not(ContainSubstring("wrong-secret"))))

	sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "POST", Path: "/api/search/systemusers", Times: -1}, Kind: jumpcloudtest.FaultReset})
	sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "GET", Path: "/api/systemusers", Times: -1}, Kind: jumpcloudtest.FaultReset})
	code, out, errs := planned(t, url, oneUser+"}")
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(out).To(ContainSubstring("\nWaiting (RemoteUnavailable): "))
	g.Expect(errs).To(ContainSubstring(errUnplannable.Error()))

	code, _, errs = planned(t, "http://127.0.0.1:1", oneUser+"}")
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(errs).To(And(ContainSubstring("127.0.0.1:1"), Not(ContainSubstring("API server"))))
}

func TestAgainstIsUsedAsItIsMeant(t *testing.T) {
	for why, args := range map[string][]string{
		"can only be used with --against":         {"x.yaml", "--api-key-file", "key"},
		"cannot hold both":                        {"-", "--against", "live", "--api-key-file", "-"},
		"must be live, or an address":             {"x.yaml", "--against", "lively", "--api-key-file", "key"},
		"use only one of them":                    {"x.yaml", "--against", "http://127.0.0.1:1", "--endpoint", "http://127.0.0.1:2"},
		"must be one of US, EU, IN":               {"x.yaml", "--against", "live", "--region", "MOON"},
		"--requests-per-second must be from 1 to": {"x.yaml", "--against", "live", "--requests-per-second", "0"},
		"--api-key-file is required":              {"-", "--against", "live"},
	} {
		g := NewWithT(t)
		code, _, errs := validated(t, oneUser+"}", args...)
		g.Expect(code).To(Equal(exitUsage), "%s: %s", why, errs)
		g.Expect(errs).To(ContainSubstring(why))
	}
}
