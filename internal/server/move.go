package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/store/postgres"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
)

// Move carries everything from one store to an empty one, and compares what has
// arrived with what was sent. Nobody works on either meanwhile.
func Move(ctx context.Context, s cli.MoveSettings) (err error) {
	if err := checkMove(ctx, s); err != nil {
		return err
	}
	from, err := openArchive(ctx, "/from", s.From)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := openArchive(ctx, "/to", s.To)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	sent, err := transfer(ctx, from, to, s)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.Progress, "comparing what has arrived")
	arrived := ordinaut.Tally{}
	if err := to.Export(ctx, func(r ordinaut.Record) error { arrived.Add(r); return nil }); err != nil {
		return err
	}
	if differ := sent.Differs(arrived); len(differ) > 0 {
		return &ordinaut.Error{
			Code: ordinaut.CodeStorageMoved, At: "/to", Sent: withoutPassword(s.To),
			Message: "what has arrived is not what was sent: " + strings.Join(differ, ", "),
			Fix:     "do not use it; keep the source, and report this",
		}
	}
	fmt.Fprintf(s.Progress, "everything has arrived; the source is as it was: do not start a server on it again\n")
	return nil
}

// checkMove refuses a source that is not there: it would be made, and be empty.
func checkMove(ctx context.Context, s cli.MoveSettings) error {
	if isDatabase(s.From) {
		return nil
	}
	have, _, err := sqlite.Schema(ctx, s.From)
	if err == nil && have == 0 {
		err = &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/from", Sent: s.From,
			Message: "there is no data in this folder", Fix: "name the data folder of the server that is to be moved",
		}
	}
	return err
}

// openArchive opens one of the two stores of a move.
func openArchive(ctx context.Context, at, where string) (ordinaut.Archive, error) {
	if isDatabase(where) {
		return postgres.OpenArchive(ctx, postgres.Options{URL: where})
	}
	if strings.Contains(where, "://") {
		return nil, checkDatabaseURL(at, where)
	}
	return sqlite.OpenArchive(ctx, sqlite.Options{Dir: where})
}

// transfer streams all records, and says what was sent.
func transfer(ctx context.Context, from, to ordinaut.Archive, s cli.MoveSettings) (ordinaut.Tally, error) {
	sent := ordinaut.Tally{}
	records := streamed(ctx, from, func(r ordinaut.Record) { tell(s.Progress, sent, r); sent.Add(r) })
	err := to.Import(ctx, records)
	if errors.Is(err, ordinaut.ErrNotEmpty) {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeStorageNotEmpty, At: "/to", Sent: withoutPassword(s.To),
			Message: "there is data already in the store that everything is to be moved to",
			Fix:     "name a new folder, or a database in which no server was started yet",
		}
	}
	return sent, err
}

// streamed are the records of an archive, one by one.
func streamed(ctx context.Context, from ordinaut.Archive, see func(ordinaut.Record)) iter.Seq2[ordinaut.Record, error] {
	return func(yield func(ordinaut.Record, error) bool) {
		err := from.Export(ctx, func(r ordinaut.Record) error {
			see(r)
			if !yield(r, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(ordinaut.Record{}, err)
		}
	}
}

// errStopped ends an export of which no more is wanted.
var errStopped = errors.New("no more is wanted")

// tellEach is after how many records of a noun the progress is told.
const tellEach = 10_000

// tell says how far the move is.
func tell(to io.Writer, sent ordinaut.Tally, r ordinaut.Record) {
	switch n := sent[r.Noun].Records; {
	case n == 0:
		fmt.Fprintf(to, "moving %s\n", strings.ReplaceAll(r.Noun, "_", " "))
	case n%tellEach == 0:
		fmt.Fprintf(to, "moving %s: %d\n", strings.ReplaceAll(r.Noun, "_", " "), n)
	}
}
