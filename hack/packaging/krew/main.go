// Command krew writes the manifest with which krew, the plugin manager of kubectl, installs
// kubectl-jumpcloud.
//
//	krew VERSION URL ARCHIVE...
//
// URL is where the archives are published. The name of each archive ends in _OS_ARCH.tar.gz.
package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// plugin and platform have the used fields of krew's Plugin.
type plugin struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Version          string     `json:"version"`
		Homepage         string     `json:"homepage"`
		ShortDescription string     `json:"shortDescription"`
		Description      string     `json:"description"`
		Platforms        []platform `json:"platforms"`
	} `json:"spec"`
}

type platform struct {
	Selector metav1.LabelSelector `json:"selector"`
	URI      string               `json:"uri"`
	SHA256   string               `json:"sha256"`
	Bin      string               `json:"bin"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: krew VERSION URL ARCHIVE...")
	}
	manifest := plugin{TypeMeta: metav1.TypeMeta{APIVersion: "krew.googlecontainertools.github.com/v1alpha2", Kind: "Plugin"}}
	manifest.Metadata.Name = "jumpcloud"
	spec := &manifest.Spec
	spec.Version = args[0]
	spec.Homepage = "https://github.com/jumpcloud-operator/jumpcloud-operator"
	spec.ShortDescription = "Plans, approvals and results of JumpCloud users"
	spec.Description = "Shows what jumpcloud-operator plans and did with the users of an organization of\n" +
		"JumpCloud, why an object waits, and approves plans.\n"
	for _, archive := range args[2:] {
		platform, err := platformOf(archive, args[1])
		if err != nil {
			return err
		}
		spec.Platforms = append(spec.Platforms, platform)
	}
	text, err := yaml.Marshal(manifest)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

func platformOf(archive, url string) (platform, error) {
	content, err := os.ReadFile(archive)
	if err != nil {
		return platform{}, err
	}
	name := filepath.Base(archive)
	parts := strings.Split(strings.TrimSuffix(name, ".tar.gz"), "_")
	if len(parts) < 3 {
		return platform{}, fmt.Errorf("the name of %s does not end in _OS_ARCH.tar.gz", name)
	}
	system, arch := parts[len(parts)-2], parts[len(parts)-1]
	program := "kubectl-jumpcloud"
	if system == "windows" {
		program += ".exe"
	}
	return platform{
		Selector: metav1.LabelSelector{MatchLabels: map[string]string{"os": system, "arch": arch}},
		URI:      url + "/" + name, SHA256: fmt.Sprintf("%x", sha256.Sum256(content)), Bin: program,
	}, nil
}
