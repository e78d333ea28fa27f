#!/usr/bin/env bash
# Writes what a release of VERSION consists of, but for the image, into dist/. No
# file holds a time or a path of this machine: two builds of a commit are equal.
# dist/install.yaml is there already.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${VERSION:?}" "${STAMP:?}"
platforms=${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64}
committed=$(git log -1 --format=%ct)
dist=$PWD/dist
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT

# pack ARCHIVE FOLDER NAME...
pack() {
  tar --create --directory "$2" --sort=name --format=ustar --mtime="@$committed" \
    --owner=0 --group=0 --numeric-owner --mode='u+w,go-w' "${@:3}" | gzip --no-name >"$1"
}

rm -f "$dist"/*.tar.gz "$dist"/*.tgz "$dist"/*.json "$dist"/checksums.txt
for platform in $platforms; do
  os=${platform%/*} arch=${platform#*/}
  folder=$staging/$os-$arch
  program=manager
  if [ "$os" = windows ]; then program=manager.exe; fi
  CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -trimpath -buildvcs=false \
    -ldflags "-s -w -buildid= $STAMP" -o "$folder/$program" .
  cp LICENSE "$folder"
  pack "$dist/jumpcloud-operator_${VERSION}_${os}_${arch}.tar.gz" "$folder" "$program" LICENSE
done
pack "$dist/jumpcloud-operator-${VERSION#v}.tgz" config/helm jumpcloud-operator

first=${platforms%% *}
program=$(find "$staging/${first/\//-}" -name 'manager*')
(cd hack/packaging && GOWORK=off go run ./sbom "$program" "$VERSION" "$(TZ=UTC date -d "@$committed" +%Y-%m-%dT%H:%M:%SZ)") \
  >"$dist/jumpcloud-operator_${VERSION}.spdx.json"
cd "$dist"
sha256sum install.yaml *.tar.gz *.tgz *.json >checksums.txt
