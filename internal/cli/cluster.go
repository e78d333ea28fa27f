package cli

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// environment is what all commands that talk to a cluster share.
type environment struct {
	genericiooptions.IOStreams
	flags *genericclioptions.ConfigFlags
}

// cluster is a connection to a cluster, as kubectl's flags and files define it.
type cluster struct {
	client.Client
	// namespace is that of the context, or of --namespace.
	namespace string
}

// connect returns a connection. It makes no request yet.
func (e *environment) connect() (*cluster, error) {
	config, err := e.flags.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	config.WarningHandler = rest.NewWarningWriter(e.ErrOut, rest.WarningWriterOptions{Deduplicate: true})
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	mapper, err := e.flags.ToRESTMapper()
	if err != nil {
		return nil, err
	}
	namespace, _, err := e.flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, err
	}
	c, err := client.New(config, client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		return nil, err
	}
	return &cluster{Client: c, namespace: namespace}, nil
}

// command completes a command that talks to a cluster.
func (e *environment) command(c *cobra.Command, run func(cmd *cobra.Command, c *cluster, args []string) error) *cobra.Command {
	e.flags.AddFlags(c.Flags())
	c.RunE = func(cmd *cobra.Command, args []string) error {
		connection, err := e.connect()
		if err != nil {
			return err
		}
		return run(cmd, connection, args)
	}
	return c
}

// explain returns an error's message, with a remedy for errors that people often meet. Other
// errors explain themselves: an API server's refusal names the verb and the resource.
func explain(err error) string {
	switch {
	case apimeta.IsNoMatchError(err):
		return fmt.Sprintf("%v: the cluster does not have the kinds of this operator. Check --context, or install the CRDs.", err)
	case apierrors.IsForbidden(err) && about(err) != "secrets":
		return fmt.Sprintf("%v. The ClusterRole view grants permission to read, and the ClusterRole jumpcloud-approver grants permission to approve.", err)
	case apierrors.IsUnauthorized(err):
		return fmt.Sprintf("the API server does not accept your credentials: %v. Log in again, or check --context.", err)
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Sprintf("the API server cannot be reached: %v. Check --kubeconfig and --context.", err)
	}
	return err.Error()
}

// about returns the resource that an API server's refusal is about; "" if it does not say.
func about(err error) string {
	refusal, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok || refusal.ErrStatus.Details == nil {
		return ""
	}
	return refusal.ErrStatus.Details.Kind
}

// kindNamed returns the kind of this operator that has the given name, plural or short name,
// in any case, as kubectl accepts them.
func (c *cluster) kindNamed(name string) (string, error) {
	var kinds []string
	for kind := range c.Scheme().KnownTypes(v1alpha1.GroupVersion) {
		if isKind(c.Scheme(), kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		if strings.EqualFold(name, kind) {
			return kind, nil
		}
	}
	group := v1alpha1.GroupVersion.Group
	resource, suffix, _ := strings.Cut(strings.ToLower(name), ".")
	if suffix == "" || suffix == group {
		kind, err := c.RESTMapper().KindFor(v1alpha1.GroupVersion.WithResource(resource))
		switch {
		case err == nil && slices.Contains(kinds, kind.Kind):
			return kind.Kind, nil
		case err != nil && !apimeta.IsNoMatchError(err):
			return "", err
		}
	}
	return "", usagef("%q is not a kind of this operator: must be one of %s", name, strings.Join(kinds, ", "))
}

// isKind reports whether a name is that of a kind with its own objects.
func isKind(scheme *runtime.Scheme, name string) bool {
	made, err := scheme.New(v1alpha1.GroupVersion.WithKind(name))
	if err != nil {
		return false
	}
	_, ok := made.(interface{ Common() *v1alpha1.CommonStatus })
	return ok
}
