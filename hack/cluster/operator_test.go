package cluster

import (
	"crypto/sha256"
	"fmt"
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

// deploy applies a folder and waits until all replicas run its version.
func deploy(folder string) {
	GinkgoHelper()
	apply(folder)
	kubectl("rollout", "status", deployment, "--namespace="+system, "--timeout=5m")
}

// leader returns the pod that holds the lease.
func leader() string {
	GinkgoHelper()
	holder := kubectl("get", "leases", "--namespace="+system, "-o=jsonpath={.items[*].spec.holderIdentity}")
	pod, _, _ := strings.Cut(holder, "_")
	return pod
}

// operatorOf returns the process id of the operator in a pod.
func operatorOf(pod string) int {
	GinkgoHelper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	Expect(err).NotTo(HaveOccurred())
	var found []int
	for _, path := range environments {
		// A process that has ended is not the pod's operator.
		environment, err := os.ReadFile(path)
		if err != nil || !strings.Contains("\x00"+string(environment), "\x00HOSTNAME="+pod+"\x00") {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		Expect(err).NotTo(HaveOccurred())
		found = append(found, pid)
	}
	Expect(found).To(HaveLen(1), "processes of pod %s", pod)
	return found[0]
}

// kill kills the operator in a pod, with a signal that it cannot handle.
func kill(pod string) {
	GinkgoHelper()
	Expect(syscall.Kill(operatorOf(pod), syscall.SIGKILL)).To(Succeed())
}

// program returns a digest of the program that runs in a pod.
func program(pod string) string {
	GinkgoHelper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/exe", operatorOf(pod)))
	Expect(err).NotTo(HaveOccurred())
	return fmt.Sprintf("%x", sha256.Sum256(content))
}

// pods returns the operator's pods.
func pods() []string {
	GinkgoHelper()
	return strings.Fields(kubectl("get", "pods", "--namespace="+system, "--selector=app.kubernetes.io/component=manager",
		"--field-selector=status.phase=Running", "-o=jsonpath={.items[*].metadata.name}"))
}

// remains returns the remaining objects of an installation, by kind and name.
func remains() string {
	GinkgoHelper()
	labeled := kubectl("get", "--all-namespaces", "--ignore-not-found", "--output=name", "--selector=app.kubernetes.io/name=jumpcloud-operator",
		"namespaces,crds,clusterroles,clusterrolebindings,roles,rolebindings,serviceaccounts,services,deployments,pods,"+
			"validatingadmissionpolicies,validatingadmissionpolicybindings,leases,configmaps")
	return labeled + kubectl("get", "namespace", system, "--ignore-not-found", "--output=name")
}

// report prints what may explain a failure.
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
