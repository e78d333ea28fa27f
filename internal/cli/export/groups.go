package export

import (
	"path"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/definition"
)

const (
	// maxInline is how many members a spec lists itself.
	maxInline = 5000
	// membersPerFile keeps a ConfigMap of members far below the limit of 1 MiB.
	membersPerFile = 10_000
	membersKey     = "members.txt"
)

// groups writes a UserGroup for each group.
func (m *maker) groups() error {
	if m.live.Groups == nil {
		return nil
	}
	m.omit("all groups", "what groups are bound to: devices, applications, directories, policies")
	groups := slices.SortedFunc(slices.Values(m.live.Groups), func(a, b Group) int { return strings.Compare(a.Full.Name, b.Full.Name) })
	texts := make([]string, len(groups))
	for i := range groups {
		texts[i] = groups[i].Full.Name
	}
	names := newNames("group", texts)
	for i := range groups {
		subject := "group " + groups[i].Full.Name
		spec, omitted, err := definition.SpecOf(groups[i].Full, m.people.find)
		if err != nil {
			m.omit(subject, err.Error())
			continue
		}
		for _, what := range omitted {
			m.omit(subject, what)
		}
		spec.OrganizationRef = m.reference()
		name := names.of(groups[i].Full.Name)
		if spec.MemberQuery == nil {
			m.members(&spec, subject, name, groups[i].Members)
		}
		if err := m.add("UserGroup", "groups", name, &v1alpha1.UserGroup{Spec: spec}); err != nil {
			return err
		}
	}
	return nil
}

// members states the members of a static group.
func (m *maker) members(spec *v1alpha1.UserGroupSpec, subject, name string, ids []string) {
	references := []v1alpha1.UserReference{}
	for _, id := range ids {
		reference, known := m.people.find(id)
		if !known {
			m.omit(subject, "member "+id+": the directory has no such user")
			continue
		}
		references = append(references, reference)
	}
	slices.SortFunc(references, func(a, b v1alpha1.UserReference) int { return strings.Compare(a.String(), b.String()) })
	if len(references) <= maxInline {
		spec.Members = &references
		return
	}
	var named []string
	inline := []v1alpha1.UserReference{}
	for _, reference := range references {
		if reference.Username == "" || strings.ContainsAny(reference.Username, ", \t#\"") {
			inline = append(inline, reference) // a line of text cannot name this user
			continue
		}
		named = append(named, reference.Username)
	}
	if len(inline) > 0 {
		spec.Members = &inline
	}
	for chunk := range slices.Chunk(named, membersPerFile) {
		generated := m.generate(name+"-members", len(spec.MembersFrom), membersKey, []byte(strings.Join(chunk, "\n")+"\n"))
		spec.MembersFrom = append(spec.MembersFrom, v1alpha1.MembersSource{ConfigMapKeyRef: generated})
	}
}

// generate adds a file that becomes a ConfigMap, and returns a reference to it.
func (m *maker) generate(base string, number int, key string, content []byte) *v1alpha1.KeyReference {
	name := numbered(base, number)
	file := path.Join("files", name+path.Ext(key))
	m.Files[file] = content
	m.generated = append(m.generated, generated{Name: name, Files: []string{key + "=" + file}})
	return &v1alpha1.KeyReference{Name: name, Key: key}
}
