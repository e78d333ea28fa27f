package cluster

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const (
	// state is in memory: run.sh mounts a tmpfs.
	state   = "/run/node/"
	address = "10.99.0.1"
	// signingKey signs the tokens of service accounts.
	signingKey = state + "service-accounts.key"
	// serving is the certificate that the API server generates for itself, with its CA.
	serving = state + "apiserver/apiserver.crt"
)

// identities are the groups of the node's parts, by name. The name is also the token, since
// only this network namespace reaches the API server.
var identities = map[string]string{
	"admin":                          "system:masters",
	"system:node:node":               "system:nodes",
	"system:kube-controller-manager": "",
	"system:kube-scheduler":          "",
	"system:kube-proxy":              "",
}

func kubeconfig(name string) string { return state + name + ".kubeconfig" }

// startNode starts a Kubernetes node and returns its API server.
func startNode() *process {
	GinkgoHelper()
	connect()
	writeState()
	start(bin+"etcd", "--data-dir=/var/lib/etcd", "--unsafe-no-fsync")
	apiServer := startAPIServer()
	start("containerd", "--config=node/containerd.toml")
	Eventually(func() error { _, err := os.Stat("/run/containerd/containerd.sock"); return err }).Should(Succeed())
	importImages()
	controllers := kubeconfig("system:kube-controller-manager")
	start(bin+"kube-controller-manager", "--kubeconfig="+controllers, "--authentication-kubeconfig="+controllers,
		"--authorization-kubeconfig="+controllers, "--use-service-account-credentials", "--leader-elect=false",
		"--service-account-private-key-file="+signingKey, "--root-ca-file="+serving, "--cert-dir="+state+"controllers")
	scheduler := kubeconfig("system:kube-scheduler")
	start(bin+"kube-scheduler", "--kubeconfig="+scheduler, "--authentication-kubeconfig="+scheduler,
		"--authorization-kubeconfig="+scheduler, "--leader-elect=false")
	start(bin+"kubelet", "--config=node/kubelet.yaml", "--kubeconfig="+kubeconfig("system:node:node"),
		"--hostname-override=node", "--node-ip="+address)
	start(bin+"kube-proxy", "--config=node/proxy.yaml")
	Eventually(func() (string, error) {
		return tryKubectl("get", "nodes", "-o=jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}")
	}).Should(Equal("True"))
	return apiServer
}

func startAPIServer() *process {
	GinkgoHelper()
	apiServer := start(bin+"kube-apiserver", "--etcd-servers=http://127.0.0.1:2379", "--advertise-address="+address,
		"--cert-dir="+filepath.Dir(serving), "--token-auth-file="+state+"tokens.csv", "--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file="+signingKey,
		"--service-account-signing-key-file="+signingKey, "--service-cluster-ip-range=10.96.0.0/16",
		"--kubelet-preferred-address-types=InternalIP")
	waitForAPIServer()
	return apiServer
}

func waitForAPIServer() {
	GinkgoHelper()
	Eventually(func() error { _, err := tryKubectl("get", "--raw=/readyz"); return err }).Should(Succeed())
}

// connect gives the network namespace an address. The default route leads nowhere: it makes
// packets to services reach kube-proxy's rules.
func connect() {
	GinkgoHelper()
	for _, command := range []string{
		"link set lo up", "link add node0 type bridge", "addr add " + address + "/24 dev node0",
		"link set node0 up", "route add default dev node0",
	} {
		run("ip", strings.Fields(command)...)
	}
	Expect(os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o600)).To(Succeed())
}

// writeState writes the files that the node's parts read.
func writeState() {
	GinkgoHelper()
	Expect(os.MkdirAll(state, 0o700)).To(Succeed())
	var tokens strings.Builder
	for name, groups := range identities {
		fmt.Fprintf(&tokens, "%[1]s,%[1]s,%[1]s,%[2]s\n", name, groups)
		Expect(os.WriteFile(kubeconfig(name), fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters: [{name: node, cluster: {server: "https://%s:6443", certificate-authority: %s}}]
users: [{name: user, user: {token: %q}}]
contexts: [{name: node, context: {cluster: node, user: user}}]
current-context: node
`, address, serving, name), 0o600)).To(Succeed())
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	Expect(err).NotTo(HaveOccurred())
	network, err := os.ReadFile("node/10-bridge.conflist")
	Expect(err).NotTo(HaveOccurred())
	for path, content := range map[string][]byte{
		state + "tokens.csv":      []byte(tokens.String()),
		state + "bridge.conflist": network,
		signingKey:                pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	} {
		Expect(os.WriteFile(path, content, 0o600)).To(Succeed())
	}
	Expect(os.Setenv("KUBECONFIG", kubeconfig("admin"))).To(Succeed())
}

// importImages imports the images that prepare.sh built: the node reaches no registry.
func importImages() {
	GinkgoHelper()
	archives := files(kept + "*.tar")
	Expect(archives).To(HaveLen(3))
	for _, archive := range archives {
		run("ctr", "--namespace=k8s.io", "images", "import", archive)
	}
}
