package cluster

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const system = "jumpcloud-operator-system"

var _ = Describe("The operator on a real node", Ordered, func() {
	var apiServer *process

	BeforeAll(func() { apiServer = startNode() })

	It("runs from config/default, with a replica that stands by", func() {
		kubectl("create", "namespace", "simulator")
		kubectl("create", "configmap", "seed", "--namespace=simulator", "--from-file=seed.json="+root+"/hack/demo/seed.json")
		kubectl("apply", "--server-side", "-k", "simulator")
		kubectl("rollout", "status", "deployment/simulator", "--namespace=simulator", "--timeout=3m")
		deploy("operator")
		Expect(apiServer).NotTo(BeNil())
	})
})

// deploy applies a folder and waits until the replicas run.
func deploy(folder string) {
	GinkgoHelper()
	kubectl("apply", "--server-side", "-k", folder)
	kubectl("rollout", "status", "deployment/jumpcloud-operator-controller-manager", "--namespace="+system, "--timeout=5m")
}
