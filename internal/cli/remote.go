package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/cli/export"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/preview"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// maxRequests is the highest rate and burst that an Organization may state.
const maxRequests = 1000

// remote is how a command connects to JumpCloud itself, with the user's own key.
type remote struct {
	keyFile, region, endpoint, organizationID string
	requestsPerSecond                         int32
}

func (r *remote) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&r.keyFile, "api-key-file", "", "file with your API key; - reads it from standard input")
	flags.StringVar(&r.region, "region", string(v1alpha1.RegionUS), "region of the organization: US, EU or IN")
	flags.StringVar(&r.endpoint, "endpoint", "", "address of the API, such as that of a simulator; used instead of the address of the region")
	flags.StringVar(&r.organizationID, "organization-id", "", "JumpCloud's id of the organization; required if the key sees several")
	flags.Int32Var(&r.requestsPerSecond, "requests-per-second", 10, "maximum number of requests to JumpCloud per second")
}

// spec returns the spec of an Organization with the same connection, without credentials.
func (r *remote) spec() *v1alpha1.OrganizationSpec {
	spec := &v1alpha1.OrganizationSpec{
		Region: v1alpha1.Region(r.region), OrganizationID: r.organizationID,
		Limits: v1alpha1.Limits{RequestsPerSecond: r.requestsPerSecond, Burst: min(2*r.requestsPerSecond, maxRequests)},
	}
	if r.endpoint != "" {
		spec.Endpoint = &v1alpha1.Endpoint{URL: r.endpoint}
	}
	return spec
}

// connect returns a session like the operator's that can only read, and the organization that
// it connects to.
func (r *remote) connect(ctx context.Context, in io.Reader) (*session.Session, *jumpcloud.Organization, error) {
	if _, err := r.address(); err != nil {
		return nil, nil, err
	}
	key, err := r.key(in)
	if err != nil {
		return nil, nil, err
	}
	return r.dial(ctx, key)
}

// address returns the address of the API.
func (r *remote) address() (string, error) {
	address, _, known := jumpcloud.BaseURL(r.region)
	switch {
	case !known:
		return "", usagef("invalid --region %q: must be one of US, EU, IN", r.region)
	case r.requestsPerSecond < 1 || r.requestsPerSecond > maxRequests:
		return "", usagef("--requests-per-second must be from 1 to %d", maxRequests)
	case r.endpoint != "":
		return r.endpoint, nil
	}
	return address, nil
}

// dial is connect with a given key.
func (r *remote) dial(ctx context.Context, key string) (*session.Session, *jumpcloud.Organization, error) {
	object := &v1alpha1.Organization{ObjectMeta: metav1.ObjectMeta{Name: "command"}, Spec: *r.spec()}
	c, err := r.pool(ctx, key, object)
	if err != nil {
		return nil, nil, err
	}
	s, ok := c.pool.Get(types.NamespacedName{Name: object.Name})
	if !ok {
		return nil, nil, errors.New("there is no connection to JumpCloud")
	}
	return s, c.organization, nil
}

// connection is a pool with one session.
type connection struct {
	pool         *session.Pool
	organization *jumpcloud.Organization
	transport    *jumpcloud.ReadsOnly
}

// pool connects an Organization according to the flags, not to its own spec. No use of the
// connection can change anything.
func (r *remote) pool(ctx context.Context, key string, object *v1alpha1.Organization) (*connection, error) {
	address, err := r.address()
	if err != nil {
		return nil, err
	}
	credentials := jumpcloud.Separate(jumpcloud.APIKey(key), nil)
	from := session.Connection{BaseURL: address, Reading: session.Source{UID: "command"}}
	transport := jumpcloud.NewReadsOnly(jumpcloud.NewTransport())
	pool := session.NewPool(session.PoolOptions{UserAgent: pluginName, Transport: transport})
	client, err := pool.Dial(object, from, credentials)
	if err != nil {
		return nil, err
	}
	organization, err := r.choose(ctx, client)
	if err != nil {
		return nil, err
	}
	if err := pool.Put(object, from, credentials, organization.ID); err != nil {
		return nil, err
	}
	return &connection{pool, organization, transport}, nil
}

