#!/usr/bin/env bash
# Builds what the node runs: the programs of Kubernetes and the test into bin/, and images from
# the Dockerfile, of this commit and of an older one, into .cluster/.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

# The version to upgrade from: the newest tag before this commit or, without tags, a hundred
# commits back.
older=${UPGRADE_FROM:-$(git describe --tags --abbrev=0 HEAD^ 2>/dev/null || echo HEAD~100)}
git rev-parse --quiet --verify "$older^{commit}" >/dev/null || {
  echo "the history here has no $older to upgrade from: fetch it, or name a commit with UPGRADE_FROM=" >&2
  exit 1
}
rm -rf .cluster/older .cluster/crds
mkdir -p .cluster/older .cluster/crds
git archive "$older" | tar -x -C .cluster/older

# CRDs of other projects that manifests in config/ need.
crds() { # FOLDER MODULE FILE...
  local folder=$1 module=$2 source
  shift 2
  source=$(cd "hack/$folder" && GOWORK=off go mod download "$module" && GOWORK=off go list -m -f '{{.Dir}}' "$module")
  for file in "$@"; do cp "$source/$file" .cluster/crds/; done
}
crds monitoring github.com/prometheus-operator/prometheus-operator \
  example/prometheus-operator-crd/monitoring.coreos.com_{servicemonitors,prometheusrules}.yaml
crds flux github.com/fluxcd/kustomize-controller config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml

hack/build-controlplane.sh
kubernetes=$(sed -n 's/^[[:space:]]*k8s.io\/kubernetes \(v[0-9.]*\).*/\1/p' hack/cluster/go.mod)

build() { # NAME
  if [ -x "bin/$1" ] && [ "bin/$1" -nt hack/cluster/go.mod ]; then return; fi
  echo "building $1 (the first time takes minutes) ..." >&2
  (cd hack/cluster && GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 \
    go build -trimpath -buildvcs=false -p "${BUILD_JOBS:-2}" \
    -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$kubernetes" -o "$root/bin/$1" "k8s.io/kubernetes/cmd/$1")
}
for name in kubelet kube-controller-manager kube-scheduler kube-proxy; do build "$name"; done
(cd hack/cluster && GOWORK=off go test -c -o "$root/bin/cluster.test" .)

base=.cluster/base
rm -rf "$base"
mkdir -p "$base/bin" "$base/etc/ssl/certs"
cp /bin/busybox "$base/bin/sh"
for name in ln sleep; do ln -s sh "$base/bin/$name"; done
cp -L /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/"
cp hack/cluster/base/Dockerfile "$base/"

# image NAME FOLDER ARGUMENT...
image() {
  local name=$1 folder=$2
  shift 2
  buildah --root "$root/.cluster/storage" --runroot "$root/.cluster/runroot" build --quiet \
    --isolation chroot --network host --format docker --pull=never --tag "localhost/$name" "$@" "$folder" >&2
  rm -f ".cluster/${name%:*}-${name#*:}.tar"
  buildah --root "$root/.cluster/storage" --runroot "$root/.cluster/runroot" push --quiet \
    "localhost/$name" "docker-archive:.cluster/${name%:*}-${name#*:}.tar:localhost/$name"
}
image base:1 "$base"
stamp=github.com/jumpcloud-operator/jumpcloud-operator/internal/buildinfo.Version
operator() { # TAG FOLDER
  image "jumpcloud-operator:$1" "$2" --build-arg BUILD_IMAGE=localhost/base:1 --build-arg "STAMP=-X $stamp=$1" \
    --volume "$(go env GOROOT):/usr/local/go:ro" --volume "$(go env GOMODCACHE):/go/pkg/mod" \
    --volume "$(go env GOCACHE):/go/cache"
}
operator older .cluster/older
operator today .
