package pushendpoint

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

const (
	// usedStep is how far status.lastUsedDate may lag behind: recording each use would write
	// the status at every resync.
	usedStep = 24 * time.Hour
	// maxText bounds each text about a device in the status, and maxState a state.
	maxText, maxState = 256, 64
)

// The fields of an endpoint that a spec may state.
const (
	fieldName  = "name"
	fieldState = "state"
)

// diff returns the fields that the spec states and whose live values differ.
func diff(spec *v1alpha1.PushEndpointSpec, live *jumpcloud.PushEndpoint) fielddiff.Fields {
	var fields fielddiff.Fields
	for _, stated := range []fielddiff.Field{{Name: fieldName, New: spec.Name}, {Name: fieldState, New: string(spec.State)}} {
		stated.Old = valueOf(live, stated.Name)
		if stated.New != "" && stated.New != stated.Old {
			fields.Note(stated.Name, stated.Old, stated.New)
		}
	}
	return fields
}

// valueOf returns a field of an endpoint as the spec has it.
func valueOf(live *jumpcloud.PushEndpoint, field string) string {
	if field == fieldName {
		return live.Name
	}
	return stateOf(live)
}

// stateOf returns the state of an endpoint in upper camel case, as the spec has it. It is
// unknown which states JumpCloud has besides active and inactive.
func stateOf(live *jumpcloud.PushEndpoint) string {
	if live.State == "" {
		return ""
	}
	return strings.ToUpper(live.State[:1]) + live.State[1:]
}

// note records what was read.
func note(status *v1alpha1.PushEndpointStatus, userID string, live *jumpcloud.PushEndpoint) {
	used := dateOf(live.LastUsedDate)
	if before := status.LastUsedDate; status.ID == live.ID && before != nil && used != nil && used.Sub(before.Time).Abs() < usedStep {
		used = before
	}
	deactivated := status.Deactivated && status.ID == live.ID && stateOf(live) == string(v1alpha1.PushEndpointInactive)
	status.ID, status.UserID, status.State, status.Deactivated = live.ID, userID, text.Clip(stateOf(live), maxState), deactivated
	status.EnrollmentDate, status.LastUsedDate = dateOf(live.EnrollmentDate), used
	device := &live.Device
	status.Device = &v1alpha1.PushDeviceStatus{
		Make: text.Clip(device.Make, maxText), Model: text.Clip(device.Model, maxText), OS: text.Clip(device.OS, maxText),
		OSVersion: text.Clip(device.OSVersion, maxText), AppVersion: text.Clip(device.AppVersion, maxText),
	}
}

// dateOf truncates a time to seconds, as it is stored: otherwise it would differ from what is
// stored at every pass.
func dateOf(t *time.Time) *metav1.Time {
	if t == nil {
		return nil
	}
	return new(metav1.NewTime(*t).Rfc3339Copy())
}
