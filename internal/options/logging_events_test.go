package options

import (
	"bytes"
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	"go.uber.org/zap/zapcore"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

func TestTheEndOfANamespaceIsNoError(t *testing.T) {
	terminating := apierrors.NewForbidden(schema.GroupResource{Resource: "events"}, "hires", nil)
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	cases := map[string]struct {
		err   error
		level zapcore.Level
		want  string
	}{
		"terminating":            {terminating, zapcore.InfoLevel, ""},
		"terminating, verbosely": {terminating, zapcore.Level(-1), `"level":"debug"`},
		"another error":          {errors.New("other"), zapcore.InfoLevel, `"level":"error"`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var log bytes.Buffer
			logger := Calm(zap.New(zap.WriteTo(&log), zap.JSONEncoder(), zap.Level(tc.level)))
			logger.WithName("events").WithValues("a", "b").WithCallDepth(1).Error(tc.err, "Server rejected event (will not retry!)", "event", "e")
			if tc.want == "" {
				g.Expect(log.String()).To(BeEmpty())
				return
			}
			g.Expect(log.String()).To(And(ContainSubstring(tc.want), ContainSubstring(`"a":"b"`), ContainSubstring(`"logger":"events"`)))
		})
	}
}
