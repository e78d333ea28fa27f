// Package withheld records in the status of an Organization which plans of all its objects
// wait for an approval because of the guard or its window, and releases those that people
// approve. It makes no call to JumpCloud.
package withheld

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// maxListed is how many objects the status shows.
const maxListed = 50

// Waiting is one object of an Organization whose plan waits, or is carried out by an approval.
type Waiting struct {
	Kind, Namespace, Name string
	UID                   types.UID
	Plan                  approval.Plan
}

func compare(a, b Waiting) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

func (w *Waiting) released(hash string) string {
	return approval.ReleasedPlan(w.Kind, w.Namespace, w.Name, w.UID, hash)
}

// Approvals has who approves the plans that a hash names.
type Approvals struct {
	// Spec is the hash in spec.approvedPlan; "" if that does not count.
	Spec string
	// Objects are the PlanApprovals for the Organization that count.
	Objects []v1alpha1.PlanApproval
}

func (a *Approvals) include(hash string) bool {
	return a.Spec == hash || approval.Names(a.Objects, hash)
}

// Decide returns what waits for an approval, and what is released.
//
// A release stays as long as its hash is approved. It ends when none of its plans waits or is
// carried out any more: then its hash is remembered without plans, because an approval counts
// once. One release ends before another one takes its place.
func Decide(organization types.UID, objects []Waiting, approvals Approvals, present *v1alpha1.ReleasedStatus) (
	*v1alpha1.WithheldStatus, *v1alpha1.ReleasedStatus,
) {
	objects = slices.Clone(objects)
	slices.SortFunc(objects, compare)
	released, waits := remaining(objects, approvals, present)
	withheld := sum(organization, waits)
	inForce := released != nil && (released.Plans != "" || approval.Names(approvals.Objects, released.Hash))
	if withheld == nil || inForce || !approvals.include(withheld.Hash) || released != nil && released.Hash == withheld.Hash {
		return withheld, released
	}
	most := min(len(waits), approval.MaxPacked)
	plans := make([]string, most)
	for i := range plans {
		plans[i] = waits[i].released(waits[i].Plan.Hash)
	}
	released = &v1alpha1.ReleasedStatus{Hash: withheld.Hash, Plans: approval.Pack(plans)}
	return sum(organization, waits[most:]), released
}

// remaining returns what is still released, and the other objects whose plans wait.
func remaining(objects []Waiting, approvals Approvals, present *v1alpha1.ReleasedStatus) (*v1alpha1.ReleasedStatus, []Waiting) {
	var plans map[string]bool
	if present != nil && approvals.include(present.Hash) {
		plans = approval.Unpack(present.Plans)
	} else {
		present = nil
	}
	var waits []Waiting
	underWay := false
	for i := range objects {
		o := &objects[i]
		free := o.Plan.Guarded() && plans[o.released(o.Plan.Hash)]
		underWay = underWay || free || o.Plan.ApprovedHash != "" && plans[o.released(o.Plan.ApprovedHash)]
		if o.Plan.Guarded() && !free {
			waits = append(waits, *o)
		}
	}
	if present != nil && !underWay && present.Plans != "" {
		present = &v1alpha1.ReleasedStatus{Hash: present.Hash}
	}
	return present, waits
}

// sum returns the status of plans that wait, in their order; nil if none does.
func sum(organization types.UID, waits []Waiting) *v1alpha1.WithheldStatus {
	if len(waits) == 0 {
		return nil
	}
	status, changes := &v1alpha1.WithheldStatus{}, 0
	var names strings.Builder
	write(&names, string(organization))
	for i := range waits {
		w := &waits[i]
		write(&names, w.Kind, w.Namespace, w.Name, string(w.UID), w.Plan.Hash)
		changes += int(w.Plan.Withheld)
		if i < maxListed {
			status.Objects = append(status.Objects, v1alpha1.WithheldObject{
				Kind: w.Kind, Namespace: w.Namespace, Name: w.Name, Hash: w.Plan.Hash, Harmful: w.Plan.Harmful,
			})
		}
	}
	all := sha256.Sum256([]byte(names.String()))
	status.Changes = int32(min(changes, math.MaxInt32))
	status.Hash = "sha256:" + hex.EncodeToString(all[:])
	return status
}

func write(to *strings.Builder, words ...string) {
	for _, word := range words {
		to.WriteString(strconv.Quote(word))
	}
	to.WriteString("\n")
}
