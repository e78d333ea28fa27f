#!/usr/bin/env bash
# Fails if generated code, CRDs or the API reference differ from the API types, or the files of
# the chart from config. Generates into a folder of its own, so that it neither needs nor
# leaves a clean tree.
set -euo pipefail
cd "$(dirname "$0")/.."
generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT

"$CONTROLLER_GEN" object:headerFile=hack/boilerplate.go.txt paths=./api/v1alpha1 output:object:dir="$generated/api"
"$CONTROLLER_GEN" crd paths=./api/... output:crd:dir="$generated/crd"
hack/api-reference.sh "$generated/api.md"
mkdir "$generated/chart"
(cd hack/packaging && GOWORK=off go run ./chart ../.. "$generated/chart")

status=0
diff -u api/v1alpha1/zz_generated.deepcopy.go "$generated/api/zz_generated.deepcopy.go" || status=1
diff -ru config/crd/bases "$generated/crd" || status=1
diff -u docs/api.md "$generated/api.md" || status=1
diff -ru config/helm/jumpcloud-operator/files "$generated/chart" || status=1
if [ "$status" -ne 0 ]; then
  echo "generated files are out of date: run make generate manifests chart api-reference" >&2
fi
exit "$status"
