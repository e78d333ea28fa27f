package cluster

import (
	"maps"
	"slices"
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

	It("runs from config/default of an older commit, with a replica that stands by", func() {
		kubectl("create", "namespace", "simulator")
		kubectl("create", "configmap", "seed", "--namespace=simulator", "--from-file=seed.json="+root+"/hack/demo/seed.json")
		apply("simulator")
		kubectl("rollout", "status", "deployment/simulator", "--namespace=simulator", "--timeout=3m")
		deploy("older")
		Eventually(leader).ShouldNot(BeEmpty())
		apply("older-samples")
		waitReady("organizations,bulkuserimports,usergroups")
	})

	It("is upgraded during an import", func() {
		older := program(leader())
		settled := submissions()
		// Each job takes longer than the rollout usually does.
		slowDown(time.Second)
		startImport("upgraded")
		apply(config + "/crd")
		deploy("operator")
		Expect(openJobs("upgraded")).NotTo(BeEmpty(), "the rollout took longer than the import")
		slowDown(100 * time.Millisecond)
		Eventually(pods).Should(HaveLen(2))
		for _, pod := range pods() {
			Expect(program(pod)).NotTo(Equal(older))
		}
		expectImported("upgraded")
		others := submissions()
		maps.DeleteFunc(others, func(username string, _ int) bool { return settled[username] == 0 })
		Expect(others).To(Equal(settled), "what was imported before is not sent again")
	})

	It("imports the samples", func() {
		apply("samples")
		waitReady("organizations,bulkuserimports,users,usergroups,pushendpoints,workdayinstances,workdayimports")
	})

	It("takes the optional manifests", func() {
		for _, crd := range files(kept + "crds/*.yaml") {
			applyFile(crd)
		}
		kubectl("wait", "--for=condition=Established", "crd", "--all")
		for _, folder := range []string{"network-policy", "grafana", "prometheus"} {
			apply(config + "/" + folder)
		}
		patch("servicemonitor/jumpcloud-operator-metrics", system, config+"/prometheus/verify_certificate.yaml")
		applyFile(config + "/samples/approval.yaml")
		kubectl("create", "namespace", "flux-system")
		apply(config + "/flux")
		kubectl("create", "namespace", "argocd")
		kubectl("create", "configmap", "argocd-cm", "--namespace=argocd")
		patch("configmap/argocd-cm", "argocd", config+"/argocd/argocd-cm.yaml")
	})

	It("goes on with an import when the leader is killed", func() {
		startImport("killed")
		kill(leader())
		expectImported("killed")
		Expect(leader()).NotTo(BeEmpty())
	})

	It("goes on with an import when the API server comes back", func() {
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
		for _, folder := range []string{"flux", "prometheus", "grafana", "network-policy"} {
			// Deleting a ServiceAccount also deletes the Secret of its token.
			kubectl("delete", "--ignore-not-found", "-k", config+"/"+folder)
		}
		run("make", "-C", root, "undeploy", "KUBECTL="+absolute(bin+"kubectl"))
		Eventually(remains).Should(BeEmpty())
	})

	It("runs from config/namespaced, and leaves nothing either", func() {
		kubectl("create", "namespace", "identity")
		deploy("namespaced")
		apply("samples")
		waitReady("organizations")
		startImport("namespaced")
		expectImported("namespaced")
		kubectl("delete", "jumpcloud", "--all", "--namespace=identity", "--timeout=5m")
		kubectl("delete", "-k", "namespaced")
		Eventually(remains).Should(BeEmpty())
	})

	It("was given every manifest of config", func() {
		all := manifests(config)
		Expect(all).NotTo(BeEmpty())
		Expect(slices.DeleteFunc(all, func(path string) bool { return applied[path] })).To(BeEmpty())
	})
})

// waitReady waits until all objects of these kinds are Ready.
func waitReady(kinds string) {
	GinkgoHelper()
	kubectl("wait", "--for=condition=Ready", "--all", "--namespace=identity", "--timeout=5m", kinds)
}
