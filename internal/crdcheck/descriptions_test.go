package crdcheck

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// described is a field of a kind as kubectl explain shows it: with its description, but
// without its limits and its default.
type described struct {
	apiextensionsv1.JSONSchemaProps

	path     string
	optional bool
}

// describedFields returns the fields below a path of a kind, except those of Kubernetes' own
// types.
func describedFields(path string, schema *apiextensionsv1.JSONSchemaProps) []described {
	var all []described
	for _, element := range elements(schema) {
		all = append(all, describedFields(path, element)...)
	}
	if _, selector := schema.Properties["matchLabels"]; selector {
		return all
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name]
		if strings.Count(path, ".") == 0 && name == "metadata" {
			continue
		}
		all = append(all, described{property, path + "." + name, !slices.Contains(schema.Required, name)})
		all = append(all, describedFields(path+"."+name, &property)...)
	}
	return all
}

// elements returns the schemas of the items of a list, or of the values of a map.
func elements(schema *apiextensionsv1.JSONSchemaProps) []*apiextensionsv1.JSONSchemaProps {
	var all []*apiextensionsv1.JSONSchemaProps
	if schema.Items != nil {
		all = append(all, schema.Items.Schema)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		all = append(all, schema.AdditionalProperties.Schema)
	}
	return all
}

// limits returns the numbers that bound a value. It omits zeros, which do not need a
// description: nothing is shorter, and few numbers are smaller.
func limits(schema *apiextensionsv1.JSONSchemaProps) []int64 {
	var all []int64
	for _, limit := range []*int64{
		schema.MinLength, schema.MaxLength, schema.MinItems, schema.MaxItems, schema.MinProperties, schema.MaxProperties,
	} {
		if limit != nil {
			all = append(all, *limit)
		}
	}
	for _, limit := range []*float64{schema.Minimum, schema.Maximum} {
		if limit != nil {
			all = append(all, int64(*limit))
		}
	}
	for _, element := range elements(schema) {
		all = append(all, limits(element)...)
	}
	return slices.DeleteFunc(all, func(limit int64) bool { return limit == 0 })
}

// says returns the description of a field and of its elements in one line, with numbers
// without separators.
func says(schema *apiextensionsv1.JSONSchemaProps) string {
	texts := []string{schema.Description}
	for _, element := range elements(schema) {
		texts = append(texts, says(element))
	}
	text := regexp.MustCompile(`,(\d{3})\b`).ReplaceAllString(strings.Join(texts, "\n"), "$1")
	return strings.Join(strings.Fields(text), " ")
}

// unsaid returns what the description of a field does not say about its limits and about the
// meaning of its absence.
func (d described) unsaid() []string {
	var missing []string
	text := says(&d.JSONSchemaProps)
	for _, limit := range limits(&d.JSONSchemaProps) {
		if !regexp.MustCompile(fmt.Sprintf(`\b%d\b`, limit)).MatchString(text) {
			missing = append(missing, fmt.Sprintf("%s: the limit %d", d.path, limit))
		}
	}
	if d.optional && !d.saysAbsent(text) {
		missing = append(missing, d.path+": what absent means")
	}
	return missing
}

// saysAbsent reports whether a text names the default of a field if it is a single value, or
// says in one of three forms what its absence means.
func (d described) saysAbsent(text string) bool {
	var value any
	if d.Default != nil && json.Unmarshal(d.Default.Raw, &value) == nil {
		switch value.(type) {
		case string, bool, float64:
			return regexp.MustCompile(fmt.Sprintf(`Defaults to %s\b`, regexp.QuoteMeta(fmt.Sprint(value)))).MatchString(text)
		}
	}
	return regexp.MustCompile(`\b[Ii]f absent, |\bDefaults to |\bExactly one of `).MatchString(text)
}

func TestEveryFieldIsDescribed(t *testing.T) {
	for kind, crd := range manifests(NewWithT(t)) {
		t.Run(kind, func(t *testing.T) {
			var silent []string
			for _, field := range describedFields(kind, crd.Spec.Versions[0].Schema.OpenAPIV3Schema) {
				if field.Description == "" {
					silent = append(silent, field.path)
				}
			}
			NewWithT(t).Expect(silent).To(BeEmpty())
		})
	}
}

// kubectl explain shows neither limits nor defaults, so the descriptions must.
func TestEveryFieldOfASpecSaysItsLimitsAndWhatAbsentMeans(t *testing.T) {
	for kind, crd := range manifests(NewWithT(t)) {
		t.Run(kind, func(t *testing.T) {
			spec := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
			var unsaid []string
			for _, field := range describedFields(kind+".spec", &spec) {
				unsaid = append(unsaid, field.unsaid()...)
			}
			NewWithT(t).Expect(strings.Join(unsaid, "\n")).To(BeEmpty())
		})
	}
}
