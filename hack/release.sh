#!/usr/bin/env bash
# Writes the files of a release of VERSION into dist/. No file contains a time or a path of
# this machine: two builds of a commit are equal. dist/install.yaml must exist already.
set -euo pipefail
export LC_ALL=C # the order of files
cd "$(dirname "$0")/.."
: "${VERSION:?}" "${STAMP:?}" "${IMG:?}" "${RELEASE_URL:?}"
platforms=${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64}
epoch=$(git log -1 --format=%ct)
committed=$(TZ=UTC date -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
dist=$PWD/dist
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT

# pack FOLDER NAME... writes an archive to the standard output.
pack() {
  tar --create --directory "$1" --sort=name --format=ustar --mtime="@$epoch" \
    --owner=0 --group=0 --numeric-owner --mode='a=rX,u+w' "${@:2}" | gzip --no-name
}

# tool NAME ARGUMENT... runs a program of hack/packaging.
tool() { "$staging/tools/$1" "${@:2}"; }
GOWORK=off go -C hack/packaging build -o "$staging/tools/" ./image ./krew ./licenses ./sbom

rm -rf "$dist"/*.tar.gz "$dist"/*.tar "$dist"/*.tgz "$dist"/*.json "$dist"/jumpcloud.yaml "$dist"/checksums.txt
archives=() layers=()
for platform in $platforms; do
  os=${platform%/*} arch=${platform#*/}
  folder=$staging/$os-$arch
  program=kubectl-jumpcloud
  if [ "$os" = windows ]; then program=kubectl-jumpcloud.exe; fi
  CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -trimpath -buildvcs=false \
    -ldflags "-s -w -buildid= $STAMP" -o "$folder/$program" .
  cp LICENSE "$folder"
  tool licenses -texts "$folder/$program" >"$folder/THIRD_PARTY_LICENSES"
  archive=$dist/kubectl-jumpcloud_${VERSION}_${os}_${arch}.tar.gz
  pack "$folder" "$program" LICENSE THIRD_PARTY_LICENSES >"$archive"
  archives+=("$archive")
  if [ "$os" = linux ]; then
    mkdir "$folder/image"
    mv "$folder/$program" "$folder/image/manager"
    ln -s manager "$folder/image/$program"
    mv "$folder"/*LICENSE* "$folder/image"
    pack "$folder/image" . >"$folder/layer.tar.gz"
    layers+=("$platform=$folder/layer.tar.gz")
    tool sbom "$folder/image/manager" "$VERSION" "$committed" >"$dist/jumpcloud-operator_${VERSION}_${os}_${arch}.spdx.json"
  fi
done

tool image "$staging/image" "$IMG" "$VERSION" "$(git rev-parse HEAD)" "$committed" "${layers[@]}"
pack "$staging/image" . | gunzip >"$dist/jumpcloud-operator_${VERSION}_image.tar"
pack config/helm jumpcloud-operator >"$dist/jumpcloud-operator-${VERSION#v}.tgz"
tool krew "$VERSION" "$RELEASE_URL" "${archives[@]}" >"$dist/jumpcloud.yaml"

cd "$dist"
sha256sum install.yaml jumpcloud.yaml *.tar *.tar.gz *.tgz *.json >checksums.txt
