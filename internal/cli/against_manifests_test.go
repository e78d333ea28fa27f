package cli

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// secretOfRows is a password in the manifests that no output may contain.
const secretOfRows = "Correct-Horse-9"

// manifestsOfAllKinds change something in shop with an object of each kind.
const manifestsOfAllKinds = `
apiVersion: v1
kind: ConfigMap
metadata: {name: files}
data:
  users.csv: "username,email,department\nlinus,linus@example.org,Kernels\nuser000060,user000060@example.org,Sums\n"
  members.txt: |
    user000001
    user000002
    user000003
    user000004
    user000005
    user000006
    user000007
    user000008
    user000009
    user000010
    user000011
    user000012
    user000013
    user000014
    user000015
    user000016
    user000017
    user000018
    user000019
    user000020
    user000021
    user000022
    user000023
    user000024
    user000025
    user000026
    user000027
    user000028
    user000029
    user000030
    user000031
    user000032
    user000033
    user000034
    user000035
    user000036
    user000037
    user000038
    user000039
    user000040
    user000041
    user000042
    user000043
    user000044
    user000045
    user000046
    user000047
    user000048
    user000049
    user000050
    user000051
    user000052
    user000053
    user000054
    user000055
---
apiVersion: v1
kind: Secret
metadata: {name: passwords}
stringData:
  grace: ` + secretOfRows + `
  users.csv: "username,email,password\nbarbara,barbara@example.org,` + secretOfRows + `\n"
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: User
metadata: {name: ada, labels: {team: engines}}
spec: {organizationRef: {name: acme}, username: ada, email: ada@example.org, department: Engines, jobTitle: Countess}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: User
metadata: {name: grace, labels: {team: engines}}
spec: {organizationRef: {name: acme}, username: grace, email: grace@example.org, passwordSecretRef: {name: passwords, key: grace}}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: User
metadata: {name: waits}
spec: {organizationRef: {name: acme}, username: waits, email: waits@example.org, passwordSecretRef: {name: elsewhere, key: waits}}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: User
metadata: {name: same}
spec: {organizationRef: {name: acme}, username: mary, email: mary@example.org}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: UserGroup
metadata: {name: engineers}
spec: {organizationRef: {name: acme}, membersFrom: [{userSelector: {matchLabels: {team: engines}}}]}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: UserGroup
metadata: {name: many}
spec: {organizationRef: {name: acme}, membersFrom: [{configMapKeyRef: {name: files, key: members.txt}}]}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: ScheduledUserState
metadata: {name: leaver}
spec: {organizationRef: {name: acme}, state: Suspended, startDate: "2090-12-31T18:00:00", timeZone: Europe/Berlin, users: [{username: mary}]}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: PushEndpoint
metadata: {name: phone}
spec: {organizationRef: {name: acme}, user: {username: ada}, endpoint: {name: Ada's phone}, state: Inactive}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: WorkdayInstance
metadata: {name: workday}
spec: {organizationRef: {name: acme}, reportURL: "https://wd.example.com/report?format=json"}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: WorkdayImport
metadata: {name: joiners}
spec: {organizationRef: {name: acme}, workdayInstanceRef: {name: workday}, mapping: [{attribute: department, from: worker.attributes.Department}]}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: BulkUserImport
metadata: {name: hires}
spec:
  organizationRef: {name: acme}
  usersFrom:
  - configMapKeyRef: {name: files, key: users.csv}
  - secretKeyRef: {name: passwords, key: users.csv}
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: BulkUserImport
metadata: {name: sourceless}
spec: {organizationRef: {name: acme}, usersFrom: [{configMapKeyRef: {name: not-in-the-files, key: users.csv}}]}
`

// shop is an organization for manifestsOfAllKinds.
func shop(t *testing.T) (sim *jumpcloudtest.Server, org *jumpcloudtest.Organization, url string) {
	t.Helper()
	sim = jumpcloudtest.New()
	org = sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "key", Users: 60})
	for _, username := range []string{"ada", "mary"} {
		org.AddUser(jumpcloudtest.User{"username": username, "email": username + "@example.org"})
	}
	org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"}, "mary")
	org.AddUserGroup(jumpcloudtest.UserGroup{"name": "many"})
	org.AddPushEndpoint("ada", jumpcloudtest.PushEndpoint{"name": "Ada's phone"})
	org.AddWorkday("Workday Import", "https://wd.example.com/report?format=json", "isu", "hunter2")
	org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Workers: []jumpcloudtest.Worker{
		{"email": "new@example.org", "username": "new", "firstName": "N", "lastName": "E", "attributes": map[string]any{"Department": "Sales"}},
		{"email": "mary@example.org", "username": "mary", "firstName": "M", "lastName": "S", "attributes": map[string]any{}},
	}})
	url = sim.Start(t)
	NewWithT(t).Expect(url).NotTo(BeEmpty())
	return sim, org, url
}
