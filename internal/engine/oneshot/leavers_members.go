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

// membersOwner is the owner of the ConfigMaps that remember who belongs to the import.
func (l *leavers[T]) membersOwner() ledger.Owner {
	return ledger.OwnerOf(l.object, v1alpha1.GroupVersion.WithKind(l.Kind.Name()), l.Kind.MembersSuffix())
}

// members returns the ids of the users who belong to the import. There are none before its
// first run, or if what was remembered is lost or was edited.
func (l *leavers[T]) members(ctx context.Context) ([]string, error) {
	if err := l.Ledger.Check(ctx, l.membersOwner(), (*ledger.Ledger)(nil).WithMembers(nil)); err != nil {
		return nil, err
	}
	// An outdated status does not anchor what was written after it.
	if err := l.pass.EnsureCurrent(ctx); err != nil {
		return nil, err
	}
	stored, err := l.Ledger.Read(ctx, l.membersOwner())
	if err != nil {
		return nil, err
	}
	return l.anchored(stored), nil
}

// anchored returns the members that a ledger holds, if the status anchors them.
func (l *leavers[T]) anchored(stored *ledger.Ledger) []string {
	if l.status.Leavers == nil {
		return nil
	}
	return ledger.MembersOf(stored, l.status.Leavers.Digest, l.status.Leavers.Next)
}

// anchors returns the part of the leavers' status that outlives a run; nil if leavers do not
// matter.
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

// remember writes who belongs to the import. It comes before the results of the run are
// written: after a crash in between, the run ends once more, and the members are written again
// if necessary. The status announces what is about to be written, so that the members are
// believed whether or not the end of the run is written, too.
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
		if err := l.pass.Save(ctx, lifecycle.Progressing(v1alpha1.ProgressingReason, "Writing the members of the import to ConfigMaps.", 0)); err != nil {
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

// staying returns those of the known members who still belong to the import. The plan's answer
// counts only if it was made from the same members.
func (l *leavers[T]) staying(known []string) []string {
	if d := l.m.departures; d != nil && d.digest == ledger.MembersDigest(known) {
		return d.Members
	}
	return known
}

// next returns the members after the run: those who stay, and the users that the run has found
// or created. Users who were suspended for leaving are not remembered.
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
