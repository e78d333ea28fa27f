// Package export makes manifests of a live organization: applied, they change
// nothing. Read reads, and Make decides what to write, which is pure: the same
// organization gives the same bytes.
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

// Options say what to make.
type Options struct {
	// Namespace of the objects.
	Namespace string
	// Organization is the object that all others refer to.
	Organization string
	// Spec of that Organization; nil: it is there already, and is not written.
	Spec *v1alpha1.OrganizationSpec
	// Users are written; otherwise others only refer to them.
	Users bool
	// CSV writes users as rows of a CSV file and a BulkUserImport, not as Users.
	CSV bool
}

// Omission is what of an organization the manifests do not say.
type Omission struct {
	// Subject is what it is about, such as "user ada.byron".
	Subject string
	// Why it is not in the manifests.
	Why string
}

// Export is what was made.
type Export struct {
	// Files by their slash-separated paths.
	Files map[string][]byte
	// Counts are the objects by kind; of users, the rows too.
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

// generated is a file that kustomize makes a ConfigMap of.
type generated struct {
	Name  string   `json:"name"`
	Files []string `json:"files"`
}

// Make makes the manifests of what was read.
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

// add writes the manifest of an object into a file of its own.
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

// secretName is the Secret that an Organization's credentials are read from.
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

// kustomization lists all files. ConfigMaps keep their names: an import runs again,
// and a group is read again, when the content of one changes.
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

// paths are the files, in order.
func (e *Export) paths() []string { return slices.Sorted(maps.Keys(e.Files)) }
