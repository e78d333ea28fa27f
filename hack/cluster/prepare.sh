#!/usr/bin/env bash
# Builds what the node runs: the programs of Kubernetes and the test into bin/,
# and images from the Dockerfile into .cluster/.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
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
for version in v1 v2; do
  image "jumpcloud-operator:$version" . --build-arg BUILD_IMAGE=localhost/base:1 --build-arg "STAMP=-X $stamp=$version" \
    --volume "$(go env GOROOT):/usr/local/go:ro" --volume "$(go env GOMODCACHE):/go/pkg/mod" \
    --volume "$(go env GOCACHE):/go/cache"
done