// preview plans objects of an Organization against the organization of the connection.
func (r *remote) preview(ctx context.Context, key string, o preview.Options) (*preview.Preview, error) {
	organization, limits := o.Organization, r.spec().Limits
	organization.Spec.Limits.RequestsPerSecond, organization.Spec.Limits.Burst = limits.RequestsPerSecond, limits.Burst
	c, err := r.pool(ctx, key, organization)
	if err != nil {
		return nil, err
	}
	if pinned := cmp.Or(organization.Spec.OrganizationID, organization.Status.OrganizationID); pinned != "" && pinned != c.organization.ID {
		return nil, fmt.Errorf("the objects of Organization %s/%s are for organization %s, but the API key is for %s: check --api-key-file and --organization-id",
			organization.Namespace, organization.Name, pinned, c.organization.ID)
	}
	o.Pool, o.AnyHost = c.pool, r.endpoint != ""
	planned, err := preview.Run(ctx, o)
	if err == nil {
		err = c.transport.Refused()
	}
	if err != nil {
		return nil, err
	}
	return planned, nil
}

// key reads the API key. There is no flag or variable for the key itself, because lists of
// processes show those.
func (r *remote) key(in io.Reader) (string, error) {
	if r.keyFile == "" {
		return "", usagef("--api-key-file is required: name a file with your API key, or - to read the key from standard input")
	}
	key, err := secretFile(r.keyFile, in)
	if err != nil {
		return "", fmt.Errorf("--api-key-file: %w", err)
	}
	return key, nil
}

// secretFile reads a key or a token; it reads the standard input if the file is "-".
func secretFile(file string, in io.Reader) (string, error) {
	var content []byte
	var err error
	if file == "-" {
		content, err = io.ReadAll(io.LimitReader(in, 64<<10))
	} else {
		content, err = os.ReadFile(file)
	}
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(strings.TrimPrefix(string(content), "\ufeff"))
	switch {
	case secret == "":
		return "", fmt.Errorf("%s is empty", file)
	case strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r > '~' }):
		return "", fmt.Errorf("%s contains more than one line, or is not plain text: save it as UTF-8", file)
	}
	return secret, nil
}

// choose returns the requested organization, or the only one.
func (r *remote) choose(ctx context.Context, client *jumpcloud.Client) (*jumpcloud.Organization, error) {
	var visible []jumpcloud.Organization
	err := export.Patiently(ctx, func() (err error) {
		visible, err = client.ListOrganizations(ctx)
		if slices.ContainsFunc(visible, func(o jumpcloud.Organization) bool { return o.ID == r.organizationID }) {
			return nil // whatever else there is
		}
		return err
	})
	if jumpcloud.ClassOf(err) == jumpcloud.Auth {
		return nil, fmt.Errorf("JumpCloud does not accept the API key: check --api-key-file, and --region, because a key belongs to one region: %w", err)
	}
	if err != nil {
		address, _ := r.address()
		return nil, fmt.Errorf("JumpCloud does not answer at %s: %w", address, err)
	}
	ids := make([]string, len(visible))
	for i := range visible {
		ids[i] = visible[i].ID
		if visible[i].ID == r.organizationID || r.organizationID == "" && len(visible) == 1 {
			return &visible[i], nil
		}
	}
	if r.organizationID != "" {
		return nil, fmt.Errorf("the API key does not have access to organization %s, only to %s: check --organization-id", r.organizationID, strings.Join(ids, ", "))
	}
	return nil, fmt.Errorf("the API key has access to %d organizations: choose one with --organization-id: %s", len(ids), strings.Join(ids, ", "))
}
