package postgres

import (
	"sync"
	"testing"

	"github.com/ordinaut/ordinaut/test/services"
)

// A stock hands out databases that are as fresh as a new one, and takes them back:
// making one of twenty tables takes ten times as long as emptying them.
type stock struct {
	server   *services.Server
	template string

	mu   sync.Mutex
	free []string
}

// frozen replaces the store's clock by one that stands still, until it is moved. The
// rows that a fresh database has are kept beside, to be put back.
const frozen = `
CREATE TABLE public.frozen (at timestamptz NOT NULL);
INSERT INTO public.frozen VALUES (clock_timestamp());
CREATE OR REPLACE FUNCTION ordinaut.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT at FROM public.frozen';
DO $$
DECLARE name text; seeded boolean;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'ordinaut' AND tablename <> 'goose_db_version' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM ordinaut.%I)', name) INTO seeded;
    IF seeded THEN EXECUTE format('CREATE TABLE public.%I AS TABLE ordinaut.%I', name, name); END IF;
  END LOOP;
END $$;`

// emptied makes a database as it was. The triggers are not to tell of it.
const emptied = `
SET session_replication_role = replica;
DO $$
DECLARE name text; seeded boolean;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'ordinaut' AND tablename <> 'goose_db_version' LOOP
    EXECUTE format('DELETE FROM ordinaut.%I', name);
    IF to_regclass(format('public.%I', name)) IS NOT NULL THEN
      EXECUTE format('INSERT INTO ordinaut.%I OVERRIDING SYSTEM VALUE TABLE public.%I', name, name);
    END IF;
  END LOOP;
  FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'ordinaut' AND sequencename NOT LIKE 'goose%' LOOP
    PERFORM setval(format('ordinaut.%I', name), 1, FALSE);
  END LOOP;
  UPDATE public.frozen SET at = clock_timestamp();
END $$;`

// newStock begins with no database but the one that is copied.
func newStock(t *testing.T, server *services.Server) *stock {
	t.Helper()
	url := server.Database(t)
	if _, _, err := Migrate(t.Context(), Options{URL: url}); err != nil {
		t.Fatal(err)
	}
	execute(t, url, frozen)
	return &stock{server: server, template: url}
}

// take gives a database until t ends. The databases themselves end with all.
func (s *stock) take(t, all testing.TB) string {
	t.Helper()
	url := s.pop()
	if url == "" {
		url = s.server.Copy(all, s.template)
	}
	t.Cleanup(func() {
		if !t.Failed() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.free = append(s.free, url)
		}
	})
	return url
}

// pop gives a database that was used and nobody has now.
func (s *stock) pop() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == 0 {
		return ""
	}
	url := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	return url
}
