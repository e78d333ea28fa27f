package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// OutdatedError is the error of a status write of which the API server kept only a part: the
// CRD does not know the rest. An announcement in it is not stored, so nothing may be sent.
type OutdatedError struct {
	// Kind of the object that was written.
	Kind string
	// Field is the first one that was not kept, such as status.jobs.attempt.
	Field string

	sent map[string]any // status
}

func (e *OutdatedError) Error() string {
	return fmt.Sprintf("the CRD of %s does not keep %s", e.Kind, e.Field)
}

// outdated returns the *OutdatedError of a status write that was not kept whole, or nil.
func outdated(err error) *OutdatedError {
	found, _ := errors.AsType[*OutdatedError](err)
	return found
}

// isOutdated reports whether an error is an *OutdatedError.
func isOutdated(err error) bool { return outdated(err) != nil }

// UpdateStatus writes the status of an object, with its resourceVersion as the precondition,
// and gives the object its new resourceVersion. It fails with an *OutdatedError if the answer
// lacks anything that was sent; the write has been made then. All status writes use it.
func UpdateStatus(ctx context.Context, c client.Client, object client.Object, o ...client.SubResourceUpdateOption) error {
	gvk, err := apiutil.GVKForObject(object, c.Scheme())
	if err != nil {
		return err
	}
	// The client decodes the answer into the object that it sent, and a typed object keeps
	// whatever the answer lacks. An unstructured object becomes the answer.
	body, err := unstructuredOf(object)
	if err != nil {
		return err
	}
	body.SetGroupVersionKind(gvk)
	sent, _ := body.DeepCopy().Object["status"].(map[string]any)
	if err := c.Status().Update(ctx, object, append(o, client.WithSubResourceBody(body))...); err != nil {
		return err
	}
	object.SetResourceVersion(body.GetResourceVersion())
	if field := missing("status", sent, body.Object["status"]); field != "" && len(sent) > 0 {
		return &OutdatedError{Kind: gvk.Kind, Field: field, sent: sent}
	}
	return nil
}

func unstructuredOf(object client.Object) (*unstructured.Unstructured, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{}
	return u, json.Unmarshal(data, &u.Object)
}

// missing returns the path of the first value that was sent and not kept; "" if there is none.
// The path does not say which item of a list it is in. A null counts as not sent.
func missing(path string, sent, kept any) string {
	switch sent := sent.(type) {
	case nil:
		return ""
	case map[string]any:
		kept, ok := kept.(map[string]any)
		if !ok {
			return path
		}
		for _, name := range slices.Sorted(maps.Keys(sent)) {
			if field := missing(path+"."+name, sent[name], kept[name]); field != "" {
				return field
			}
		}
	case []any:
		kept, ok := kept.([]any)
		if !ok || len(kept) < len(sent) {
			return path
		}
		for i := range sent {
			if field := missing(path, sent[i], kept[i]); field != "" {
				return field
			}
		}
	default:
		if kept == nil {
			return path
		}
	}
	return ""
}
