package follow

// Omitting is what a user is created without, because JumpCloud refused it. The zero value
// omits nothing.
type Omitting struct{ paths []string }

// maxOmitted is how many paths a status names.
const maxOmitted = 64

// Omit omits the paths from the next creation and records them in the status. It returns false
// if there are none.
func (o *Omitting) Omit(status *[]string, paths []string) bool {
	if len(paths) == 0 {
		return false
	}
	o.paths = paths[:min(len(paths), maxOmitted)]
	*status = o.paths
	return true
}

// Recall restores in a status what could not be written yet.
func (o *Omitting) Recall(status *[]string) {
	if o.paths != nil {
		*status = o.paths
	}
}

// Forget omits nothing any more.
func (o *Omitting) Forget(status *[]string) { o.paths, *status = nil, nil }
