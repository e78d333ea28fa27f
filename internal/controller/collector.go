package controller

import (
	"context"
	"reflect"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// collectTimeout bounds the reads of a scrape: the cache is not filled at the start.
const collectTimeout = 2 * time.Second

var (
	stalledObjects = prometheus.NewDesc("jumpcloud_objects_stalled",
		"Objects whose condition Stalled is True: a person must act.", []string{"organization", "kind", "reason"}, nil)
	notReadyObjects = prometheus.NewDesc("jumpcloud_objects_not_ready",
		"Objects whose condition Ready is not True, by its reason.", []string{"organization", "kind", "reason"}, nil)
	scheduleUsers = prometheus.NewDesc("jumpcloud_schedule_users",
		"Users of scheduled states who did not come into the state in time (missed), or whose scheduled job another client removed (lost).",
		[]string{"organization", "phase"}, nil)
)

// Collector returns a collector that counts the objects in the cache at each scrape. The label
// organization is JumpCloud's id, or "" while it is not known; no label names a user. A kind
// that the cache does not return in time is left out of that scrape.
func Collector(cache client.Reader, scheme *runtime.Scheme) prometheus.Collector {
	return &collector{cache, scheme}
}

type collector struct {
	cache  client.Reader
	scheme *runtime.Scheme
}

// Describe implements prometheus.Collector.
func (*collector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- stalledObjects
	descriptions <- notReadyObjects
	descriptions <- scheduleUsers
}

type (
	reasonKey   struct{ organization, kind, reason string }
	scheduleKey struct{ organization, phase string }
	counts      struct {
		stalled, notReady map[reasonKey]int
		schedule          map[scheduleKey]int
	}
)

// Collect implements prometheus.Collector.
func (c *collector) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTimeout) //nolint:forbidigo // a scrape has no context here
	defer cancel()
	found := counts{map[reasonKey]int{}, map[reasonKey]int{}, map[scheduleKey]int{}}
	for kind, object := range c.scheme.KnownTypes(v1alpha1.GroupVersion) {
		if _, ok := reflect.TypeAssert[lifecycle.Object](reflect.New(object)); !ok {
			continue
		}
		if err := c.count(ctx, v1alpha1.GroupVersion.WithKind(kind), &found); err != nil {
			ctrl.Log.V(1).Info("Could not count objects for the metrics", "kind", kind, "error", err.Error())
		}
	}
	for description, objects := range map[*prometheus.Desc]map[reasonKey]int{stalledObjects: found.stalled, notReadyObjects: found.notReady} {
		for key, n := range objects {
			metrics <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, float64(n), key.organization, key.kind, key.reason)
		}
	}
	for key, n := range found.schedule {
		metrics <- prometheus.MustNewConstMetric(scheduleUsers, prometheus.GaugeValue, float64(n), key.organization, key.phase)
	}
}

func (c *collector) count(ctx context.Context, kind schema.GroupVersionKind, found *counts) error {
	made, err := c.scheme.New(kind.GroupVersion().WithKind(kind.Kind + "List"))
	if err != nil {
		return err
	}
	list, ok := made.(client.ObjectList)
	if !ok {
		return nil
	}
	if err := c.cache.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	return apimeta.EachListItem(list, func(item runtime.Object) error {
		if object, ok := item.(lifecycle.Object); ok {
			found.add(kind.Kind, object)
		}
		return nil
	})
}

func (f *counts) add(kind string, object lifecycle.Object) {
	status := object.Common()
	if stalled := apimeta.FindStatusCondition(status.Conditions, v1alpha1.StalledCondition); stalled != nil && stalled.Status == metav1.ConditionTrue {
		f.stalled[reasonKey{status.OrganizationID, kind, stalled.Reason}]++
	}
	if ready := apimeta.FindStatusCondition(status.Conditions, v1alpha1.ReadyCondition); ready != nil && ready.Status != metav1.ConditionTrue {
		f.notReady[reasonKey{status.OrganizationID, kind, ready.Reason}]++
	}
	if state, ok := object.(*v1alpha1.ScheduledUserState); ok && state.Status.Summary != nil {
		f.schedule[scheduleKey{status.OrganizationID, "missed"}] += int(state.Status.Summary.Missed)
		f.schedule[scheduleKey{status.OrganizationID, "lost"}] += int(state.Status.Summary.Lost)
	}
}
