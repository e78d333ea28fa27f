package crdschema

import (
	"context"
	"fmt"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// Create processes an object as the API server does on creation: it removes the status,
// refuses unknown fields, as kubectl requests, sets defaults, and validates. It returns why
// the object would be refused. The error says that the kind has no usable schema.
//
// All objects of this operator are namespaced: set the namespace first.
func (s *Schemas) Create(ctx context.Context, object *unstructured.Unstructured) (field.ErrorList, error) {
	kind, ok := s.kinds[object.GroupVersionKind()]
	if !ok {
		return nil, fmt.Errorf("there is no schema of %s", object.GroupVersionKind())
	}
	c, err := kind()
	if err != nil {
		return nil, fmt.Errorf("the CRD of %s cannot be used: %w", object.GetKind(), err)
	}
	delete(object.Object, "status")
	// Malformed metadata reads as if it were absent, so nothing else is checked.
	_, _, unknown, err := objectmeta.GetObjectMetaWithOptions(object.Object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return field.ErrorList{{Type: field.ErrorTypeForbidden, Field: "metadata", Detail: err.Error()}}, nil //nolint:nilerr // it is the answer
	}
	refused := c.unknown(object, unknown)
	defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, c.structural)
	defaulting.Default(object.Object, c.structural)
	return append(refused, c.validate(ctx, object)...), nil
}

// unknown removes the fields that the schema lacks, and returns errors for them and for those
// of the metadata.
func (c *compiled) unknown(object *unstructured.Unstructured, metadata []string) field.ErrorList {
	track := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	var unknown field.ErrorList
	for _, path := range append(metadata, pruning.PruneWithOptions(object.Object, c.structural, true, track)...) {
		unknown = append(unknown, &field.Error{Type: field.ErrorTypeForbidden, Field: path, Detail: "unknown field"})
	}
	return unknown
}

// validate validates in the API server's order: CEL rules rely on the form of an object, and
// are not evaluated if it is wrong.
func (c *compiled) validate(ctx context.Context, object *unstructured.Unstructured) field.ErrorList {
	refused := apivalidation.ValidateObjectMetaAccessor(object, true, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
	refused = append(refused, validation.ValidateCustomResource(nil, object.Object, c.validator)...)
	refused = append(refused, objectmeta.Validate(ctx, nil, object.Object, c.structural, false)...)
	refused = append(refused, listtype.ValidateListSetsAndMaps(nil, c.structural, object.Object)...)
	for _, found := range refused {
		switch found.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
			return refused
		default:
		}
	}
	if c.rules == nil {
		return refused
	}
	broken, _ := c.rules.Validate(ctx, nil, c.structural, object.Object, nil, celconfig.RuntimeCELCostBudget)
	return append(refused, broken...)
}
