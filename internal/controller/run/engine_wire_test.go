package run_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

var errDead = errors.New("the process is dead")

// call is one that the operator makes.
type call struct {
	// verb to the API server: get, create, update, patch, delete or status. Or
	// a method, to JumpCloud.
	verb string
	// object of a call to the API server. Of one that is read only the name is
	// known.
	object client.Object
	// path of a call to JumpCloud.
	path string
}

// writes tells whether the call is to change something.
func (c call) writes() bool {
	return c.verb != "get" && c.verb != http.MethodGet && !strings.HasPrefix(c.path, "/api/search/")
}

// make makes a call of the operator, if its process lives.
func (w *world) make(c call, do func() error) error {
	if w.dead {
		return errDead
	}
	if w.onCall != nil {
		return w.onCall(c, do)
	}
	return do()
}

// watched is the API server as the operator sees it.
func (w *world) watched() client.Client {
	whole, ok := w.api.(client.WithWatch)
	w.Expect(ok).To(BeTrue())
	return interceptor.NewClient(whole, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, o ...client.GetOption) error {
			object.SetName(key.Name)
			return w.make(call{verb: "get", object: object}, func() error { return c.Get(ctx, key, object, o...) })
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.CreateOption) error {
			return w.make(call{verb: "create", object: object}, func() error { return c.Create(ctx, object, o...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.UpdateOption) error {
			return w.make(call{verb: "update", object: object}, func() error { return c.Update(ctx, object, o...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, p client.Patch, o ...client.PatchOption) error {
			return w.make(call{verb: "patch", object: object}, func() error { return c.Patch(ctx, object, p, o...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.DeleteOption) error {
			return w.make(call{verb: "delete", object: object}, func() error { return c.Delete(ctx, object, o...) })
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, object client.Object, o ...client.SubResourceUpdateOption) error {
			return w.make(call{verb: sub, object: object}, func() error { return c.SubResource(sub).Update(ctx, object, o...) })
		},
	})
}

// inProcess hands the requests of a world's operator to its simulator.
type inProcess struct{ w *world }

// RoundTrip answers as a server would that can be cut off.
func (p inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	err := p.w.make(call{verb: request.Method, path: request.URL.Path}, func() error {
		received := request.Clone(request.Context())
		if received.Body == nil {
			received.Body = http.NoBody
		}
		return serve(p.w.sim, recorder, received)
	})
	if err != nil {
		return nil, err
	}
	response := recorder.Result()
	response.Request = request
	return response, nil
}

// serve lets a handler answer, and fails where it gives up the connection.
func serve(handler http.Handler, w http.ResponseWriter, request *http.Request) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			if cause, ok := reason.(error); !ok || !errors.Is(cause, http.ErrAbortHandler) {
				panic(reason)
			}
			err = errors.New("connection reset")
		}
	}()
	handler.ServeHTTP(w, request)
	return nil
}
