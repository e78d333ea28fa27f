package directory

import (
	"errors"
	"time"
)

// ReadingDelay is a good time to wait after ErrReading.
const ReadingDelay = time.Second

var (
	// ErrReading says that a reading is under way and has not ended: another call
	// reads, or it takes longer than one call may. The same call continues it.
	ErrReading = errors.New("a list of the organization is still being read")
	// ErrIncomplete says that a list changed again and again while it was read, so
	// that records may have been missed: nothing is known of what was not seen. The
	// same call, in a later pass, begins a new reading.
	ErrIncomplete = errors.New("a list of the organization changed while it was read")
	// ErrUnreadable says that a user who is looked for may be one of those whose
	// username, email or id JumpCloud writes in a form that cannot be read: it is
	// not known whether there is such a user. It stays so until the record changes.
	ErrUnreadable = errors.New("a user of the organization has a value that cannot be read")
)
