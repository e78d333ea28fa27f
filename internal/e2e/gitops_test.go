package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	lua "github.com/yuin/gopher-lua"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// Argo CD computes the health of every object by this check, in the same interpreter.
var _ = It("Argo CD shows the health of every object", Label("manifests"), func() {
	check := healthCheck()
	condition := func(conditionType, status, reason string) any {
		return map[string]any{"type": conditionType, "status": status, "reason": reason, "message": reason + " it is."}
	}
	ready, reconciling := condition("Ready", "True", "Succeeded"), condition("Reconciling", "True", "Progressing")
	stalled := func(reason string) []any {
		return []any{condition("Ready", "False", reason), condition("Stalled", "True", reason)}
	}
	for name, c := range map[string]struct {
		observed   float64
		conditions []any
		health     string
		message    string
	}{
		"new":                    {observed: -1, health: "Progressing", message: "The operator has not seen the object yet."},
		"done":                   {observed: 2, conditions: []any{ready}, health: "Healthy", message: "Succeeded it is."},
		"changed since":          {observed: 1, conditions: []any{ready}, health: "Progressing", message: "Succeeded it is."},
		"corrected":              {observed: 2, conditions: []any{ready, reconciling}, health: "Progressing", message: "Progressing it is."},
		"first run":              {observed: -1, conditions: []any{condition("Ready", "Unknown", "JobRunning")}, health: "Progressing", message: "JobRunning it is."},
		"waits for an approval":  {observed: 2, conditions: stalled(v1alpha1.ApprovalRequiredReason), health: "Suspended", message: "ApprovalRequired it is."},
		"waits for another one":  {observed: 2, conditions: stalled(v1alpha1.PlanChangedReason), health: "Suspended", message: "PlanChanged it is."},
		"may only plan":          {observed: 2, conditions: stalled(v1alpha1.PlanOnlyReason), health: "Suspended", message: "PlanOnly it is."},
		"to be mended":           {observed: 2, conditions: stalled(v1alpha1.RowsFailedReason), health: "Degraded", message: "RowsFailed it is."},
		"was to be mended":       {observed: 1, conditions: stalled(v1alpha1.RowsFailedReason), health: "Progressing", message: "RowsFailed it is."},
		"paused":                 {observed: 2, conditions: []any{ready, condition("Paused", "True", "Paused")}, health: "Suspended", message: "Paused it is."},
		"not paused any more":    {observed: 2, conditions: []any{ready, condition("Paused", "False", "Paused")}, health: "Healthy", message: "Succeeded it is."},
		"of a kind with its own": {observed: 2, conditions: []any{condition("Authenticated", "True", "Succeeded"), ready}, health: "Healthy", message: "Succeeded it is."},
	} {
		health, message := check(map[string]any{
			"metadata": map[string]any{"generation": 2.0},
			"status":   map[string]any{"observedGeneration": c.observed, "conditions": c.conditions},
		})
		Expect(health).To(Equal(c.health), name)
		Expect(message).To(Equal(c.message), name)
	}
	health, _ := check(map[string]any{"metadata": map[string]any{"generation": 1.0}})
	Expect(health).To(Equal("Progressing"), "without a status")
})

// healthCheck returns the check of config/argocd as a function.
func healthCheck() func(object map[string]any) (health, message string) {
	GinkgoHelper()
	root, err := testenv.Root()
	Expect(err).NotTo(HaveOccurred())
	text, err := os.ReadFile(filepath.Join(root, "config", "argocd", "argocd-cm.yaml"))
	Expect(err).NotTo(HaveOccurred())
	var configuration corev1.ConfigMap
	Expect(yaml.UnmarshalStrict(text, &configuration)).To(Succeed())
	var customizations map[string]map[string]string
	Expect(yaml.Unmarshal([]byte(configuration.Data["resource.customizations"]), &customizations)).To(Succeed())
	script := customizations[v1alpha1.GroupVersion.Group+"/*"]["health.lua"]
	Expect(script).NotTo(BeEmpty())
	return func(object map[string]any) (string, string) {
		state := lua.NewState()
		defer state.Close()
		state.SetGlobal("obj", inLua(state, object))
		Expect(state.DoString(script)).To(Succeed())
		result, ok := state.Get(-1).(*lua.LTable)
		Expect(ok).To(BeTrue())
		return result.RawGetString("status").String(), result.RawGetString("message").String()
	}
}

// inLua converts a JSON value to a Lua value.
func inLua(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, member := range value {
			table.RawSetString(key, inLua(state, member))
		}
		return table
	case []any:
		if value == nil {
			return lua.LNil
		}
		table := state.NewTable()
		for _, item := range value {
			table.Append(inLua(state, item))
		}
		return table
	case string:
		return lua.LString(value)
	case float64:
		return lua.LNumber(value)
	default:
		return lua.LNil
	}
}

var _ = It("Flux applies the operator first", Label("manifests"), func() {
	objects := render("flux")
	Expect(objects).To(HaveKey("Kustomization/jumpcloud-operator"))
	first, found, err := unstructured.NestedSlice(objects["Kustomization/identity"].Object, "spec", "dependsOn")
	Expect(err).NotTo(HaveOccurred())
	Expect(found).To(BeTrue())
	Expect(first).To(ConsistOf(HaveKeyWithValue("name", "jumpcloud-operator")))
})

var _ = It("The dashboard shows metrics that exist", Label("manifests"), func() {
	dashboard := render("grafana")["ConfigMap/jumpcloud-operator-dashboard"]
	Expect(dashboard).NotTo(BeNil())
	text, _, err := unstructured.NestedString(dashboard.Object, "data", "jumpcloud-operator.json")
	Expect(err).NotTo(HaveOccurred())
	Expect(json.Valid([]byte(text))).To(BeTrue())
	expectMetrics(strings.ReplaceAll(text, "_seconds_bucket", "_seconds"))
})
