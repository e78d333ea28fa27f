// Package crdcheck compares the kinds of this operator with what the API server publishes
// about their CRDs, so that CRDs older than the operator are detected before anything is sent.
package crdcheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/openapi"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// contentType is the type of what the API server publishes; every user of the API server may
// read it.
const contentType = "application/json"

// definition is a schema in OpenAPI's form.
type definition struct {
	Properties           map[string]*definition `json:"properties"`
	Items                *definition            `json:"items"`
	AdditionalProperties json.RawMessage        `json:"additionalProperties"`
	Preserved            bool                   `json:"x-kubernetes-preserve-unknown-fields"`
}

// document is what is published about one group and version.
type document struct {
	Components struct {
		Schemas map[string]struct {
			definition
			Kinds []struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
		} `json:"schemas"`
	} `json:"components"`
}

// Lacking returns, by kind, the first field of this operator's types that the API server does
// not publish. Kinds without such a field are not in the result.
func Lacking(ctx context.Context, client openapi.Client, scheme *runtime.Scheme) (map[string]string, error) {
	published, err := read(client)
	if err != nil {
		return nil, err
	}
	return lacking(published, scheme), ctx.Err()
}

func read(client openapi.Client) (*document, error) {
	paths, err := client.Paths()
	if err != nil {
		return nil, err
	}
	group, ok := paths["apis/"+v1alpha1.GroupVersion.String()]
	if !ok {
		return nil, fmt.Errorf("nothing is published of %s", v1alpha1.GroupVersion)
	}
	data, err := group.Schema(contentType)
	if err != nil {
		return nil, err
	}
	published := &document{}
	if json.Unmarshal(data, published) != nil {
		return nil, errors.New("what is published cannot be read")
	}
	return published, nil
}

func lacking(published *document, scheme *runtime.Scheme) map[string]string {
	fields := map[string]string{}
	types := scheme.KnownTypes(v1alpha1.GroupVersion)
	for i := range published.Components.Schemas {
		found := published.Components.Schemas[i]
		for _, gvk := range found.Kinds {
			kind, ok := types[gvk.Kind]
			if !ok || gvk.Group != v1alpha1.GroupVersion.Group || gvk.Version != v1alpha1.GroupVersion.Version || strings.HasSuffix(gvk.Kind, "List") {
				continue
			}
			for _, part := range []string{"Spec", "Status"} {
				field, ok := kind.FieldByName(part)
				if !ok {
					continue
				}
				name := strings.ToLower(part)
				if missing := absent(name, field.Type, found.Properties[name]); missing != "" {
					fields[gvk.Kind] = missing
					break
				}
			}
		}
	}
	return fields
}

// absent returns the path of the first field of a type that a definition lacks, or "" if there
// is none.
func absent(path string, t reflect.Type, d *definition) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case d == nil:
		return path
	case d.Preserved, written(t):
		return ""
	}
	switch t.Kind() {
	case reflect.Struct:
		return absentMember(path, t, d)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return ""
		}
		return absent(path, t.Elem(), d.Items)
	case reflect.Map:
		values := &definition{}
		if err := json.Unmarshal(d.AdditionalProperties, values); err != nil {
			return "" // true: any values are allowed
		}
		return absent(path, t.Elem(), values)
	default:
		return ""
	}
}

func absentMember(path string, t reflect.Type, d *definition) string {
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		missing := ""
		switch {
		case strings.Contains(options, "inline"):
			missing = absent(path, field.Type, d)
		case name != "" && name != "-":
			missing = absent(path+"."+name, field.Type, d.Properties[name])
		}
		if missing != "" {
			return missing
		}
	}
	return ""
}

// written reports whether a type marshals itself, as times do.
func written(t reflect.Type) bool {
	marshaler := reflect.TypeFor[json.Marshaler]()
	return t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler)
}
