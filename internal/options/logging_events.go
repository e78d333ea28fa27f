package options

import (
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Calm returns a logger that does not log as errors that a namespace under deletion refuses
// new objects, above all events about its objects.
func Calm(logger logr.Logger) logr.Logger {
	return logger.WithSink(calm{logger.GetSink()})
}

type calm struct{ logr.LogSink }

// Error implements logr.LogSink.
func (c calm) Error(err error, message string, values ...any) {
	if err == nil || !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		c.LogSink.Error(err, message, values...)
		return
	}
	if c.Enabled(1) {
		c.Info(1, message, append(values, "error", err.Error())...)
	}
}

// WithValues implements logr.LogSink.
func (c calm) WithValues(values ...any) logr.LogSink { return calm{c.LogSink.WithValues(values...)} }

// WithName implements logr.LogSink.
func (c calm) WithName(name string) logr.LogSink { return calm{c.LogSink.WithName(name)} }

// WithCallDepth implements logr.CallDepthLogSink.
func (c calm) WithCallDepth(depth int) logr.LogSink {
	if sink, ok := c.LogSink.(logr.CallDepthLogSink); ok {
		return calm{sink.WithCallDepth(depth)}
	}
	return c
}
