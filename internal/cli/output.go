package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"
)

// output is the flag -o of a command.
type output struct {
	format  string
	formats []string
}

// addTo adds the flag; formats are some of json, yaml and csv.
func (o *output) addTo(command *cobra.Command, formats ...string) {
	o.formats = formats
	command.Flags().StringVarP(&o.format, "output", "o", "", "output format, one of "+strings.Join(formats, ", ")+"; text for people if not set")
	_ = command.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// check refuses an unknown format, before anything is read.
func (o *output) check() error {
	if o.format != "" && !slices.Contains(o.formats, o.format) {
		return usagef("invalid --output %q: must be one of %s", o.format, strings.Join(o.formats, ", "))
	}
	return nil
}

// encode writes a value as JSON or YAML.
func (o *output) encode(w io.Writer, value any) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	content = append(content, '\n')
	if o.format == "yaml" {
		if content, err = yaml.JSONToYAML(content); err != nil {
			return err
		}
	}
	return write(w, string(content))
}

// write writes all of a text at once: a reader of only half of it learns that from the exit
// code.
func write(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// sink is where a command writes its output. It keeps the first error: what a library writes,
// such as a help text or a script, is no success either if it was not written.
type sink struct {
	io.Writer

	err error
}

// Write implements io.Writer.
func (s *sink) Write(content []byte) (int, error) {
	n, err := s.Writer.Write(content)
	if err != nil {
		err = fmt.Errorf("write the output: %w", err)
		s.err = cmp.Or(s.err, err)
	}
	return n, err
}
