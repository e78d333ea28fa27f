// Pins the CRDs of the Prometheus operator, which config/prometheus needs. The required package
// is a small one of the module that contains them, and is not run.
module github.com/jumpcloud-operator/jumpcloud-operator/hack/monitoring

go 1.26.0

tool github.com/prometheus-operator/prometheus-operator/pkg/versionutil

require (
	github.com/alecthomas/kingpin/v2 v2.4.0 // indirect
	github.com/alecthomas/units v0.0.0-20240927000941-0f3dac36c52b // indirect
	github.com/prometheus-operator/prometheus-operator v0.92.0 // indirect
	github.com/prometheus/common v0.69.0 // indirect
	github.com/xhit/go-str2duration/v2 v2.1.0 // indirect
)
