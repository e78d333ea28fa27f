package export

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// devices writes a PushEndpoint for each device.
func (m *maker) devices() error {
	var texts []string
	text := func(userID string, e *jumpcloud.PushEndpoint) string { return m.people.name(userID) + "-" + e.ID }
	for userID, endpoints := range m.live.Endpoints {
		for i := range endpoints {
			texts = append(texts, text(userID, &endpoints[i]))
		}
	}
	names := newNames("device", texts)
	for _, userID := range slices.Sorted(maps.Keys(m.live.Endpoints)) {
		user, known := m.people.find(userID)
		endpoints := slices.SortedFunc(slices.Values(m.live.Endpoints[userID]), func(a, b jumpcloud.PushEndpoint) int { return cmp.Compare(a.ID, b.ID) })
		for i := range endpoints {
			e := &endpoints[i]
			if !known || e.ID == "" || len(e.ID) > 64 {
				m.omit(fmt.Sprintf("push endpoint %q of user %s", e.Name, m.people.name(userID)), "its id cannot be read")
				continue
			}
			spec := v1alpha1.PushEndpointSpec{OrganizationRef: m.reference(), User: user, Endpoint: v1alpha1.PushEndpointReference{ID: e.ID}}
			if len([]rune(e.Name)) <= 1024 {
				spec.Name = e.Name
			}
			switch strings.ToLower(e.State) {
			case jumpcloud.PushEndpointActive:
				spec.State = v1alpha1.PushEndpointActive
			case jumpcloud.PushEndpointInactive:
				spec.State = v1alpha1.PushEndpointInactive
			}
			if err := m.add("PushEndpoint", "devices", names.of(text(userID, e)), &v1alpha1.PushEndpoint{Spec: spec}); err != nil {
				return err
			}
		}
	}
	return nil
}
