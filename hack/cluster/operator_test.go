package cluster

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const (
	system     = "jumpcloud-operator-system"
	deployment = "deployment/jumpcloud-operator-controller-manager"
)

// deploy applies a folder and waits until all replicas are of it.
func deploy(folder string) {
	GinkgoHelper()
	kubectl("apply", "--server-side", "-k", folder)
	kubectl("rollout", "status", deployment, "--namespace="+system, "--timeout=5m")
}

// leader returns the pod that holds the lease.
func leader() string {
	GinkgoHelper()
	holder := kubectl("get", "leases", "--namespace="+system, "-o=jsonpath={.items[*].spec.holderIdentity}")
	pod, _, _ := strings.Cut(holder, "_")
	return pod
}

// version returns what the program in a pod says of itself.
func version() string {
	GinkgoHelper()
	return kubectl("exec", "--namespace="+system, deployment, "--", "/manager", "version")
}

// kill kills the operator's process in a pod: no signal that it could handle.
func kill(pod string) {
	GinkgoHelper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	Expect(err).NotTo(HaveOccurred())
	killed := 0
	for _, path := range environments {
		// A process that has ended is none of the pod's.
		environment, err := os.ReadFile(path)
		if err != nil || !strings.Contains("\x00"+string(environment), "\x00HOSTNAME="+pod+"\x00") {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		Expect(err).NotTo(HaveOccurred())
		Expect(syscall.Kill(pid, syscall.SIGKILL)).To(Succeed())
		killed++
	}
	Expect(killed).To(Equal(1), "processes of pod %s", pod)
}

// remains returns what is left of an installation, by kind and name.
func remains() string {
	GinkgoHelper()
	labeled := kubectl("get", "--all-namespaces", "--ignore-not-found", "--output=name", "--selector=app.kubernetes.io/name=jumpcloud-operator",
		"namespaces,crds,clusterroles,clusterrolebindings,roles,rolebindings,serviceaccounts,services,deployments,pods,"+
			"validatingadmissionpolicies,validatingadmissionpolicybindings,leases,configmaps")
	return labeled + kubectl("get", "namespace", system, "--ignore-not-found", "--output=name")
}

// report prints what explains a failure.
func report() {
	for _, args := range [][]string{
		{"get", "pods", "--all-namespaces", "--output=wide"},
		{"get", "jumpcloud", "--all-namespaces"},
		{"get", "events", "--all-namespaces"},
		{"logs", "--namespace=" + system, "--selector=app.kubernetes.io/component=manager", "--prefix", "--tail=40"},
	} {
		output, _ := tryKubectl(args...)
		GinkgoWriter.Println(strings.Join(args, " "), "\n", output)
	}
}

func absolute(path string) string {
	GinkgoHelper()
	path, err := filepath.Abs(path)
	Expect(err).NotTo(HaveOccurred())
	return path
}
