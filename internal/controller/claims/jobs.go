package claims

import (
	"context"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

// Jobs finds out whose lists may be changed by jobs that an earlier process sent.
type Jobs struct {
	// Live reads imports past the cache, which may lack the last writes of that process.
	Live client.Reader
	// Namespaces are the only ones that have imports; empty: all may.
	Namespaces []string
	// Cache reads Users, of which there may be very many.
	Cache client.Reader
	// Ledger reads the rows of imports, past the cache.
	Ledger *ledger.Store
}

// Open returns the imports of an organization whose jobs may be open by their statuses, with
// the users in their ledgers, and the Users whose status says that a job makes their change.
func (j *Jobs) Open(ctx context.Context, organizationID string) ([]turns.Open, error) {
	all, err := j.users(ctx, organizationID)
	if err != nil {
		return nil, err
	}
	namespaces := j.Namespaces
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, namespace := range namespaces {
		imports, err := j.imports(ctx, namespace, organizationID)
		if err != nil {
			return nil, err
		}
		all = append(all, imports...)
	}
	return all, nil
}

func (j *Jobs) users(ctx context.Context, organizationID string) (all []turns.Open, _ error) {
	list := &v1alpha1.UserList{}
	if err := j.Cache.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	for i := range list.Items {
		object := &list.Items[i]
		status := &object.Status
		if status.OrganizationID != organizationID || status.ID == "" || !jobRunning(status.Conditions) {
			continue
		}
		all = append(all, turns.Open{
			Holder:  turns.HolderOf("User", object),
			Version: object.ResourceVersion, Users: []string{status.ID},
		})
	}
	return all, nil
}

// jobRunning reports whether a User's conditions say that a job makes its change.
func jobRunning(conditions []metav1.Condition) bool {
	condition := apimeta.FindStatusCondition(conditions, v1alpha1.ReconcilingCondition)
	return condition != nil && condition.Reason == v1alpha1.JobRunningReason
}

func (j *Jobs) imports(ctx context.Context, namespace, organizationID string) (all []turns.Open, _ error) {
	bulk, workday := &v1alpha1.BulkUserImportList{}, &v1alpha1.WorkdayImportList{}
	for _, list := range []client.ObjectList{bulk, workday} {
		if err := j.Live.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return nil, err
		}
	}
	add := func(kind, suffix string, object oneshot.Object) error {
		if object.Common().OrganizationID != organizationID {
			return nil
		}
		open, err := oneshot.OpenTurns(ctx, j.Ledger, v1alpha1.GroupVersion.WithKind(kind), suffix, object)
		all = append(all, open)
		return err
	}
	for i := range bulk.Items {
		if err := add("BulkUserImport", ledger.ImportSuffix, &bulk.Items[i]); err != nil {
			return nil, err
		}
	}
	for i := range workday.Items {
		if err := add("WorkdayImport", ledger.WorkdaySuffix, &workday.Items[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
