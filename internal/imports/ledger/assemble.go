package ledger

import (
	"errors"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// assemble builds the ledger from its ConfigMaps, where nil stands for one that does not
// exist. It returns nil if they are not the whole of one run. Surplus ConfigMaps do not
// matter: a write was cut off before it deleted them.
func assemble(configs []*corev1.ConfigMap) *Ledger {
	if len(configs) == 0 || configs[0] == nil {
		return nil
	}
	first := configs[0].Annotations
	_, count, ok := parseFraction(first[shardAnnotation])
	number, err := strconv.ParseInt(first[runNumberAnnotation], 10, 64)
	if !ok || err != nil || count < 1 || count > len(configs) {
		return nil
	}
	ledger := &Ledger{
		RunKey: first[runKeyAnnotation], RunNumber: number,
		Finished: true, Partial: cutOff(configs[:count]),
		versions: versions(configs),
	}
	planned := false
	for i, config := range configs[:count] {
		if config == nil ||
			config.Annotations[layoutAnnotation] != first[layoutAnnotation] ||
			config.Annotations[shardAnnotation] != fraction(i, count) {
			return nil
		}
		entries, digest, finished, err := open(config)
		if err != nil {
			return nil
		}
		ledger.digests = append(ledger.digests, digest)
		ledger.Finished = ledger.Finished && finished
		planned = planned || finished && slices.ContainsFunc(entries, pending)
		ledger.Entries = append(ledger.Entries, entries...)
		ledger.cuts = append(ledger.cuts, len(entries))
	}
	// Results among manifests belong to a run that was about to finish. If they belong to a
	// plan, they lack the jobs of rows that will be sent.
	if planned && !ledger.Finished || !ascend(ledger.Entries) {
		return nil
	}
	return ledger
}

var errEdited = errors.New("the content is not as it was written")

// open reads the entries of one ConfigMap, and computes its digest.
func open(config *corev1.ConfigMap) (entries []Entry, digest string, finished bool, err error) {
	key := manifestKey
	content, ok := config.Data[key]
	if !ok {
		key = resultsKey
		content = config.Data[key]
	}
	says := config.Annotations
	digest = anchor(says[runKeyAnnotation], says[runNumberAnnotation], says[shardAnnotation], key, content)
	if says[digestAnnotation] != digest {
		return nil, "", false, errEdited
	}
	finished = key == resultsKey
	entries, err = decode(content, finished)
	return entries, digest, finished, err
}

func pending(entry Entry) bool { return entry.Outcome == "" }

func ascend(entries []Entry) bool {
	row := 0
	for _, entry := range entries {
		if entry.Row <= row {
			return false
		}
		row = entry.Row
	}
	return true
}

// lastWrite returns the highest number of a write among the ConfigMaps.
func lastWrite(configs []*corev1.ConfigMap) int {
	last := 0
	for _, config := range configs {
		if config != nil {
			write, _, _ := parseFraction(config.Annotations[writeAnnotation])
			last = max(last, write)
		}
	}
	return last
}

// cutOff reports whether the latest write did not reach all the ConfigMaps that it meant to
// write.
func cutOff(configs []*corev1.ConfigMap) bool {
	last, reached, meant := lastWrite(configs), 0, 0
	for _, config := range configs {
		if config == nil {
			continue
		}
		if write, of, _ := parseFraction(config.Annotations[writeAnnotation]); write == last {
			reached, meant = reached+1, of
		}
	}
	return reached < meant
}

// versions returns the resource versions of ConfigMaps; "" for one that does not exist.
func versions(configs []*corev1.ConfigMap) []string {
	versions := make([]string, len(configs))
	for i, config := range configs {
		if config != nil {
			versions[i] = config.ResourceVersion
		}
	}
	return versions
}
