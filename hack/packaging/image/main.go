// Command image writes an image for several platforms as an OCI layout, without a container
// engine. Equal inputs give equal bytes.
//
//	image LAYOUT NAME VERSION REVISION TIME PLATFORM=LAYER...
//
// LAYOUT is the folder to write. NAME is the name of the image when it is loaded, and TIME is
// that of the commit in RFC 3339. Each PLATFORM is os/arch, and its LAYER an archive of all
// files.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// release is what the images of all platforms have in common.
type release struct {
	version, revision string
	created           time.Time
}

func run(args []string) error {
	if len(args) < 6 {
		return errors.New("usage: image LAYOUT NAME VERSION REVISION TIME PLATFORM=LAYER...")
	}
	created, err := time.Parse(time.RFC3339, args[4])
	if err != nil {
		return err
	}
	images, err := release{version: args[2], revision: args[3], created: created}.index(args[5:])
	if err != nil {
		return err
	}
	path, err := layout.Write(args[0], empty.Index)
	if err != nil {
		return err
	}
	return path.AppendIndex(images, layout.WithAnnotations(map[string]string{
		"io.containerd.image.name":          args[1],
		"org.opencontainers.image.ref.name": args[1],
	}))
}

// index returns an index of the images of all PLATFORM=LAYER.
func (r release) index(platforms []string) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, platform := range platforms {
		name, archive, _ := strings.Cut(platform, "=")
		parsed, err := v1.ParsePlatform(name)
		if err != nil {
			return nil, err
		}
		image, err := r.image(*parsed, archive)
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: parsed}})
	}
	return index, nil
}

// image returns the image of a platform. Its user is not root and is given by number, because
// the image has no list of users.
func (r release) image(platform v1.Platform, archive string) (v1.Image, error) {
	layer, err := tarball.LayerFromFile(archive, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	created := v1.Time{Time: r.created}
	if image, err = mutate.Append(image, mutate.Addendum{Layer: layer, History: v1.History{Created: created}}); err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = platform.OS, platform.Architecture, created
	config.Config = v1.Config{User: "65532:65532", Entrypoint: []string{"/manager"}, Labels: r.labels()}
	return mutate.ConfigFile(image, config)
}

func (r release) labels() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":       "jumpcloud-operator",
		"org.opencontainers.image.description": "Kubernetes operator that reconciles JumpCloud users",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.source":      "https://github.com/jumpcloud-operator/jumpcloud-operator",
		"org.opencontainers.image.version":     r.version,
		"org.opencontainers.image.revision":    r.revision,
		"org.opencontainers.image.created":     r.created.UTC().Format(time.RFC3339),
	}
}
