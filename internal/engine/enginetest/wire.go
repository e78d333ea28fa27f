package enginetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle/fakestatus"
)

// ErrDead is the error of the calls of a dead process.
var ErrDead = errors.New("the process is dead")

// Call is a call that the operator makes.
type Call struct {
	// Verb of a call to the API server: get, list, create, update, patch, delete or status.
	// For a call to JumpCloud, the HTTP method.
	Verb string
	// Object of a call to the API server. For a get, only its name is set; for a list, it is
	// nil.
	Object client.Object
	// Path of a call to JumpCloud.
	Path string
}

// Writes reports whether the call changes something.
func (c Call) Writes() bool {
	switch c.Verb {
	case "get", "list", http.MethodGet:
		return false
	default:
		return !strings.HasPrefix(c.Path, "/api/search/")
	}
}

// reads reports whether the call changes nothing.
func (c Call) reads() bool { return !c.Writes() }

// make makes a call of the operator if its process is alive.
func (w *World[T]) make(c Call, do func() error) error {
	if w.Dead {
		return ErrDead
	}
	if w.OnCall != nil {
		return w.OnCall(c, do)
	}
	return do()
}

// watched returns the API server as the operator sees it.
func (w *World[T]) watched() client.Client {
	whole, ok := w.API.(client.WithWatch)
	w.Expect(ok).To(gomega.BeTrue())
	return interceptor.NewClient(whole, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, o ...client.GetOption) error {
			object.SetName(key.Name)
			return w.make(Call{Verb: "get", Object: object}, func() error {
				if w.cache.shows(key, object) {
					return nil
				}
				return c.Get(ctx, key, object, o...)
			})
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, o ...client.ListOption) error {
			return w.make(Call{Verb: "list"}, func() error {
				selector := (&client.ListOptions{}).ApplyOptions(o).FieldSelector
				if w.distinct && selector != nil && strings.Contains(selector.String(), lifecycle.IdentityKeysField) {
					return nil
				}
				return c.List(ctx, list, o...)
			})
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.CreateOption) error {
			return w.make(Call{Verb: "create", Object: object}, func() error { return c.Create(ctx, object, o...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.UpdateOption) error {
			return w.make(Call{Verb: "update", Object: object}, func() error { return c.Update(ctx, object, o...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, p client.Patch, o ...client.PatchOption) error {
			return w.make(Call{Verb: "patch", Object: object}, func() error { return c.Patch(ctx, object, p, o...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.DeleteOption) error {
			return w.make(Call{Verb: "delete", Object: object}, func() error { return c.Delete(ctx, object, o...) })
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, object client.Object, o ...client.SubResourceUpdateOption) error {
			return w.make(Call{Verb: sub, Object: object}, func() error { return w.store(ctx, c, object, o) })
		},
	})
}

// live returns the API server as the operator reads it past its cache.
func (w *World[T]) live() client.Reader {
	whole, ok := w.API.(client.WithWatch)
	w.Expect(ok).To(gomega.BeTrue())
	return interceptor.NewClient(whole, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, o ...client.GetOption) error {
			object.SetName(key.Name)
			return w.make(Call{Verb: "get", Object: object}, func() error { return c.Get(ctx, key, object, o...) })
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, o ...client.ListOption) error {
			return w.make(Call{Verb: "list"}, func() error { return c.List(ctx, list, o...) })
		},
	})
}

// store updates a status like an API server whose CRD does not have the fields in Lacking:
// they are neither stored nor returned.
func (w *World[T]) store(ctx context.Context, c client.Client, object client.Object, o []client.SubResourceUpdateOption) error {
	return fakestatus.Update(ctx, c, object, o, func(body map[string]any) {
		for _, field := range w.Lacking {
			drop(body, strings.Split(field, "."))
		}
	})
}

// drop removes a field from a value; in a list, from every item.
func drop(value any, path []string) {
	switch value := value.(type) {
	case map[string]any:
		if len(path) == 1 {
			delete(value, path[0])
			return
		}
		drop(value[path[0]], path[1:])
	case []any:
		for _, item := range value {
			drop(item, path)
		}
	}
}

// inProcess passes requests to a simulator, without a network.
type inProcess struct {
	sim  http.Handler
	make func(c Call, do func() error) error
}

// RoundTrip answers like a server whose connection can be cut.
func (p inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	err := p.make(Call{Verb: request.Method, Path: request.URL.Path}, func() error {
		if err := request.Context().Err(); err != nil {
			return err // it was canceled before the first byte was sent
		}
		received := request.Clone(request.Context())
		if received.Body == nil {
			received.Body = http.NoBody
		}
		return serve(p.sim, recorder, received)
	})
	if err != nil {
		return nil, err
	}
	response := recorder.Result()
	response.Request = request
	return response, nil
}

// serve lets a handler answer, and fails if the handler aborts the connection.
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

// recorder records events.
type recorder struct {
	mu     sync.Mutex
	events *[]string
}

func (r *recorder) Eventf(_, _ runtime.Object, _, reason, _, note string, arguments ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.events = append(*r.events, reason+": "+fmt.Sprintf(note, arguments...))
}
