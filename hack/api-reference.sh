#!/usr/bin/env bash
# Writes the API reference, generated from the comments and markers of the API types.
set -euo pipefail
output=$(realpath "$1")
cd "$(dirname "$0")/.."
log=$("$CRD_REF_DOCS" --source-path=api/v1alpha1 --config=hack/crd-ref-docs.yaml \
  --renderer=markdown --output-path="$output" 2>&1) || { echo "$log" >&2; exit 1; }
# Remove spaces at the ends of lines, and runs of empty lines.
sed -i 's/[[:space:]]*$//' "$output"
cat -s "$output" >"$output.tmp"
mv "$output.tmp" "$output"
