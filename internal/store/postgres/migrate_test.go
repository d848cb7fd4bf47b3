package postgres

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/test/services"
)

func TestFourProcessesThatStartAtOnceMigrateOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, server *services.Server) {
		url := server.Database(t)
		var started sync.WaitGroup
		for range 4 {
			started.Go(func() {
				s, err := Open(t.Context(), Options{URL: url})
				if err != nil {
					t.Errorf("got error %v, want none", err)
					return
				}
				if err := errors.Join(s.Ready(t.Context()), s.Close()); err != nil {
					t.Errorf("got error %v, want none", err)
				}
			})
		}
		started.Wait()
		conn := dial(t, url)
		twice := column(t, conn, "SELECT version_id::text FROM goose_db_version GROUP BY version_id HAVING count(*) > 1")
		if len(twice) > 0 {
			t.Errorf("got the migrations %v twice, want each once", twice)
		}
	})
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	t.Run("it says from which schema to which it came, and the second time finds nothing to do", func(t *testing.T) {
		t.Parallel()
		o := Options{URL: services.Postgres(t, 16).Database(t)}
		from, to, err := Migrate(t.Context(), o)
		if err != nil || from != 0 || to < 2 {
			t.Errorf("got %d to %d (%v), want 0 to the newest", from, to, err)
		}
		if again, still, err := Migrate(t.Context(), o); err != nil || again != to || still != to {
			t.Errorf("got %d to %d (%v), want %d to %d", again, still, err, to, to)
		}
	})
	t.Run("data of a newer version is refused, and stays as it is", func(t *testing.T) {
		t.Parallel()
		url := migrated(t, services.Postgres(t, 16))
		execute(t, url, "INSERT INTO ordinaut.goose_db_version (version_id, is_applied) VALUES (9999, TRUE)")
		_, err := Open(t.Context(), Options{URL: url})
		if !errors.Is(err, code(ordinaut.CodeStorageNewer)) {
			t.Errorf("got error %v, want %s", err, ordinaut.CodeStorageNewer)
		}
	})
	t.Run("older data is brought along", func(t *testing.T) {
		t.Parallel()
		url := services.Postgres(t, 16).Database(t)
		config, err := configure(url)
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{}
		for n, text := range []string{"CREATE TABLE note (text text)", "ALTER TABLE note ADD COLUMN at timestamptz", "CREATE TABLE"} {
			if n == 1 {
				execute(t, url, "INSERT INTO ordinaut.note VALUES ('kept')")
			}
			files[fmt.Sprintf("%04d_note.sql", n+1)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + text + ";\n")}
			from, to, err := migrate(t.Context(), config.ConnConfig, files)
			if fails := n == 2; from != int64(n) || to != int64(n+1) || (err != nil) != fails {
				t.Errorf("got %d to %d (%v), want %d to %d, with an error only of what is no SQL", from, to, err, n, n+1)
			}
		}
		if got := column(t, dial(t, url), "SELECT text FROM note WHERE at IS NULL"); len(got) != 1 || got[0] != "kept" {
			t.Errorf("got the notes %v, want the one from before", got)
		}
	})
}
