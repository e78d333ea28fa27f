package rows

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// KeyInputs determine the run key. Mode, approval, limits and annotations are not among them.
type KeyInputs struct {
	OrganizationID string
	Operation      v1alpha1.Operation
	MatchBy        v1alpha1.MatchBy
	CreationSource v1alpha1.CreationSource
	Defaults       []Field
	StateOnUpdate  v1alpha1.StateOnUpdate
	OnInvalidRow   v1alpha1.OnInvalidRow
	// Leavers is part of the key unless leavers are ignored.
	Leavers v1alpha1.LeaversPolicy
	// OnUnknownManager is that of the import; "" means Omit.
	OnUnknownManager v1alpha1.OnUnknownManager
	// Rows are the validated rows. Their order counts; their origin does not.
	Rows []Row
	// Conversion is that of Set.
	Conversion []string
	// Versions are those of Set, of the Secrets that were read.
	Versions []string
}

// RunKey identifies what is imported and how, as "sha256:" and 64 hexadecimal digits. It
// contains no passwords, but the versions of their Secrets, and which key of which Secret a
// row names. Of a row's problems it contains only the fields, so that repairing the row makes
// a new run.
func RunKey(inputs KeyInputs) string {
	sum := sha256.New()
	d := digest{bufio.NewWriter(sum)}
	d.text(
		"jumpcloud-operator.io/run/v1",
		inputs.OrganizationID,
		string(inputs.Operation),
		string(inputs.MatchBy),
		string(inputs.CreationSource),
		string(inputs.StateOnUpdate),
		string(inputs.OnInvalidRow),
	)
	d.fields(inputs.Defaults)
	d.number(len(inputs.Versions))
	d.text(inputs.Versions...)
	d.number(len(inputs.Rows))
	for i := range inputs.Rows {
		d.row(&inputs.Rows[i])
	}
	if len(inputs.Conversion) > 0 { // without a conversion, the key equals that of releases without conversions
		d.number(len(inputs.Conversion))
		d.text(inputs.Conversion...)
	}
	if inputs.Leavers != "" && inputs.Leavers != v1alpha1.LeaversIgnore { // likewise
		d.number(0) // no conversion begins like this
		d.text("leavers", string(inputs.Leavers))
	}
	if inputs.OnUnknownManager == v1alpha1.OnUnknownManagerInvalid { // likewise
		d.number(0)
		d.text("onUnknownManager", string(inputs.OnUnknownManager))
	}
	_ = d.Flush() // a hash never fails
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// digest hashes values with their lengths, so that no two lists of values yield the same
// bytes.
type digest struct{ *bufio.Writer }

func (d digest) number(n int) {
	_, _ = d.Write(binary.AppendUvarint(d.AvailableBuffer(), uint64(n)))
}

func (d digest) text(values ...string) {
	for _, value := range values {
		d.number(len(value))
		_, _ = d.WriteString(value)
	}
}

func (d digest) fields(fields []Field) {
	d.number(len(fields))
	for i := range fields {
		d.text(fields[i].Path, fields[i].Value)
	}
}

func (d digest) row(row *Row) {
	d.fields(row.Fields)
	if row.Password == nil || row.Password.reference == nil {
		d.number(0)
	} else {
		d.number(1)
		d.text(row.Password.reference.Name, row.Password.reference.Key)
	}
	d.number(len(row.Problems))
	for i := range row.Problems {
		d.text(row.Problems[i].Field)
	}
}
