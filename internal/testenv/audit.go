package testenv

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/sets"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
)

// auditPolicy makes the API server log the requests of service accounts. It skips those of
// administrators, which are most of them.
const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  userGroups: [` + serviceAccounts + `]
- level: None
`

// serviceAccounts is the group of all service accounts.
const serviceAccounts = "system:serviceaccounts"

// The authorizer's annotations of an audit event.
const (
	decisionAnnotation = "authorization.k8s.io/decision"
	reasonAnnotation   = "authorization.k8s.io/reason"
)

// grantedBy extracts the role's name from the reason that RBAC gives.
var grantedBy = regexp.MustCompile(` of (?:Cluster)?Role "([^"]+)"`)

// Access is a request of an operator process to the API server, with the authorizer's
// decision.
type Access struct {
	Verb, Group, Resource, Subresource string
	// Role is the role that granted it; "" if it was refused, or granted in another way.
	Role string
	// Refused reports that no role grants it. Namespace and Path are set only for refused
	// requests.
	Refused         bool
	Namespace, Path string
}

// audit makes the API server write an audit log.
func (p *ControlPlane) audit() error {
	policy := filepath.Join(p.dir, "audit.yaml")
	p.auditLog = filepath.Join(p.dir, "audit.log")
	p.env.ControlPlane.GetAPIServer().Configure().
		Set("audit-policy-file", policy).
		Set("audit-log-path", p.auditLog).
		Set("audit-log-maxsize", "100000") // MiB: one file
	return os.WriteFile(policy, []byte(auditPolicy), 0o600)
}

// Accesses returns the distinct requests that operators with a service account's connection
// have made so far.
func (p *ControlPlane) Accesses() (sets.Set[Access], error) {
	file, err := os.Open(p.auditLog)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // written with the first event
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return accesses(file)
}

// accesses reads an audit log. The last line may be incomplete while the log is being written.
func accesses(log io.Reader) (sets.Set[Access], error) {
	all := sets.New[Access]()
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		var event auditv1.Event
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, err
		}
		if strings.HasPrefix(event.UserAgent, OperatorName+"/") {
			all.Insert(access(&event))
		}
	}
}

func access(event *auditv1.Event) Access {
	a := Access{Verb: event.Verb, Refused: isRefused(event)}
	if o := event.ObjectRef; o != nil {
		a.Group, a.Resource, a.Subresource = o.APIGroup, o.Resource, o.Subresource
		if a.Refused {
			a.Namespace = o.Namespace
		}
	}
	if a.Refused {
		a.Path, _, _ = strings.Cut(event.RequestURI, "?")
	} else if found := grantedBy.FindStringSubmatch(event.Annotations[reasonAnnotation]); found != nil {
		a.Role = found[1]
	}
	return a
}

// isRefused reports whether the authorizer, an admission plugin or a policy refused the
// request. A refusal because the namespace is being deleted does not count: it is not about
// rights.
func isRefused(event *auditv1.Event) bool {
	if event.Annotations[decisionAnnotation] == "forbid" {
		return true
	}
	status := event.ResponseStatus
	return status != nil && status.Code == http.StatusForbidden && !strings.Contains(status.Message, "it is being terminated")
}
