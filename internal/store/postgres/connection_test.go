package postgres

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/test/services"
)

func code(c ordinaut.Code) error { return &ordinaut.Error{Code: c} }

// promptly fails the test unless do is refused as unavailable within the time that
// callers are promised, with some to spare for a busy machine.
func promptly(t *testing.T, what string, do func() error) {
	t.Helper()
	began := time.Now()
	err := do()
	if !errors.Is(err, code(ordinaut.CodeUnavailable)) {
		t.Errorf("%s: got error %v, want %s", what, err, ordinaut.CodeUnavailable)
	}
	if e, ok := errors.AsType[*ordinaut.Error](err); ok && e.RetryAfter == 0 {
		t.Errorf("%s: got no time for the next try, want one", what)
	}
	if took := time.Since(began); took > 2*acquireWait {
		t.Errorf("%s: got an answer after %v, want one within %v", what, took, acquireWait)
	}
}

// until asks again until do succeeds.
func until(t *testing.T, what string, do func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		err := do()
		if err == nil {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s: got error %v, want none in the end", what, err)
		}
	}
}

func TestAServerThatGoesAndComesBack(t *testing.T) {
	t.Parallel()
	server := services.NewPostgres(t, 16, services.Durable)
	s := openTest(t, Options{URL: server.URL, Look: -1})
	task := newTask(t, s)
	change := ordinaut.Change{Action: "task.run_now"}
	aRun := func() ordinaut.Run {
		return ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: task.ID, Trigger: ordinaut.TriggerManual}
	}
	for range 2 {
		server.Abort(t)
		promptly(t, "a read", func() error { _, err := s.Task(t.Context(), ordinaut.TaskRef{ID: task.ID}); return err })
		promptly(t, "a write", func() error { return s.CreateRun(t.Context(), aRun(), change) })
		promptly(t, "a claim", func() error { _, err := s.Claim(t.Context(), "w", 1, time.Minute); return err })
		promptly(t, "readiness", func() error { return s.Ready(t.Context()) })
		plans := watch(t, s, ordinaut.SignalPlans)
		server.Start(t)
		until(t, "readiness", func() error { return s.Ready(t.Context()) })
		hears(t, plans, "that anything may have happened meanwhile")
		if err := s.CreateRun(t.Context(), aRun(), change); err != nil {
			t.Errorf("got error %v after the server is back, want none", err)
		}
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	promptly(t, "opening", func() error {
		_, err := Open(t.Context(), Options{URL: "postgres://nobody@127.0.0.1:1/nothing?sslmode=disable"})
		return err
	})
}

// open16 opens a store in a new database, with something more in its URL.
func open16(t *testing.T, more string) *Store {
	t.Helper()
	return openTest(t, Options{URL: migrated(t, services.Postgres(t, 16)) + more, Look: -1})
}

// note writes an entry into the audit.
func note(x *tx, action string) error { return x.audit(ordinaut.Change{Action: action}) }

// noted is how often an action stands in the audit.
func noted(t *testing.T, s *Store, action string) (n int) {
	t.Helper()
	entries, err := s.Audit(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Action == action {
			n++
		}
	}
	return n
}

func TestAWriteThatLosesItsConnectionIsCarriedOutAgain(t *testing.T) {
	t.Parallel()
	s := open16(t, "")
	times := 0
	err := s.write(t.Context(), func(x *tx) error {
		times++
		if err := note(x, "once"); err != nil || times > 1 {
			return err
		}
		_, err := x.conn.Exec(x.ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
		return err
	})
	if err != nil || times != 2 {
		t.Errorf("got error %v after %d times, want none after 2", err, times)
	}
	if got := noted(t, s, "once"); got != 1 {
		t.Errorf("got the entry %d times, want once", got)
	}
}

func TestAConnectionLostInTheCommitIsAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	s := open16(t, "")
	_, err := s.pool.Exec(t.Context(), `
		CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); RETURN NULL; END'`)
	if err == nil {
		_, err = s.pool.Exec(t.Context(), `
			CREATE CONSTRAINT TRIGGER die AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()`)
	}
	if err != nil {
		t.Fatal(err)
	}
	err = s.write(t.Context(), func(x *tx) error { return note(x, "perhaps") })
	e, ok := errors.AsType[*ordinaut.Error](err)
	if !ok || e.Code != ordinaut.CodeUnavailable || !strings.Contains(e.Message, "may have been made or not") {
		t.Errorf("got error %v, want one that says that the change may have been made", err)
	}
}

