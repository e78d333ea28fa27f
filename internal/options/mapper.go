package options

import (
	"net/http"
	"strings"
	"sync"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// mapper caches the mappings of another mapper. With namespaces to watch, the cache asks at
// each read whether the kind is namespaced, and the default mapper allocates much for each
// answer.
type mapper struct {
	apimeta.RESTMapper
	mu    sync.Mutex
	known map[schema.GroupVersionKind]*apimeta.RESTMapping
}

func newMapper(config *rest.Config, httpClient *http.Client) (apimeta.RESTMapper, error) {
	asked, err := apiutil.NewDynamicRESTMapper(config, httpClient)
	return &mapper{RESTMapper: asked, known: map[schema.GroupVersionKind]*apimeta.RESTMapping{}}, err
}

// RESTMapping returns the mapping of a kind. It does not cache that a kind is not found.
func (m *mapper) RESTMapping(kind schema.GroupKind, versions ...string) (*apimeta.RESTMapping, error) {
	key := kind.WithVersion(strings.Join(versions, " "))
	m.mu.Lock()
	found := m.known[key]
	m.mu.Unlock()
	if found != nil {
		return found, nil
	}
	found, err := m.RESTMapper.RESTMapping(kind, versions...)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[key] = found
	return found, nil
}
