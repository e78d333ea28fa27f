// Package crd holds the CustomResourceDefinitions of this operator's kinds.
package crd

import "embed"

// Bases are the generated manifests, in the folder bases.
//
//go:embed bases/*.yaml
var Bases embed.FS
