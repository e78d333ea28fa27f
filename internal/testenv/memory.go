package testenv

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// parsePeakMemory reads the line VmHWM of a proc status file, in bytes.
func parsePeakMemory(status io.Reader) (int64, error) {
	lines := bufio.NewScanner(status)
	for lines.Scan() {
		value, ok := strings.CutPrefix(lines.Text(), "VmHWM:")
		if !ok {
			continue
		}
		var kilobytes int64
		if _, err := fmt.Sscanf(value, "%d kB", &kilobytes); err != nil {
			return 0, fmt.Errorf("read VmHWM: %w", err)
		}
		return kilobytes << 10, nil
	}
	return 0, errors.Join(errors.New("no VmHWM: the process has ended"), lines.Err())
}
