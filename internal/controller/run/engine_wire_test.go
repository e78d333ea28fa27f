package run_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// watched is the API server as the operator sees it.
func (w *world) watched() client.Client {
	before := func(verb string, object client.Object) error {
		if !w.dead {
			if err := w.onCall(verb, object); err != nil {
				return err
			}
		}
		if w.dead {
			return errDead
		}
		return nil
	}
	whole, ok := w.api.(client.WithWatch)
	w.Expect(ok).To(BeTrue())
	return interceptor.NewClient(whole, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, o ...client.GetOption) error {
			object.SetName(key.Name)
			if err := before("get", object); err != nil {
				return err
			}
			return c.Get(ctx, key, object, o...)
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.CreateOption) error {
			if err := before("create", object); err != nil {
				return err
			}
			return c.Create(ctx, object, o...)
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.UpdateOption) error {
			if err := before("update", object); err != nil {
				return err
			}
			return c.Update(ctx, object, o...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, p client.Patch, o ...client.PatchOption) error {
			if err := before("patch", object); err != nil {
				return err
			}
			return c.Patch(ctx, object, p, o...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.DeleteOption) error {
			if err := before("delete", object); err != nil {
				return err
			}
			return c.Delete(ctx, object, o...)
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, object client.Object, o ...client.SubResourceUpdateOption) error {
			if err := before(sub, object); err != nil {
				return err
			}
			return c.SubResource(sub).Update(ctx, object, o...)
		},
	})
}

// inProcess hands the requests of a world's operator to its simulator.
type inProcess struct{ w *world }

// RoundTrip answers as a server would that can be cut off.
func (p inProcess) RoundTrip(request *http.Request) (response *http.Response, err error) {
	if p.w.dead {
		return nil, errDead
	}
	received := request.Clone(request.Context())
	if received.Body == nil {
		received.Body = http.NoBody
	}
	defer func() {
		if reason := recover(); reason != nil {
			if cause, ok := reason.(error); !ok || !errors.Is(cause, http.ErrAbortHandler) {
				panic(reason)
			}
			response, err = nil, errors.New("connection reset")
		}
	}()
	recorder := httptest.NewRecorder()
	p.w.sim.ServeHTTP(recorder, received)
	response = recorder.Result()
	response.Request = request
	return response, nil
}
