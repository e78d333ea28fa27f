// Package crdschema validates objects of this operator's kinds as the API server would: with
// the CRDs that the program was built with, and with the API server's own code.
package crdschema

import (
	"fmt"
	"io/fs"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/config/crd"
)

// Schemas are the schemas of all kinds of this operator. They are safe for concurrent use.
type Schemas struct {
	kinds map[schema.GroupVersionKind]func() (*compiled, error)
}

// compiled is the schema of one version of a kind.
type compiled struct {
	structural *structuralschema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

// Load reads the CRDs that the program was built with. It compiles a kind's schema when the
// first object of the kind is validated.
func Load() (*Schemas, error) {
	files, err := fs.Glob(crd.Bases, "bases/*.yaml")
	if err != nil {
		return nil, err
	}
	s := &Schemas{kinds: map[schema.GroupVersionKind]func() (*compiled, error){}}
	for _, file := range files {
		content, err := crd.Bases.ReadFile(file)
		if err != nil {
			return nil, err
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(content, definition); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		spec := &definition.Spec
		for i := range spec.Versions {
			version := &spec.Versions[i]
			gvk := schema.GroupVersionKind{Group: spec.Group, Version: version.Name, Kind: spec.Names.Kind}
			s.kinds[gvk] = sync.OnceValues(func() (*compiled, error) { return compile(version) })
		}
	}
	return s, nil
}

// Kinds returns the kinds with a schema, in no particular order.
func (s *Schemas) Kinds() []schema.GroupVersionKind {
	kinds := make([]schema.GroupVersionKind, 0, len(s.kinds))
	for gvk := range s.kinds {
		kinds = append(kinds, gvk)
	}
	return kinds
}

func compile(version *apiextensionsv1.CustomResourceDefinitionVersion) (*compiled, error) {
	properties := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, properties, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(properties)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(properties)
	if err != nil {
		return nil, err
	}
	return &compiled{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}, nil
}
