package usergroup

import (
	"context"
	"errors"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/membership"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// Load reads the declared members.
func (k *Kind) Load(ctx context.Context, pass *pass) (string, error) {
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
	return declared.Version, nil
}

// Validate reads the declared members. A *rows.NotFoundError or *rows.SourceError says why
// that is impossible; other errors are the readers' own.
func (k *Kind) Validate(ctx context.Context, object *v1alpha1.UserGroup) error {
	_, err := k.declared(ctx, object)
	return err
}

// declared reads the members that a group declares.
func (k *Kind) declared(ctx context.Context, object *v1alpha1.UserGroup) (membership.Sources, error) {
	spec := &object.Spec
	var keys []v1alpha1.KeyReference
	for i := range spec.MembersFrom {
		if reference := spec.MembersFrom[i].ConfigMapKeyRef; reference != nil {
			keys = append(keys, *reference)
		}
	}
	texts, err := k.Sources.Texts(ctx, object.Namespace, keys)
	if err != nil {
		return membership.Sources{}, err
	}
	selected, err := k.selected(ctx, object)
	if err != nil {
		return membership.Sources{}, err
	}
	return membership.ReadSources(ptr.Deref(spec.Members, nil), texts, selected)
}

// selected lists the Users that the selectors of a group select. It returns a
// *rows.SourceError for an invalid selector.
func (k *Kind) selected(ctx context.Context, object *v1alpha1.UserGroup) ([]membership.Selection, error) {
	selectors, err := membership.Selectors(object)
	if err != nil {
		return nil, err
	}
	all := make([]membership.Selection, len(selectors))
	for i := range selectors {
		list := &v1alpha1.UserList{}
		// The list holds the cache's own objects, read only: ten thousand are not copied.
		err := k.Users.List(ctx, list, client.InNamespace(object.Namespace), client.MatchingLabelsSelector{Selector: selectors[i].Selector}, client.UnsafeDisableDeepCopy)
		if err != nil {
			return nil, err
		}
		all[i] = selectors[i].Select(object, list.Items)
	}
	return all, nil
}
