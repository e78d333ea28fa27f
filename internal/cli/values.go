package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/preview"
)

// credentialsField is a field whose values must never be shown.
const credentialsField = "credentials"

// showing is the flag --show-values, with the connection that it needs.
type showing struct {
	remote

	on bool
}

func (s *showing) addTo(flags *pflag.FlagSet) {
	flags.BoolVar(&s.on, "show-values", false, "also show old and new values; plans again with your own API key, and only reads from JumpCloud")
	s.remote.addTo(flags)
}

// check refuses flags that contradict each other.
func (s *showing) check() error {
	if !s.on && s.keyFile != "" {
		return usagef("--api-key-file can only be used with --show-values")
	}
	if !s.on {
		return nil
	}
	_, err := s.address()
	return err
}

// fill adds values to the changes of plans. It reads them live: the cluster does not store
// them. It returns how many changes are no longer planned.
func (s *showing) fill(ctx context.Context, in io.Reader, c *cluster, views []*planView) (moved int, err error) {
	if !s.on || len(views) == 0 {
		return 0, nil
	}
	key, err := s.key(in)
	if err != nil {
		return 0, err
	}
	inputs, err := c.inputs(ctx, views)
	if err != nil {
		return 0, err
	}
	organization, err := preview.Organization(ctx, inputs.objects)
	if err != nil {
		return 0, err
	}
	values := &collectedValues{of: map[string]map[string][]lifecycle.Value{}}
	if _, err := s.preview(ctx, key, preview.Options{Objects: inputs.objects, Organization: organization, Values: values.take}); err != nil {
		return 0, err
	}
	for _, view := range views {
		known := values.of[inputs.planned[view]]
		for i := range view.Changes {
			moved += view.Changes[i].show(known)
		}
	}
	return moved, nil
}

// collectedValues are the values of each object, by the subjects of changes.
type collectedValues struct {
	mu sync.Mutex
	of map[string]map[string][]lifecycle.Value
}

func (v *collectedValues) take(object lifecycle.Object, subject string, values []lifecycle.Value) {
	v.mu.Lock()
	defer v.mu.Unlock()
	name := nameOf(object)
	if v.of[name] == nil {
		v.of[name] = map[string][]lifecycle.Value{}
	}
	v.of[name][subject] = append(v.of[name][subject], values...)
}

func nameOf(object client.Object) string {
	return fmt.Sprintf("%T %s", object, client.ObjectKeyFromObject(object))
}

// show adds the last planned values of the fields that a change names. It returns 1 if the
// change is no longer planned.
func (c *plannedChange) show(known map[string][]lifecycle.Value) (moved int) {
	values, planned := known[c.Subject]
	if c.Invalid {
		return 0
	}
	if !planned {
		return 1
	}
	for _, value := range slices.Backward(values) {
		same := func(other lifecycle.Value) bool { return other.Field == value.Field }
		if value.Field != credentialsField && c.names(value.Field) && !slices.ContainsFunc(c.Values, same) {
			c.Values = append(c.Values, value)
		}
	}
	slices.Reverse(c.Values)
	return 0
}

// fields returns the fields that a change names, and the rest of its details. A creation names
// none, because it concerns all.
func (c *plannedChange) fields() (fields []string, more string) {
	if c.Action == string(v1alpha1.ChangeCreate) {
		return nil, c.Details
	}
	named, more, _ := strings.Cut(strings.TrimPrefix(c.Details, "changes "), "; ")
	return strings.Split(named, ", "), more
}

// names reports whether a change concerns a field.
func (c *plannedChange) names(field string) bool {
	fields, _ := c.fields()
	return fields == nil || slices.Contains(fields, field)
}

// told returns the details of a change: its fields, with the values that are known.
func (c *plannedChange) told() string {
	if len(c.Values) == 0 {
		return c.Details
	}
	fields, more := c.fields()
	var told []string
	for _, value := range c.Values {
		told = append(told, fmt.Sprintf("%s: %q -> %q", value.Field, value.Old, value.New))
	}
	for _, field := range fields {
		if !slices.ContainsFunc(c.Values, func(value lifecycle.Value) bool { return value.Field == field }) {
			told = append(told, field)
		}
	}
	text := strings.Join(told, ", ")
	if more != "" {
		text += "; " + more
	}
	return text
}
