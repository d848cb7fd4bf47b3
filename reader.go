package ordinaut

import (
	"context"
	"time"
)

// Readers keeps how far those have come who read the log of events one after the
// other, such as a relay. One process at a time reads under a name.
type Readers interface {
	// ReadEvents gives up to limit events behind the position of the reader, and
	// keeps others from reading under its name for the lease. A reader that is not
	// known begins at the end of the log, or with the first event when FromStart is
	// set: the first from which on nothing is gone. ErrHeld when another owner has it.
	ReadEvents(ctx context.Context, r Reader, limit int, lease time.Duration) (Reading, error)
	// AdvanceReader moves the position of the reader, if it still stands at from and
	// the owner still has it; ErrLeaseLost if not. It only goes forward.
	AdvanceReader(ctx context.Context, r Reader, from, to int64) error
	// ListReaders lists readers and how far they have come.
	ListReaders(ctx context.Context) ([]ReaderState, error)
}

// Reader is who reads, on whose behalf.
type Reader struct {
	Name      string
	Owner     string // a process
	FromStart bool   // where it begins when it is not known
}

// Reading is what a reader is given.
type Reading struct {
	After  int64   // its position: everything up to it was read
	Gap    int64   // up to here events behind it may be gone, which nobody will read any more; 0 is none
	Events []Event // behind it, all that are kept
}

// ReaderState is how far a reader has come.
type ReaderState struct {
	Name  string
	After int64
	Lag   int64 // events behind its position
	At    time.Time
}
