package spawn

import (
	"bytes"
	"errors"
	"io"
	"os"
	"time"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// stdio is one side of the three pipes between us and the child.
type stdio struct {
	in, out, err *os.File
}

// pipes makes the pipes. Ours are closed in every process that we start.
func pipes() (ours, theirs stdio, err error) {
	var errs [3]error
	theirs.in, ours.in, errs[0] = os.Pipe()
	ours.out, theirs.out, errs[1] = os.Pipe()
	ours.err, theirs.err, errs[2] = os.Pipe()
	if err := errors.Join(errs[:]...); err != nil {
		ours.close()
		theirs.close()
		return stdio{}, stdio{}, err
	}
	return ours, theirs, nil
}

// close closes what is open.
func (s stdio) close() {
	for _, f := range []*os.File{s.in, s.out, s.err} {
		_ = f.Close() // a nil file says that it is none
	}
}

// hangUp stops waiting at the moment for what the child may still write.
func (s stdio) hangUp(at time.Time) {
	_ = s.out.SetReadDeadline(at)
	_ = s.err.SetReadDeadline(at)
}

// poured is how many pieces of standard error may wait for their writer, so that
// at most limits.StderrBytes do.
const poured = limits.StderrBytes / limits.LogLineBytes

// pour hands what comes from r to w, until r ends; then it closes r and the
// channel. It reads on while w is busy, and drops the oldest that waits, so that
// a slow writer never stops the child and the last words before a crash arrive.
func pour(r io.ReadCloser, w io.Writer) <-chan struct{} {
	if w == nil {
		w = io.Discard
	}
	done := make(chan struct{})
	waiting := make(chan []byte, poured)
	go func() {
		defer close(waiting)
		defer r.Close()
		buf := make([]byte, limits.LogLineBytes)
		for {
			n, err := r.Read(buf)
			if n > 0 {
				push(waiting, bytes.Clone(buf[:n]))
			}
			if err != nil {
				return
			}
		}
	}()
	go func() {
		defer close(done)
		for piece := range waiting {
			_, _ = w.Write(piece) // whose writer fails does without
		}
	}()
	return done
}

// push adds a piece, in the place of the oldest when there is no room.
func push(waiting chan []byte, piece []byte) {
	for {
		select {
		case waiting <- piece:
			return
		default:
		}
		select {
		case <-waiting:
		default:
		}
	}
}
