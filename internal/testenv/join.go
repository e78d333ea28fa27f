package testenv

import (
	"encoding/json"
	"fmt"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// shared is what another process needs to know about a control plane.
type shared struct {
	Administrator, Operator connection
	Kubectl                 []string
	Lists                   []listKind
	OperatorPath            string
}

// connection is the part of a rest.Config that another process needs.
type connection struct {
	Host          string
	CA, Cert, Key []byte
}

func connectionOf(config *rest.Config) connection {
	return connection{Host: config.Host, CA: config.CAData, Cert: config.CertData, Key: config.KeyData}
}

func (c *connection) config() *rest.Config {
	return &rest.Config{Host: c.Host, QPS: -1, TLSClientConfig: rest.TLSClientConfig{CAData: c.CA, CertData: c.Cert, KeyData: c.Key}}
}

// Share returns the argument for Join, to use the control plane in another process of this
// machine. Before that, name the operator that both start with UseOperator, and set
// OperatorConfig.
func (p *ControlPlane) Share() ([]byte, error) {
	return json.Marshal(shared{
		Administrator: connectionOf(p.Config), Operator: connectionOf(p.OperatorConfig),
		Kubectl: p.kubectl, Lists: p.lists, OperatorPath: p.operator.path,
	})
}

// Join connects to a control plane that another process started and shared. Only that process
// stops it; Stop does nothing here.
func Join(from []byte) (*ControlPlane, error) {
	var s shared
	if err := json.Unmarshal(from, &s); err != nil {
		return nil, fmt.Errorf("join a control plane: %w", err)
	}
	p := &ControlPlane{kubectl: s.Kubectl, lists: s.Lists, stop: func() error { return nil }}
	p.UseOperator(s.OperatorPath)
	p.Config = s.Administrator.config()
	if err := p.connect(); err != nil {
		return nil, err
	}
	p.OperatorConfig = s.Operator.config()
	return p, nil
}

// connect makes the scheme and the client.
func (p *ControlPlane) connect() (err error) {
	if p.Scheme, err = newScheme(); err != nil {
		return err
	}
	p.OperatorConfig = p.Config
	p.Client, err = client.NewWithWatch(p.Config, client.Options{Scheme: p.Scheme})
	return err
}
