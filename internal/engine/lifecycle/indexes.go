package lifecycle

import (
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

const (
	// ConcernedField is the index, by Organization, of objects whose plan waits because of the
	// guard, or is carried out by an approval: see Concerned.
	ConcernedField = "status.plan.organization"
	// organizationField is the index of objects by their Organization.
	organizationField = "spec.organizationRef"
	// roomField is the index, by Organization, of objects that wait for room in the guard's
	// window.
	roomField = "status.waitsForRoom.organization"
)

// Concerned returns the value of ConcernedField.
func Concerned(object client.Object) []string {
	member, ok := object.(Member)
	if !ok {
		return nil
	}
	if plan := approval.PlanOf(object); !plan.Concerned() {
		return nil
	}
	return ofOrganization(member)
}

func ofOrganization(object client.Object) []string {
	return []string{organizationKey(as[Member](object)).String()}
}

// waitingForRoom returns the value of roomField for objects that wait for room and for nothing
// else. An object that retries has its own time for that.
func waitingForRoom(object client.Object) []string {
	if approval.PlanOf(object).WithheldBy != v1alpha1.WithheldByWindow ||
		!apimeta.IsStatusConditionTrue(as[Object](object).Common().Conditions, v1alpha1.StalledCondition) {
		return nil
	}
	return ofOrganization(object)
}

// indexMembers indexes objects by their Organization.
func (w waker) indexMembers(indexer client.FieldIndexer) error {
	for field, values := range map[string]client.IndexerFunc{organizationField: ofOrganization, roomField: waitingForRoom} {
		if err := w.index(indexer, field, values); err != nil {
			return fmt.Errorf("index by Organization: %w", err)
		}
	}
	return nil
}
