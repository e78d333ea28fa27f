// Package planlist writes whole plans into ConfigMaps, for people who are to approve them. The
// operator itself never relies on them.
package planlist

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

const (
	// Key of the plan in the ConfigMaps.
	Key = "plan.csv"
	// suffix of the ConfigMaps' names, between the object's own name and a number.
	suffix = "-plan"
	// maxContent is the greatest size of a file: with its metadata, a ConfigMap stays under
	// 512 KiB, half of what an API server accepts.
	maxContent = 504 << 10
	// maxShards is how many ConfigMaps the three digits of their names can name.
	maxShards = 1000
	// maxText bounds a cell in bytes.
	maxText = 1024
	// maxName is the greatest length of an object's name that leaves room for the suffix and
	// the number.
	maxName = 253 - len(suffix) - len("-000")
)

// ErrTooLarge says that a plan does not fit into the ConfigMaps that one object can have.
var ErrTooLarge = errors.New("the plan does not fit into ConfigMaps")

var header = []string{"action", "subject", "field", "harmful", "withheld"}

// Change is one change of a plan. It contains no values.
type Change struct {
	Action            v1alpha1.ChangeAction
	Subject           string
	Fields            []string
	Harmful, Withheld bool
}

// rows returns the lines of a change: one for each field, or one if there is none.
func (c *Change) rows() [][]string {
	fields := c.Fields
	if len(fields) == 0 {
		fields = []string{""}
	}
	rows := make([][]string, 0, len(fields))
	for _, field := range fields {
		rows = append(rows, []string{string(c.Action), cell(c.Subject), cell(field), flag(c.Harmful), flag(c.Withheld)})
	}
	return rows
}

func flag(set bool) string {
	if set {
		return "true"
	}
	return ""
}

// cell makes a text one bounded line that no spreadsheet evaluates.
func cell(text string) string { return ledger.Cell(ledger.Text(text, maxText)) }

// shard is the content of one ConfigMap, and its number of rows.
type shard struct {
	content string
	rows    int
}

// split writes changes as CSV, into as many files as necessary.
func split(changes []Change) ([]shard, error) {
	first := line(header)
	var shards []shard
	present := shard{content: first}
	var b strings.Builder
	end := func() {
		present.content = first + b.String()
		shards = append(shards, present)
		present = shard{}
		b.Reset()
	}
	for i := range changes {
		for _, row := range changes[i].rows() {
			text := line(row)
			if present.rows > 0 && len(first)+b.Len()+len(text) > maxContent {
				end()
			}
			b.WriteString(text)
			present.rows++
		}
	}
	end()
	if len(shards) > maxShards {
		return nil, ErrTooLarge
	}
	return shards, nil
}

func line(row []string) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(row)
	w.Flush()
	return b.String()
}

// Owner is the object that the plan belongs to.
type Owner struct {
	Namespace string
	// Reference to the object as the controller of its ConfigMaps.
	Reference metav1.OwnerReference
}

// Name returns the name of the ConfigMap with an index. An object name that is too long for it
// is cut, and a hash keeps it apart from others with the same beginning.
func (o *Owner) Name(index int) string {
	const digits = 16
	name := o.Reference.Name
	if len(name) > maxName {
		sum := sha256.Sum256([]byte(name))
		name = strings.TrimRight(name[:maxName-digits-1], ".-") + "-" + hex.EncodeToString(sum[:])[:digits]
	}
	return fmt.Sprintf("%s%s-%03d", name, suffix, index)
}

func (o *Owner) controls(config *corev1.ConfigMap) bool {
	controller := metav1.GetControllerOfNoCopy(config)
	return controller != nil && controller.UID == o.Reference.UID
}

// precededBy reports whether the ConfigMap belongs to an earlier object of the owner's kind
// and name: it will be garbage collected.
func (o *Owner) precededBy(config *corev1.ConfigMap) bool {
	controller := metav1.GetControllerOfNoCopy(config)
	return controller != nil && controller.Kind == o.Reference.Kind && controller.Name == o.Reference.Name
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256:" + hex.EncodeToString(sum[:])
}
