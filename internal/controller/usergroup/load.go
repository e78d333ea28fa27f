package usergroup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/references"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// maxMembers bounds how many members one group may declare, and so the memory that it takes.
const maxMembers = 100_000

// sources are the members that a spec declares, by any of their names.
type sources struct {
	// managed is set if the spec says anything about members.
	managed bool
	// references are the declared users, each name once.
	references []v1alpha1.UserReference
	// pending are the references to selected Users whose JumpCloud users are not known yet.
	// They are not added, because the name may be that of someone else's user, and not
	// removed.
	pending map[v1alpha1.UserReference]bool
	// empty are the sources that name no user.
	empty []string
	// version changes whenever anything else does.
	version string
}

// Load reads the declared members.
func (k *Kind) Load(ctx context.Context, pass *pass) (string, error) {
	pass.Memory.sources = sources{managed: manages(&pass.Object.Spec)}
	if !pass.Memory.sources.managed {
		return "", nil
	}
	declared, err := k.declared(ctx, pass.Object)
	if missing, ok := errors.AsType[*rows.NotFoundError](err); ok {
		return "", lifecycle.Stop(lifecycle.Waiting(v1alpha1.SourceNotFoundReason,
			missing.Error()+". Nothing is changed until it exists, so that no member it names is removed."))
	}
	if broken, ok := errors.AsType[*rows.SourceError](err); ok {
		return "", continuous.Stalled(v1alpha1.InvalidSpecReason, broken.Error()+". Nothing was changed.")
	}
	if err != nil {
		return "", err
	}
	pass.Memory.sources = declared
	if len(pass.Object.Spec.MembersFrom) == 0 {
		return "", nil // the generation is version enough
	}
	return declared.version, nil
}

// Validate reads the declared members. A *rows.NotFoundError or *rows.SourceError says why
// that is impossible; other errors are the readers' own.
func (k *Kind) Validate(ctx context.Context, object *v1alpha1.UserGroup) error {
	_, err := k.declared(ctx, object)
	return err
}

// manages reports whether a spec says anything about members.
func manages(spec *v1alpha1.UserGroupSpec) bool {
	return spec.Members != nil || len(spec.MembersFrom) > 0
}

// declared reads the members that a group declares.
func (k *Kind) declared(ctx context.Context, object *v1alpha1.UserGroup) (sources, error) {
	spec := &object.Spec
	declared := sources{managed: manages(spec)}
	if !declared.managed {
		return declared, nil
	}
	var keys []v1alpha1.KeyReference
	for i := range spec.MembersFrom {
		if reference := spec.MembersFrom[i].ConfigMapKeyRef; reference != nil {
			keys = append(keys, *reference)
		}
	}
	texts, err := k.Sources.Texts(ctx, object.Namespace, keys)
	if err != nil {
		return sources{}, err
	}
	selected, err := k.selected(ctx, object)
	if err != nil {
		return sources{}, err
	}
	err = declared.read(spec.Members, texts, selected)
	return declared, err
}

// read records all members. Its error is a *rows.SourceError.
func (s *sources) read(inline *[]v1alpha1.UserReference, texts []rows.Text, selected []selection) error {
	s.pending = map[v1alpha1.UserReference]bool{}
	b := &sourcesBuilder{sources: s, seen: map[v1alpha1.UserReference]bool{}, sum: sha256.New()}
	if inline != nil {
		b.add(*inline)
	}
	for _, text := range texts {
		members, err := references.Parse(text)
		if err != nil {
			return err
		}
		b.note(text.Origin, len(members))
		b.add(members)
	}
	for _, selection := range selected {
		b.note(selection.origin, len(selection.users)+len(selection.pending))
		b.add(selection.users)
		for _, reference := range selection.pending {
			s.pending[reference] = s.pending[reference] || !b.seen[reference]
		}
		b.add(selection.pending)
	}
	if len(s.references) > maxMembers {
		return &rows.SourceError{Origin: "spec.members and spec.membersFrom", Message: fmt.Sprintf("declare more than %d members", maxMembers)}
	}
	if len(s.references) == 0 && len(s.empty) == 0 {
		s.empty = []string{"spec.members"}
	}
	s.version = hex.EncodeToString(b.sum.Sum(nil))
	return nil
}

// sourcesBuilder records members, each once.
type sourcesBuilder struct {
	*sources
	seen map[v1alpha1.UserReference]bool
	sum  hash.Hash
}

// note records a source if it names no user.
func (b *sourcesBuilder) note(origin string, members int) {
	if members == 0 {
		b.empty = append(b.empty, origin)
		_, _ = io.WriteString(b.sum, "empty: "+origin+"\n")
	}
}

// add records members. It keeps at most one more than maxMembers.
func (b *sourcesBuilder) add(members []v1alpha1.UserReference) {
	for _, reference := range members {
		reference.Email = strings.ToLower(reference.Email) // as JumpCloud does
		if b.seen[reference] || len(b.references) > maxMembers {
			continue
		}
		b.seen[reference] = true
		b.references = append(b.references, reference)
		_, _ = fmt.Fprintf(b.sum, "%q %q %q\n", reference.Username, reference.Email, reference.ID)
	}
}
