package directory

import (
	"errors"
	"time"
)

// ReadingDelay is a suitable time to wait after ErrReading.
const ReadingDelay = time.Second

var (
	// ErrReading says that a reading is under way and has not ended: another call reads, or
	// the reading takes longer than one call may. Repeating the call continues it.
	ErrReading = errors.New("a list of the organization is still being read")
	// ErrIncomplete says that a list kept changing while it was read, so that records may have
	// been missed: nothing is known about records that were not seen. Repeating the call in a
	// later pass begins a new reading.
	ErrIncomplete = errors.New("a list of the organization changed while it was read")
	// ErrUnreadable says that a user who is looked for may be one of those whose username,
	// email or id JumpCloud writes in a form that cannot be read: it is not known whether the
	// user exists. The error persists until the record changes.
	ErrUnreadable = errors.New("a user of the organization has a value that cannot be read")
)
