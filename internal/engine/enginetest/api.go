package enginetest

import (
	"runtime/debug"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clienttesting "k8s.io/client-go/testing"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Worlds are small and numerous: collecting garbage would take a fifth of the time.
func init() { debug.SetGCPercent(400) }

// kinds returns the kinds that the API server of a World knows. All worlds share the scheme,
// which is only read.
var kinds = sync.OnceValue(func() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(corev1.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	return scheme
})

// tracker stores the objects of one world. Unlike the fake client's own tracker, it keeps no
// managed fields, which the operator does not use: they take a quarter of the time of a test
// that makes thousands of passes.
func tracker(scheme *runtime.Scheme) clienttesting.ObjectTracker {
	return clienttesting.NewObjectTracker(scheme, serializer.NewCodecFactory(scheme).UniversalDecoder())
}
