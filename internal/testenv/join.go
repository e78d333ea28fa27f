package testenv

import (
	"encoding/json"
	"fmt"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// shared is what another process must know of a control plane.
type shared struct {
	Host          string
	CA, Cert, Key []byte
	Kubectl       []string
	Lists         []listKind
	Operator      string
}

// Share returns what Join takes to use the control plane in another process of
// this machine. Name the operator that both start with UseOperator first.
func (p *ControlPlane) Share() ([]byte, error) {
	config := p.Config
	return json.Marshal(shared{
		Host: config.Host, CA: config.CAData, Cert: config.CertData, Key: config.KeyData,
		Kubectl: p.kubectl, Lists: p.lists, Operator: p.operator.path,
	})
}

// Join uses a control plane that another process started and shared. It is
// stopped there; Stop does nothing.
func Join(from []byte) (*ControlPlane, error) {
	var s shared
	if err := json.Unmarshal(from, &s); err != nil {
		return nil, fmt.Errorf("join a control plane: %w", err)
	}
	p := &ControlPlane{kubectl: s.Kubectl, lists: s.Lists, stop: func() error { return nil }}
	p.UseOperator(s.Operator)
	p.Config = &rest.Config{Host: s.Host, QPS: -1, TLSClientConfig: rest.TLSClientConfig{CAData: s.CA, CertData: s.Cert, KeyData: s.Key}}
	if err := p.connect(); err != nil {
		return nil, err
	}
	return p, nil
}

// connect makes the scheme and the client.
func (p *ControlPlane) connect() (err error) {
	if p.Scheme, err = newScheme(); err != nil {
		return err
	}
	p.Client, err = client.NewWithWatch(p.Config, client.Options{Scheme: p.Scheme})
	return err
}
