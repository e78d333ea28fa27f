// Package export creates manifests of a live organization that change nothing when they are
// applied. Read reads, and Make decides what to write. Make is pure: the same organization
// gives the same bytes.
package export

import (
	"context"
	"maps"
	"path"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Options say what to write.
type Options struct {
	// Namespace is the namespace of the objects.
	Namespace string
	// Organization is the name of the object that all others refer to.
	Organization string
	// Spec is the spec of that Organization; nil if it exists already, and is not written.
	Spec *v1alpha1.OrganizationSpec
	// Users writes the users; otherwise other objects only refer to them.
	Users bool
	// CSV writes users as rows of CSV files and a BulkUserImport, not as Users.
	CSV bool
}

// Omission is something in an organization that the manifests do not state.
type Omission struct {
	// Subject is what it is about, such as "user ada.byron".
	Subject string
	// Why says why it is not in the manifests.
	Why string
}

// Export is the result of Make.
type Export struct {
	// Files are keyed by their slash-separated paths.
	Files map[string][]byte
	// Counts are the numbers of objects by kind, and of rows.
	Counts map[string]int
	// Omissions are in the order of kinds and names.
	Omissions []Omission
}

// maker makes an Export.
type maker struct {
	*Export

	options   Options
	live      *Live
	people    people
	spellings map[string]int
	resources []string
	generated []generated
}

// generated is a ConfigMap that kustomize generates from a file.
type generated struct {
	Name  string   `json:"name"`
	Files []string `json:"files"`
}

// Make creates the manifests of what was read.
func Make(ctx context.Context, live *Live, options Options) (*Export, error) {
	m := &maker{
		Export:  &Export{Files: map[string][]byte{}, Counts: map[string]int{}},
		options: options, live: live, people: peopleOf(live.Users), spellings: spellings(live.Users),
	}
	if err := m.users(ctx); err != nil {
		return nil, err
	}
	for _, step := range []func() error{m.organization, m.groups, m.schedules, m.devices, m.workday, m.kustomization} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return m.Export, nil
}

func (m *maker) omit(subject, why string) {
	m.Omissions = append(m.Omissions, Omission{subject, why})
}

func (m *maker) reference() v1alpha1.OrganizationReference {
	return v1alpha1.OrganizationReference{Name: m.options.Organization}
}

// add writes the manifest of an object into its own file.
func (m *maker) add(kind, folder, name string, object client.Object) error {
	object.GetObjectKind().SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	object.SetName(name)
	content, err := yaml.Marshal(object)
	if err != nil {
		return err
	}
	m.Counts[kind]++
	m.file(path.Join(folder, name+".yaml"), content)
	return nil
}

func (m *maker) file(name string, content []byte) {
	m.Files[name] = content
	m.resources = append(m.resources, name)
}

// secretName is the Secret with the Organization's credentials.
const secretName = "jumpcloud"

func (m *maker) organization() error {
	if m.options.Spec == nil {
		return nil
	}
	spec := m.options.Spec.DeepCopy()
	spec.Credentials = &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: secretName, Key: "api-key"}}
	spec.WorkdayHosts = m.workdayHosts()
	m.omit("the API key", "create Secret "+secretName+" with the key api-key: the Organization reads it")
	return m.add("Organization", "", m.options.Organization, &v1alpha1.Organization{Spec: *spec})
}

// kustomization lists all files. ConfigMaps keep their names: when the content of one changes,
// an import runs again, and a group is read again.
func (m *maker) kustomization() error {
	slices.Sort(m.resources)
	content, err := yaml.Marshal(map[string]any{
		"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
		"namespace": m.options.Namespace, "resources": m.resources,
	})
	if err != nil {
		return err
	}
	if len(m.generated) > 0 {
		more, err := yaml.Marshal(map[string]any{
			"configMapGenerator": m.generated, "generatorOptions": map[string]any{"disableNameSuffixHash": true},
		})
		if err != nil {
			return err
		}
		content = append(content, more...)
	}
	m.Files["kustomization.yaml"] = content
	return nil
}

// paths returns the paths of the files, sorted.
func (e *Export) paths() []string { return slices.Sorted(maps.Keys(e.Files)) }
