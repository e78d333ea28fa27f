package cluster

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("The operator on a real node", Ordered, func() {
	var apiServer *process

	BeforeAll(func() { apiServer = startNode() })
	AfterEach(func() {
		if CurrentSpecReport().Failed() {
			report()
		}
	})

	It("runs from config/default, with a replica that stands by", func() {
		kubectl("create", "namespace", "simulator")
		kubectl("create", "configmap", "seed", "--namespace=simulator", "--from-file=seed.json="+root+"/hack/demo/seed.json")
		kubectl("apply", "--server-side", "-k", "simulator")
		kubectl("rollout", "status", "deployment/simulator", "--namespace=simulator", "--timeout=3m")
		deploy("operator")
		Eventually(leader).ShouldNot(BeEmpty())
	})

	It("imports the samples", func() {
		kubectl("apply", "--server-side", "-k", "samples")
		kubectl("wait", "--for=condition=Ready", "--all", "--namespace=identity", "--timeout=5m",
			"organizations,bulkuserimports,users,usergroups,pushendpoints,workdayinstances,workdayimports")
	})

	It("takes the optional manifests", func() {
		kubectl("apply", "--server-side", "-k", root+"/config/network-policy")
		kubectl("apply", "--server-side", "-k", root+"/config/grafana")
	})

	It("goes on with an import when the leader is killed", func() {
		slowDown(100 * time.Millisecond)
		startImport("killed")
		killed := leader()
		kill(killed)
		expectImported("killed")
		Expect(leader()).NotTo(BeEmpty())
	})

	It("goes on with an import in another build", func() {
		before := version()
		// Each job takes 40 s: more than the rollout.
		slowDown(400 * time.Millisecond)
		startImport("upgraded")
		kubectl("apply", "--server-side", "-k", root+"/config/crd")
		deploy("upgrade")
		Expect(openJobs("upgraded")).NotTo(BeEmpty(), "the rollout took longer than the import")
		expectImported("upgraded")
		Expect(version()).NotTo(Equal(before))
	})

	It("goes on with an import when the API server comes back", func() {
		slowDown(100 * time.Millisecond)
		startImport("away")
		apiServer.kill()
		// JumpCloud finishes the job meanwhile.
		Eventually(func() []job { return openJobs("away") }).Should(BeEmpty())
		apiServer.start()
		waitForAPIServer()
		expectImported("away")
	})

	It("lets a namespace go when its job has ended", func() {
		startImport("deleted")
		kubectl("delete", "namespace", "identity", "--wait=false")
		kubectl("wait", "--for=delete", "namespace/identity", "--timeout=5m")
		Expect(openJobs("deleted")).To(BeEmpty())
		Expect(submissionsOf("deleted")).To(HaveEach(1))
	})

	It("is removed by make undeploy, and leaves nothing", func() {
		run("make", "-C", root, "undeploy", "KUBECTL="+absolute(bin+"kubectl"))
		Eventually(remains).Should(BeEmpty())
	})
})
