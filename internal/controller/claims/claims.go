// Package claims finds out which users the objects of an organization name: a user whom one
// object names has not left another one's source. It also finds out whose lists their open
// jobs may change: nobody else changes those meanwhile.
package claims

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/bulkuserimport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Reader reads which users objects name. It is safe for concurrent use.
type Reader struct {
	// Objects reads Users and imports from the cache.
	Objects client.Reader
	// Admission knows which objects count.
	Admission *lifecycle.Admission
	// Loader and Ledger read the rows and the members of imports, past the cache.
	Loader rows.Loader
	Ledger *ledger.Store
	// Pool knows the organizations of objects that have no status yet.
	Pool *session.Pool
}

var _ oneshot.Claimants = (*Reader)(nil)

// Claims returns the users that other objects of the organization name: Users by their specs
// and statuses, BulkUserImports by the present rows of their sources, and WorkdayImports by
// the users that they remember from their last run.
func (r *Reader) Claims(ctx context.Context, object lifecycle.Member, organizationID string) (plan.Claims, error) {
	c := &collection{Reader: r, self: object.GetUID(), organizationID: organizationID, claims: plan.Claims{
		IDs: map[string]bool{}, Usernames: map[string]bool{}, Emails: map[string]bool{}, EmployeeIdentifiers: map[string]bool{},
	}}
	for _, collect := range []func(context.Context) error{c.users, c.bulkUserImports, c.workdayImports} {
		if err := collect(ctx); err != nil || c.claims.Unknown != "" {
			return c.claims, err
		}
	}
	return c.claims, nil
}

// collection is one call of Claims.
type collection struct {
	*Reader
	self           types.UID
	organizationID string
	claims         plan.Claims
}

// counts reports whether an object names users of the organization: it belongs to the
// organization, or will once it is reconciled, and its Organization admits it. Neither its
// mode nor a pause matters.
func (c *collection) counts(ctx context.Context, object lifecycle.Member) (bool, error) {
	if object.GetUID() == c.self || c.organizationOf(object) != c.organizationID {
		return false, nil
	}
	standing, err := c.Admission.Of(ctx, object)
	return standing.Admitted, err
}

// organizationOf returns the id of the organization that an object belongs to, or will belong
// to once it is reconciled; "" if that is not known.
func (c *collection) organizationOf(object lifecycle.Member) string {
	if recorded := object.Common().OrganizationID; recorded != "" {
		return recorded
	}
	s, connected := c.Pool.Get(lifecycle.KeyOfOrganization(object))
	if !connected {
		return ""
	}
	return s.OrganizationID
}

// add adds a user by whatever is known of them.
func (c *collection) add(id, username, email, identifier string) {
	set(c.claims.IDs, id)
	set(c.claims.Usernames, strings.ToLower(username))
	set(c.claims.Emails, strings.ToLower(email))
	set(c.claims.EmployeeIdentifiers, strings.ToLower(identifier))
}

func set(of map[string]bool, value string) {
	if value != "" {
		of[value] = true
	}
}

// block records that it is not known which users an object names.
func (c *collection) block(kind string, object client.Object, why string) {
	c.claims.BlockedBy = fmt.Sprintf("%s %s/%s", kind, object.GetNamespace(), object.GetName())
	c.claims.Unknown = c.claims.BlockedBy + " " + why
}

func (c *collection) users(ctx context.Context) error {
	list := &v1alpha1.UserList{}
	if err := c.Objects.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	for i := range list.Items {
		user := &list.Items[i]
		if counts, err := c.counts(ctx, user); err != nil {
			return err
		} else if !counts {
			continue
		}
		row := user.Row()
		c.add(user.Status.ID, *row.Username, value(row.Email), value(row.EmployeeIdentifier))
		c.add("", user.Status.Username, "", "")
	}
	return nil
}

func (c *collection) bulkUserImports(ctx context.Context) error {
	list := &v1alpha1.BulkUserImportList{}
	if err := c.Objects.List(ctx, list); err != nil {
		return err
	}
	for i := range list.Items {
		object := &list.Items[i]
		if counts, err := c.counts(ctx, object); err != nil {
			return err
		} else if !counts {
			continue
		}
		set, err := bulkuserimport.Rows(ctx, &c.Loader, object)
		broken := saysOfSources(err)
		if err != nil && !broken {
			return err
		}
		if broken || incomplete(object, set) {
			c.block("BulkUserImport", object, "has sources that are missing, empty or not valid, so it is not known which users it names; correct it first")
			return nil
		}
		for j := range set.Rows {
			row := &set.Rows[j]
			c.add("", row.Username(), row.Email(), row.EmployeeIdentifier())
		}
	}
	return nil
}

// workdayImports adds the users that WorkdayImports remember. They read their reports at their
// own times only.
func (c *collection) workdayImports(ctx context.Context) error {
	list := &v1alpha1.WorkdayImportList{}
	if err := c.Objects.List(ctx, list); err != nil {
		return err
	}
	for i := range list.Items {
		object := &list.Items[i]
		if counts, err := c.counts(ctx, object); err != nil {
			return err
		} else if !counts {
			continue
		}
		status := &object.Status.RunStatus
		switch {
		case status.Leavers == nil || status.Leavers.Digest == "":
			c.block("WorkdayImport", object, "does not remember which users it names; set its spec.leavers to Report or Suspend, and let it run")
			return nil
		case status.StartTime != nil && status.CompletionTime == nil:
			c.block("WorkdayImport", object, "is under way, so it is not known yet which users it names")
			return nil
		}
		owner := ledger.OwnerOf(object, v1alpha1.GroupVersion.WithKind("WorkdayImport"), ledger.WorkdayMembersSuffix)
		stored, err := c.Ledger.Read(ctx, owner)
		if err != nil {
			return err
		}
		members := ledger.MembersOf(stored, status.Leavers.Digest, status.Leavers.Next)
		if members == nil {
			c.block("WorkdayImport", object, "has lost which users it names; request a run of it")
			return nil
		}
		for _, id := range members {
			c.add(id, "", "", "")
		}
	}
	return nil
}

// saysOfSources reports whether an error says that sources or spec are wrong, rather than that
// they could not be read for now.
func saysOfSources(err error) bool {
	_, spec := errors.AsType[*oneshot.SpecError](err)
	_, missing := errors.AsType[*rows.NotFoundError](err)
	_, broken := errors.AsType[*rows.SourceError](err)
	_, encrypted := errors.AsType[*rows.CipherTextError](err)
	return spec || missing || broken || encrypted
}

// incomplete reports whether the rows do not show which users an import names. An import that
// may be empty names no one.
func incomplete(object *v1alpha1.BulkUserImport, set *rows.Set) bool {
	if len(set.Rows) == 0 {
		return oneshot.NoRows(object, set) != ""
	}
	return plan.Incomplete(set) != ""
}

func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
