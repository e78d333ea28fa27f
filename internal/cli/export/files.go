package export

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Write writes all files into a directory, which must be new or empty. If that fails, it
// leaves nothing: half of an organization would look like a whole one.
func (e *Export) Write(dir string) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := Vacant(dir); err != nil {
		return err
	}
	aside, err := os.MkdirTemp(filepath.Dir(dir), ".export-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("nothing was exported: %w", err), os.RemoveAll(aside))
		}
	}()
	for _, name := range e.paths() {
		file := filepath.Join(aside, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, e.Files[name], 0o600); err != nil {
			return err
		}
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(aside, dir)
}

// Vacant fails unless a directory is new or empty.
func Vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("directory %s is not empty: name a new or empty one, so that no files of an earlier export remain", dir)
	}
	return nil
}
