#!/usr/bin/env bash
# Builds etcd, kube-apiserver and kubectl from their Go modules into bin/, each only if it is
# missing or older than its module file.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bin
bin=$PWD/bin

# build NAME MODULE-FOLDER PACKAGE [LDFLAGS]
build() {
  local name=$1 module=$2 package=$3 ldflags=${4:-}
  if [ -x "$bin/$name" ] && [ "$bin/$name" -nt "$module/go.mod" ]; then return; fi
  echo "building $name (the first time takes minutes) ..." >&2
  (cd "$module" && GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 \
    go build -trimpath -buildvcs=false -p "${BUILD_JOBS:-2}" -ldflags "-s -w $ldflags" -o "$bin/$name" "$package")
}

kubernetes=$(sed -n 's/^[[:space:]]*k8s.io\/kubernetes \(v[0-9.]*\).*/\1/p' hack/controlplane/go.mod)
version="-X k8s.io/component-base/version.gitVersion=$kubernetes"
build etcd hack/etcd go.etcd.io/etcd/server/v3
build kube-apiserver hack/controlplane k8s.io/kubernetes/cmd/kube-apiserver "$version"
build kubectl hack/controlplane k8s.io/kubernetes/cmd/kubectl "$version"
