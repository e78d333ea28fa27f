// Argocd-diff prints which objects Argo CD shows as OutOfSync, with Argo CD's own code: it
// compares the manifests in a file with the live objects of a cluster, as Argo CD does for an
// Application without ignoreDifferences. Each line is the kind and name of an object that
// differs, and the merge patch that a sync would apply.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/diff"
	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-logr/logr"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kube-openapi/pkg/util/proto"
)

// manager is the field manager of Argo CD's server-side applies.
const manager = "argocd-controller"

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig of the cluster")
	manifests := flag.String("manifests", "", "file with the manifests that are in Git")
	serverSide := flag.Bool("server-side", false, "compare by dry-run server-side applies, as with compare-options: ServerSideDiff=true")
	flag.Parse()
	if err := run(context.Background(), *kubeconfig, *manifests, *serverSide); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig, manifests string, serverSide bool) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	desired, err := read(manifests)
	if err != nil {
		return err
	}
	c, err := connect(config)
	if err != nil {
		return err
	}
	options := []diff.Option{diff.WithLogr(logr.Discard()), diff.WithManager(manager)}
	if serverSide {
		options = append(options, diff.WithServerSideDiff(true), diff.WithGVKParser(c.parser), diff.WithServerSideDryRunner(c))
	}
	for _, object := range desired {
		if err := c.compare(ctx, object, options); err != nil {
			return fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

// read returns the objects in a file.
func read(file string) ([]*unstructured.Unstructured, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096); ; {
		object := &unstructured.Unstructured{}
		switch err := decoder.Decode(&object.Object); {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, err
		case len(object.Object) > 0:
			objects = append(objects, object)
		}
	}
}

// cluster gives access to the live objects.
type cluster struct {
	client dynamic.Interface
	mapper apimeta.RESTMapper
	parser *managedfields.GvkParser
}

func connect(config *rest.Config) (*cluster, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	discovered, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	groups, err := restmapper.GetAPIGroupResources(discovered)
	if err != nil {
		return nil, err
	}
	schema, err := discovered.OpenAPISchema()
	if err != nil {
		return nil, err
	}
	models, err := proto.NewOpenAPIData(schema)
	if err != nil {
		return nil, err
	}
	parser, err := managedfields.NewGVKParser(models, false)
	return &cluster{client: client, mapper: restmapper.NewDiscoveryRESTMapper(groups), parser: parser}, err
}

// compare prints an object if it is OutOfSync.
func (c *cluster) compare(ctx context.Context, desired *unstructured.Unstructured, options []diff.Option) error {
	resource, err := c.resource(desired)
	if err != nil {
		return err
	}
	live, err := resource.Get(ctx, desired.GetName(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	result, err := diff.Diff(desired, live, options...)
	if err != nil || !result.Modified {
		return err
	}
	patch, err := jsonpatch.CreateMergePatch(result.NormalizedLive, result.PredictedLive)
	if err != nil {
		return err
	}
	fmt.Printf("%s/%s %s\n", desired.GetKind(), desired.GetName(), patch)
	return nil
}

func (c *cluster) resource(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == apimeta.RESTScopeNameRoot {
		return c.client.Resource(mapping.Resource), nil
	}
	return c.client.Resource(mapping.Resource).Namespace(object.GetNamespace()), nil
}

// Run implements diff.ServerSideDryRunner.
func (c *cluster) Run(ctx context.Context, object *unstructured.Unstructured, manager string) (string, error) {
	resource, err := c.resource(object)
	if err != nil {
		return "", err
	}
	predicted, err := resource.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{DryRun: []string{metav1.DryRunAll}, Force: true, FieldManager: manager})
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(predicted)
	return string(text), err
}
