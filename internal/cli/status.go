package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// statusView is one Organization and its objects.
type statusView struct {
	Organization objectState   `json:"organization"`
	Usage        *usage        `json:"usage,omitempty"`
	Objects      []objectState `json:"objects"`

	organizationID string
	withheld       *v1alpha1.WithheldStatus
}

// objectState is the state of one object.
type objectState struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	state
}

func newStatus(env *environment) *cobra.Command {
	var o output
	var metrics metricsSource
	command := env.command(&cobra.Command{
		Use:   "status [ORGANIZATION]",
		Short: "Show an Organization and its objects, problems first, with what to do about them",
		Long: `Show the Organizations of a namespace and their objects: problems first, with what to do
about them. Objects in other namespaces are included if you may list objects in all
namespaces.

Only the metrics of the operator's leader contain the number of requests and the age of
the operator's view of the directory. To show them, use --metrics-url.`,
		Example: `  kubectl jumpcloud status -n identity
  kubectl jumpcloud status acme -n identity --metrics-url https://127.0.0.1:8443/metrics --metrics-token-file token`,
		Args: cobra.MaximumNArgs(1),
	}, func(cmd *cobra.Command, c *cluster, args []string) error {
		if err := o.check(); err != nil {
			return err
		}
		if err := metrics.check(); err != nil {
			return err
		}
		views, note, err := c.status(cmd.Context(), args)
		if err != nil {
			return err
		}
		note += metrics.fill(cmd.Context(), env.In, views)
		if o.format != "" {
			_, _ = io.WriteString(env.ErrOut, note)
			return o.encode(env.Out, views)
		}
		return write(env.Out, statusText(c.namespace, views)+note)
	})
	o.addTo(command, "json", "yaml")
	metrics.addTo(command.Flags())
	return command
}

// status reads Organizations and their objects. The note says what is not shown.
func (c *cluster) status(ctx context.Context, args []string) (views []statusView, note string, err error) {
	organizations, err := c.organizations(ctx, args)
	if err != nil {
		return nil, "", err
	}
	members, err := c.members(ctx, metav1.NamespaceAll)
	if apierrors.IsForbidden(err) {
		note = paragraph(0, fmt.Sprintf("Only objects in namespace %s are shown, because you may not list objects in all namespaces: %v", c.namespace, err))
		members, err = c.members(ctx, c.namespace)
	}
	if err != nil {
		return nil, "", err
	}
	known := map[types.NamespacedName]bool{}
	for _, organization := range organizations {
		known[client.ObjectKeyFromObject(organization)] = true
		views = append(views, viewOf(organization, members))
	}
	if len(args) == 0 {
		note += c.dangling(members, known)
	}
	return views, note, nil
}

// dangling returns notes about the objects of the namespace whose Organization does not exist.
func (c *cluster) dangling(members []lifecycle.Member, known map[types.NamespacedName]bool) string {
	var b strings.Builder
	for _, member := range members {
		if key := lifecycle.KeyOfOrganization(member); member.GetNamespace() == c.namespace && key.Namespace == c.namespace && !known[key] {
			b.WriteString(paragraph(0, fmt.Sprintf("%s refers to Organization %s, which does not exist.", title(member), key)))
		}
	}
	return b.String()
}

// organizations reads the requested Organization, or all of the namespace.
func (c *cluster) organizations(ctx context.Context, args []string) ([]*v1alpha1.Organization, error) {
	if len(args) == 1 {
		organization, err := c.organization(ctx, args[0])
		return []*v1alpha1.Organization{organization}, err
	}
	var list v1alpha1.OrganizationList
	if err := c.List(ctx, &list, client.InNamespace(c.namespace)); err != nil {
		return nil, fmt.Errorf("list Organizations: %w", err)
	}
	all := make([]*v1alpha1.Organization, 0, len(list.Items))
	for i := range list.Items {
		list.Items[i].SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(lifecycle.OrganizationKind))
		all = append(all, &list.Items[i])
	}
	return all, nil
}

// organization reads the Organization given as NAME or organization/NAME.
func (c *cluster) organization(ctx context.Context, name string) (*v1alpha1.Organization, error) {
	if _, after, ok := strings.Cut(name, "/"); ok {
		named, err := c.parse([]string{name})
		if err != nil {
			return nil, err
		}
		if named.kind != lifecycle.OrganizationKind {
			return nil, usagef("%q is not an Organization: status shows only Organizations, with all their objects", name)
		}
		name = after
	}
	object, err := c.get(ctx, lifecycle.OrganizationKind, client.ObjectKey{Namespace: c.namespace, Name: name})
	if err != nil {
		return nil, err
	}
	organization, ok := object.(*v1alpha1.Organization)
	if !ok {
		return nil, fmt.Errorf("%T is not an Organization", object)
	}
	return organization, nil
}

// viewOf returns an Organization with those of the members that belong to it, the worst first.
func viewOf(organization *v1alpha1.Organization, members []lifecycle.Member) statusView {
	view := statusView{Organization: objectStateOf(organization), Objects: []objectState{},
		organizationID: organization.Status.OrganizationID, withheld: organization.Status.Withheld}
	for _, member := range members {
		if lifecycle.KeyOfOrganization(member) == client.ObjectKeyFromObject(organization) {
			view.Objects = append(view.Objects, objectStateOf(member))
		}
	}
	slices.SortStableFunc(view.Objects, func(a, b objectState) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return view
}

func objectStateOf(object lifecycle.Object) objectState {
	return objectState{object.GetObjectKind().GroupVersionKind().Kind, object.GetNamespace(), object.GetName(), stateOf(object)}
}

func statusText(namespace string, views []statusView) string {
	if len(views) == 0 {
		return fmt.Sprintf("There is no Organization in namespace %s.\n", namespace)
	}
	texts := make([]string, 0, len(views))
	for i := range views {
		texts = append(texts, views[i].String())
	}
	return strings.Join(texts, "\n")
}

// String returns the tree for people.
func (v *statusView) String() string {
	var b strings.Builder
	o := &v.Organization
	b.WriteString(paragraph(0, fmt.Sprintf("%s %s/%s: %s", o.Kind, o.Namespace, o.Name, o.line())))
	if v.withheld != nil {
		b.WriteString(paragraph(2, fmt.Sprintf("%s for an approval because of the guard or its window. To see and approve them: kubectl jumpcloud approve organization/%s -n %s",
			text.Count(int(v.withheld.Changes), "change waits", "changes wait"), o.Name, o.Namespace)))
	}
	b.WriteString(paragraph(2, v.Usage.String()))
	for i := range v.Objects {
		object := &v.Objects[i]
		name := fmt.Sprintf("%s %s/%s", object.Kind, object.Namespace, object.Name)
		b.WriteString(paragraph(2, fmt.Sprintf("%-8s %s", strings.ToUpper(object.Word), name)+reasonOf(object)))
		if object.Message != "" && (object.Word != wordReady || object.Paused) {
			b.WriteString(paragraph(11, object.Message))
		}
	}
	return b.String()
}

func reasonOf(object *objectState) string {
	said := ""
	if object.Reason != "" {
		said = " (" + object.Reason + ")"
	}
	if object.Paused {
		said += ", paused"
	}
	return said
}
