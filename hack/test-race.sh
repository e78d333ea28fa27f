#!/usr/bin/env bash
# Runs go test with the race detector, in short mode: see fewCalls in
# internal/engine/enginetest. On most systems that needs a C compiler. Without one, it says so
# and passes: make test runs the same tests without the detector.
set -euo pipefail
cd "$(dirname "$0")/.."
compiler=$(go env CC)
if ! command -v "${compiler%% *}" >/dev/null; then
  echo "race detector not run: there is no C compiler ($compiler)" >&2
  exit 0
fi
CGO_ENABLED=1 exec go test -race -short "$@"
