// Package validation checks manifests as the API server and the controllers would, without
// either: it finds what would be refused, before it is applied.
package validation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/crdschema"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
)

// Report is the result for a set of manifests.
type Report struct {
	// Objects counts the checked objects of this operator, and Others all other objects.
	Objects int `json:"objects"`
	Others  int `json:"others"`
	// Problems would be refused, or would stop an object from working.
	Problems []manifest.Problem `json:"problems"`
	// Notes say what could not be checked, because it is not among the manifests.
	Notes []manifest.Problem `json:"notes"`
	// Accepted are the objects that the API server would accept, with their defaults, and the
	// ConfigMaps and Secrets among the manifests, in the order of the manifests.
	Accepted []client.Object `json:"-"`
}

// Complains reports whether there is a problem with an object.
func (r *Report) Complains(kind string, object client.Object) bool {
	title := kind + " " + client.ObjectKeyFromObject(object).String()
	return slices.ContainsFunc(r.Problems, func(p manifest.Problem) bool { return p.Object == title })
}

// validator checks one set of manifests.
type validator struct {
	schemas *crdschema.Schemas
	scheme  *runtime.Scheme
	set     *set
	report  *Report
	// noted holds the notes about absent objects that were added already.
	noted map[string]bool
	// owners maps each claim to the object that stands for it.
	owners map[claim]declared
	// schedules are the ScheduledUserStates of each Organization that were checked so far.
	schedules map[client.ObjectKey][]*v1alpha1.ScheduledUserState
}

// Validate checks objects as if all were applied together. Objects without a namespace are in
// the given one. The error is the context's, or a failure of the program itself.
func Validate(ctx context.Context, objects []*manifest.Object, namespace string) (*Report, error) {
	v, err := newValidator()
	if err != nil {
		return nil, err
	}
	var ours []*manifest.Object
	for _, object := range objects {
		switch object.GroupVersionKind().Group {
		case v1alpha1.GroupVersion.Group:
			setNamespace(object, namespace)
			ours = append(ours, object)
		case corev1.GroupName:
			if object.GetKind() == configMapKind || object.GetKind() == secretKind {
				setNamespace(object, namespace)
				v.source(object)
			}
			v.report.Others++
		default:
			v.report.Others++
		}
	}
	v.report.Objects = len(ours)
	var valid []declared
	for _, object := range ours {
		typed, err := v.create(ctx, object)
		if err != nil {
			return nil, err
		}
		if typed != nil {
			valid = append(valid, declared{object, typed})
		}
	}
	for _, d := range valid {
		if err := v.reconcile(ctx, d); err != nil {
			return nil, err
		}
	}
	v.report.sort()
	v.report.Accepted = v.set.all()
	return v.report, nil
}

func newValidator() (*validator, error) {
	schemas, err := crdschema.Load()
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return &validator{
		schemas: schemas, scheme: scheme, set: &set{scheme: scheme, objects: map[name]declared{}}, noted: map[string]bool{}, owners: map[claim]declared{},
		schedules: map[client.ObjectKey][]*v1alpha1.ScheduledUserState{},
		report:    &Report{Problems: []manifest.Problem{}, Notes: []manifest.Problem{}},
	}, nil
}

func setNamespace(object *manifest.Object, namespace string) {
	if object.GetNamespace() == "" {
		object.SetNamespace(namespace)
	}
}

// sort orders problems and notes by their places.
func (r *Report) sort() {
	for _, list := range [][]manifest.Problem{r.Problems, r.Notes} {
		slices.SortStableFunc(list, func(a, b manifest.Problem) int {
			return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
	}
}

func (v *validator) problem(object *manifest.Object, field, message string) {
	v.report.Problems = append(v.report.Problems, object.Problem(field, message))
}

func (v *validator) note(object *manifest.Object, field, message string) {
	v.report.Notes = append(v.report.Notes, object.Problem(field, message))
}

// source adds a ConfigMap or Secret to the set.
func (v *validator) source(object *manifest.Object) {
	typed, err := v.scheme.New(object.GroupVersionKind())
	if err == nil {
		err = runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, typed, true)
	}
	if err != nil {
		v.problem(object, "", fmt.Sprintf("is no %s: %s", object.GetKind(), oneLine(err)))
		return
	}
	v.add(object, typed)
}

// oneLine returns an error's text on one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
