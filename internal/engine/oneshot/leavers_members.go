package oneshot

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// owner of the ConfigMaps that remember who belongs to the import.
func (l *leavers[T]) membersOwner() ledger.Owner {
	return ledger.OwnerOf(l.object, v1alpha1.GroupVersion.WithKind(l.Kind.Name()), l.Kind.MembersSuffix())
}

// members are the users who belong to the import, by id. There are none before its
// first run, and where what was remembered is lost or was edited.
func (l *leavers[T]) members(ctx context.Context) ([]string, error) {
	if err := l.Ledger.Check(ctx, l.membersOwner(), (*ledger.Ledger)(nil).WithMembers(nil)); err != nil {
		return nil, err
	}
	// An older status does not anchor what was written since.
	if err := l.pass.EnsureCurrent(ctx); err != nil {
		return nil, err
	}
	stored, err := l.Ledger.Read(ctx, l.membersOwner())
	if err != nil {
		return nil, err
	}
	return l.anchored(stored), nil
}

// anchored are the members that a ledger holds, if the status anchors them.
func (l *leavers[T]) anchored(stored *ledger.Ledger) []string {
	if l.status.Leavers == nil {
		return nil
	}
	return ledger.MembersOf(stored, l.status.Leavers.Digest, l.status.Leavers.Next)
}

// anchors are what outlives a run of what the status says of leavers; nil where it
// does not matter who leaves.
func (l *leavers[T]) anchors() *v1alpha1.LeaversStatus {
	switch {
	case !l.watched():
		return nil
	case l.status.Leavers == nil:
		return &v1alpha1.LeaversStatus{}
	default:
		return &v1alpha1.LeaversStatus{Digest: l.status.Leavers.Digest, Next: l.status.Leavers.Next}
	}
}

// remember writes who belongs to the import by now. It comes before the results of
// the run are written: after a death in between the run ends once more, and whom it
// is about is written again, if need be. The status announces what is about to be
// written, so that it is believed whether or not the end of the run is written, too.
func (l *leavers[T]) remember(ctx context.Context) error {
	if !l.watched() {
		return nil
	}
	stored, err := l.Ledger.Read(ctx, l.membersOwner())
	if err != nil {
		return err
	}
	known := l.anchored(stored)
	next := l.next(l.staying(known))
	digest := ledger.MembersDigest(next)
	if l.status.Leavers == nil {
		l.status.Leavers = &v1alpha1.LeaversStatus{}
	}
	status := l.status.Leavers
	if status.Digest != digest && status.Next != digest {
		status.Next = digest
		if err := l.pass.Save(ctx, lifecycle.Progressing(v1alpha1.ProgressingReason, "Who belongs to the import is written to ConfigMaps.", 0)); err != nil {
			return err
		}
		status = l.status.Leavers
	}
	if known == nil || ledger.MembersDigest(known) != digest {
		if _, err := l.Ledger.Write(ctx, l.membersOwner(), stored.WithMembers(next)); err != nil {
			return err
		}
	}
	status.Digest, status.Next = digest, ""
	return nil
}

// staying are the members who belong to the import still, of those who are known.
// What a plan says counts only if it was made of the same ones.
func (l *leavers[T]) staying(known []string) []string {
	if d := l.m.departures; d != nil && d.digest == ledger.MembersDigest(known) {
		return d.Members
	}
	return known
}

// next are the members after the run: those who stay, and the users that it has
// found or created. Who is suspended for leaving is not remembered any more.
func (l *leavers[T]) next(staying []string) []string {
	var found []string
	gone := map[string]bool{}
	if l.m.departures != nil {
		found = append(found, l.m.departures.found...)
	}
	for i := range l.m.ledger.Entries {
		switch entry := &l.m.ledger.Entries[i]; {
		case released(entry):
			gone[entry.UserID] = true
		case !entry.Action.Left():
			found = appendValue(found, entry.UserID)
		}
	}
	return plan.Remember(slices.DeleteFunc(slices.Clone(staying), func(id string) bool { return gone[id] }), found)
}

func sameLeavers(a, b *v1alpha1.LeaversStatus) bool { return equality.Semantic.DeepEqual(a, b) }