func TestEveryConnectionInUse(t *testing.T) {
	t.Parallel()
	s := open16(t, "&pool_max_conns=1")
	held, free := make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		err := s.write(t.Context(), func(*tx) error { close(held); <-free; return nil })
		if err != nil {
			t.Errorf("got error %v of the one that has the connection, want none", err)
		}
	})
	<-held
	promptly(t, "a read", func() error { return s.Ready(t.Context()) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Ready(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v for a caller that has given up, want %v", err, context.Canceled)
	}
	close(free)
	wait.Wait()
}

func TestWritesThatCollideAreCarriedOutAgain(t *testing.T) {
	t.Parallel()
	s := open16(t, "")
	for _, name := range []string{"a", "b"} {
		if err := s.write(t.Context(), func(x *tx) error { _, err := x.exec("InsertSecret", name, []byte{0}); return err }); err != nil {
			t.Fatal(err)
		}
	}
	touch := func(x *tx, name string) error {
		_, err := x.conn.Exec(x.ctx, "UPDATE secret SET value = value || '\\x01'::bytea WHERE name = $1", name)
		return err
	}
	var both, done sync.WaitGroup
	both.Add(2)
	for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		meet := sync.OnceFunc(func() { both.Done(); both.Wait() })
		done.Go(func() {
			err := s.write(t.Context(), func(x *tx) error {
				if err := touch(x, names[0]); err != nil {
					return err
				}
				meet()
				return touch(x, names[1])
			})
			if err != nil {
				t.Errorf("got error %v, want none", err)
			}
		})
	}
	done.Wait()
	for _, name := range []string{"a", "b"} {
		if value, err := s.Secret(t.Context(), name); err != nil || len(value) != 3 {
			t.Errorf("%s: got %v (%v), want both changes", name, value, err)
		}
	}
}

func TestAFailedStatementThatIsNotToldFailsTheCommit(t *testing.T) {
	t.Parallel()
	s := open16(t, "")
	err := s.write(t.Context(), func(x *tx) error {
		_, _ = x.conn.Exec(x.ctx, "SELECT 1/0")
		return nil
	})
	if err == nil {
		t.Error("got no error, want one: nothing was committed")
	}
}

func TestTheURL(t *testing.T) {
	t.Parallel()
	t.Run("what it says goes before the settings, but for the search path", func(t *testing.T) {
		t.Parallel()
		c, err := configure("postgres://u@localhost/d?application_name=mine&search_path=theirs&pool_max_conns=3&statement_timeout=7")
		if err != nil {
			t.Fatal(err)
		}
		params := c.ConnConfig.RuntimeParams
		for name, want := range map[string]string{
			"application_name": "mine", "search_path": "ordinaut", "statement_timeout": "7", "timezone": "UTC",
		} {
			if got := params[name]; got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		if c.MaxConns != 3 {
			t.Errorf("got %d connections, want 3", c.MaxConns)
		}
	})
	t.Run("one that cannot be read is not shown, as it may hold a password", func(t *testing.T) {
		t.Parallel()
		_, err := Open(t.Context(), Options{URL: "postgres://u:hunter2@localhost:port/d"})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got error %v, want one without the password", err)
		}
		_, _, err = Migrate(t.Context(), Options{URL: "postgres://u:hunter2@localhost:port/d"})
		if !errors.Is(err, code(ordinaut.CodeRequestInvalid)) {
			t.Errorf("got error %v, want %s", err, ordinaut.CodeRequestInvalid)
		}
	})
}
