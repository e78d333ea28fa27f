// Package testenv runs a real control plane (etcd and kube-apiserver), the
// real operator binary, and a proxy between the two, for tests and for the
// demo. Nothing that it starts outlives the process that started it.
package testenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// startTimeout applies to etcd and to kube-apiserver separately. They need three seconds on an
// idle machine, and much more where tests share two cores.
const startTimeout = 5 * time.Minute

// ControlPlane is a running etcd and kube-apiserver with the operator's CRDs.
// Its methods may be called from several goroutines.
type ControlPlane struct {
	// Config connects as a cluster administrator.
	Config *rest.Config
	// OperatorConfig is the connection of operators that belong to no particular test. It
	// equals Config until it is set.
	OperatorConfig *rest.Config
	// Client connects as a cluster administrator and reads without a cache.
	Client client.WithWatch
	// Scheme knows the kinds of Kubernetes and of this operator.
	Scheme *apiruntime.Scheme
	// Output receives a copy of what operators print that are started after it is set; may be
	// nil.
	Output io.Writer

	env      *envtest.Environment
	dir      string
	auditLog string
	stop     func() error
	operator operatorBinary
	kubectl  []string   // the command line that runs kubectl as an administrator
	lists    []listKind // of the operator's kinds
}

// Start starts a control plane. It blocks until the API server is ready and the CRDs of
// config/crd/bases are established. The caller must call Stop on it, and must have called Exec
// first thing in its main.
func Start() (*ControlPlane, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	assets, err := controlPlaneBinaries(root)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "jumpcloud-operator-")
	if err != nil {
		return nil, err
	}
	p := &ControlPlane{dir: dir}
	if err := p.start(root, assets); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return p, nil
}

// newScheme returns a scheme with the kinds of Kubernetes and of this operator.
func newScheme() (*apiruntime.Scheme, error) {
	scheme := apiruntime.NewScheme()
	for _, add := range []func(*apiruntime.Scheme) error{
		clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, v1alpha1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return scheme, nil
}

func (p *ControlPlane) start(root, assets string) error {
	scheme, err := newScheme()
	if err != nil {
		return err
	}
	p.env = &envtest.Environment{
		Scheme:                   scheme,
		BinaryAssetsDirectory:    assets,
		CRDDirectoryPaths:        []string{filepath.Join(root, "config", "crd", "bases")},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  startTimeout,
		UseExistingCluster:       new(false),
	}
	if err := p.leash(assets); err != nil {
		return err
	}
	p.env.ControlPlane.Etcd.DataDir = filepath.Join(p.dir, "etcd-data")
	server := p.env.ControlPlane.GetAPIServer()
	server.CertDir = filepath.Join(p.dir, "apiserver")
	if err := os.Mkdir(server.CertDir, 0o700); err != nil {
		return err
	}
	if err := p.audit(); err != nil {
		return err
	}
	if err := p.startLocked(); err != nil {
		return fmt.Errorf("start the control plane: %w", err)
	}
	if err := errors.Join(p.connect(), p.describe()); err != nil {
		return errors.Join(err, p.stop())
	}
	return nil
}

// describe records how to call kubectl, and the operator's kinds.
func (p *ControlPlane) describe() error {
	kubeconfig := filepath.Join(p.dir, "kubectl.kubeconfig")
	p.kubectl = []string{p.env.ControlPlane.KubectlPath, "--kubeconfig=" + kubeconfig}
	for _, crd := range p.env.CRDs {
		p.lists = append(p.lists, listKind{Group: crd.Spec.Group, Version: crd.Spec.Versions[0].Name, Kind: crd.Spec.Names.ListKind})
	}
	return os.WriteFile(kubeconfig, p.env.KubeConfig, 0o600)
}

// leash makes this very program stand in for etcd and kube-apiserver: Exec ties the child to
// its parent's life and then becomes the real binary. envtest offers no way to set that on the
// processes that it starts.
func (p *ControlPlane) leash(assets string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	path := func(name string) (string, error) {
		link := filepath.Join(p.dir, name)
		return link, os.Symlink(self, link)
	}
	etcd, err := path(etcdName)
	if err != nil {
		return err
	}
	server, err := path(apiServerName)
	if err != nil {
		return err
	}
	p.env.ControlPlane.Etcd = &envtest.Etcd{Path: etcd}
	p.env.ControlPlane.GetAPIServer().Path = server
	p.env.ControlPlane.KubectlPath = filepath.Join(assets, kubectlName)
	return nil
}

// startLocked starts etcd and kube-apiserver from a thread that lives until
// they are stopped: the kernel signals a child when the thread that started
// it ends, not only when the process does.
func (p *ControlPlane) startLocked() error {
	started := make(chan error)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		config, err := p.env.Start()
		p.Config = config
		started <- err
		<-stop
		stopped <- p.env.Stop()
	}()
	p.stop = sync.OnceValue(func() error {
		close(stop)
		return errors.Join(<-stopped, os.RemoveAll(p.dir))
	})
	if err := <-started; err != nil {
		return errors.Join(err, p.stop())
	}
	return nil
}

// Stop stops both processes and removes their files. Further calls return
// what the first one did.
func (p *ControlPlane) Stop() error { return p.stop() }

// As returns the connection of a user with these groups, by a client certificate: the audit
// log shows that user. RBAC is enforced: a user may do nothing until a binding allows it. A
// joined control plane returns an error.
func (p *ControlPlane) As(user string, groups ...string) (*rest.Config, error) {
	if p.env == nil {
		return nil, errors.New("only the process that started the control plane can add users")
	}
	added, err := p.env.AddUser(envtest.User{Name: user, Groups: groups}, &rest.Config{QPS: -1})
	if err != nil {
		return nil, err
	}
	return added.Config(), nil
}

// AsServiceAccount returns the connection of a service account.
func (p *ControlPlane) AsServiceAccount(namespace, name string) (*rest.Config, error) {
	return p.As("system:serviceaccount:"+namespace+":"+name, serviceAccounts, serviceAccounts+":"+namespace)
}

// KubectlCommand returns the command line that runs kubectl as an administrator, for scripts.
func (p *ControlPlane) KubectlCommand() []string { return slices.Clone(p.kubectl) }

// Kubectl runs the real kubectl as a cluster administrator in the repository's
// root and returns what it printed.
func (p *ControlPlane) Kubectl(ctx context.Context, args ...string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	command := p.KubectlCommand()
	cmd := exec.CommandContext(ctx, command[0], append(command[1:], args...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("kubectl %v: %w: %s", args, err, exit.Stderr)
	}
	return string(out), err
}
