package ledger

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// The labels and annotations of a ledger's ConfigMaps.
const (
	importLabel = "jumpcloud-operator.io/import"

	runKeyAnnotation    = "jumpcloud-operator.io/run-key"
	runNumberAnnotation = "jumpcloud-operator.io/run-number"
	// layoutAnnotation is the same on all ConfigMaps of a run, and differs if the same run was
	// split differently.
	layoutAnnotation = "jumpcloud-operator.io/ledger-layout"
	// shardAnnotation is the index of this ConfigMap and the number of ConfigMaps: "0/12".
	shardAnnotation = "jumpcloud-operator.io/ledger-shard"
	// writeAnnotation is the number of the write that wrote this ConfigMap, and how many
	// ConfigMaps that write meant to write: "7/3".
	writeAnnotation = "jumpcloud-operator.io/ledger-write"
	// digestAnnotation is the digest of the ConfigMap. It reveals edits; if an editor
	// recomputes it, the status that anchors it reveals them.
	digestAnnotation = "jumpcloud-operator.io/ledger-digest"
)

// shard is the desired content of one ConfigMap.
type shard struct {
	key         string
	content     string
	digest      string
	annotations map[string]string
}

// shards distributes the entries over ConfigMaps. Rows that were split before stay where they
// are: a write that is cut off between two ConfigMaps can then neither lose nor duplicate a
// row.
func (l *Ledger) shards() ([]shard, error) {
	if !l.isSplit() {
		l.cuts = split(l.Entries)
	}
	if len(l.cuts) > maxShards {
		return nil, ErrTooLarge
	}
	key := manifestKey
	if l.Finished {
		key = resultsKey
	}
	number := strconv.FormatInt(l.RunNumber, 10)
	layout := hash(16, l.RunKey, number, fmt.Sprint(l.cuts))
	shards := make([]shard, 0, len(l.cuts))
	rest := l.Entries
	for i, rows := range l.cuts {
		content, err := fit(rest[:rows], l.Finished)
		if err != nil {
			return nil, err
		}
		rest = rest[rows:]
		place := fraction(i, len(l.cuts))
		digest := anchor(l.RunKey, number, place, key, content)
		shards = append(shards, shard{key, content, digest, map[string]string{
			runKeyAnnotation:    l.RunKey,
			runNumberAnnotation: number,
			layoutAnnotation:    layout,
			shardAnnotation:     place,
			digestAnnotation:    digest,
		}})
	}
	return shards, nil
}

// isSplit reports whether there are as many entries as when they were split.
func (l *Ledger) isSplit() bool {
	rows := 0
	for _, n := range l.cuts {
		rows += n
	}
	return len(l.cuts) > 0 && rows == len(l.Entries)
}

// fill writes the shard into the owner's ConfigMap. It keeps labels and annotations of others.
func (s shard) fill(config *corev1.ConfigMap, owner Owner) {
	config.Data, config.BinaryData = map[string]string{s.key: s.content}, nil
	for key, value := range s.annotations {
		metav1.SetMetaDataAnnotation(&config.ObjectMeta, key, value)
	}
	metav1.SetMetaDataLabel(&config.ObjectMeta, v1alpha1.ManagedByLabel, v1alpha1.ManagedBy)
	metav1.SetMetaDataLabel(&config.ObjectMeta, importLabel, owner.label())
	if len(config.OwnerReferences) == 0 {
		config.OwnerReferences = []metav1.OwnerReference{owner.Reference}
	}
}

// fraction writes two numbers as "7/3".
func fraction(number, of int) string { return fmt.Sprintf("%d/%d", number, of) }

// parseFraction reads two numbers; neither may be negative.
func parseFraction(text string) (number, of int, ok bool) {
	n, err := fmt.Sscanf(text, "%d/%d", &number, &of)
	return number, of, err == nil && n == 2 && number >= 0 && of >= 0
}
