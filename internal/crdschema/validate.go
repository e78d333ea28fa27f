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

// Create does to an object what the API server does when it is created: it takes
// out its status, refuses fields that are not known, as kubectl asks for, sets
// defaults, and validates. What it returns is why the object would be refused. The
// error says that there is no schema of its kind.
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
	// Metadata of the wrong form reads as if it were not there, so nothing else is looked at.
	_, _, unknown, err := objectmeta.GetObjectMetaWithOptions(object.Object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return field.ErrorList{{Type: field.ErrorTypeForbidden, Field: "metadata", Detail: err.Error()}}, nil //nolint:nilerr // it is the answer
	}
	refused := c.unknown(object, unknown)
	defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, c.structural)
	defaulting.Default(object.Object, c.structural)
	return append(refused, c.validate(ctx, object)...), nil
}

// unknown takes out the fields that the schema does not have, and refuses them and
// those of the metadata.
func (c *compiled) unknown(object *unstructured.Unstructured, metadata []string) field.ErrorList {
	track := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	var unknown field.ErrorList
	for _, path := range append(metadata, pruning.PruneWithOptions(object.Object, c.structural, true, track)...) {
		unknown = append(unknown, &field.Error{Type: field.ErrorTypeForbidden, Field: path, Detail: "unknown field"})
	}
	return unknown
}

// validate is the order in which the API server looks: CEL rules are not evaluated
// for objects whose form is wrong, which they rely on.
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
