// Command licenses writes the license of each module that is linked into a program and, with
// -texts, the license texts, which a release must contain. It fails if a module has a license
// that is incompatible with the program's own.
//
//	licenses [-texts] PROGRAM
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/hack/packaging/modules"
)

// allowed are the licenses that require no more than their text and notices.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}

func main() {
	texts := flag.Bool("texts", false, "write the texts, too")
	flag.Parse()
	if err := run(flag.Arg(0), *texts, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(program string, texts bool, to io.Writer) error {
	linked, err := modules.Of(program)
	if err != nil {
		return err
	}
	if err := check(linked); err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	for _, module := range linked {
		_, _ = fmt.Fprintf(out, "%s\t%s\t%s\n", module.Path, module.Version, module.License)
		if !texts {
			continue
		}
		for _, text := range module.Texts {
			_, _ = fmt.Fprintf(out, "\n%s\n%s\n", strings.TrimSpace(text), strings.Repeat("-", 78))
		}
	}
	return out.Flush()
}

// check reports the first module whose license is not allowed.
func check(linked []modules.Module) error {
	for _, module := range linked {
		for id := range strings.SplitSeq(module.License, " AND ") {
			if !slices.Contains(allowed, id) {
				return fmt.Errorf("%s %s is licensed under %s, allowed are %s", module.Path, module.Version, id, strings.Join(allowed, ", "))
			}
		}
	}
	return nil
}
