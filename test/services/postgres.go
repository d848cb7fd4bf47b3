package services

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Postgres is the PostgreSQL of a major version that the tests of this process
// share. It runs until the process ends.
func Postgres(t testing.TB, major int) *Server {
	t.Helper()
	s, err := sharing().postgres(major)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// NewPostgres starts a PostgreSQL for one test, at whose end it is gone.
func NewPostgres(t testing.TB, major int, safety Safety) *Server {
	t.Helper()
	s, err := launchPostgres(major, safety)
	if err != nil {
		t.Fatal(err)
	}
	return s.endWith(t)
}

// Database makes an empty database and gives its URL. It is dropped when the test
// ends, whoever is still connected to it.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	return s.create(t, "template0")
}

// Copy makes a database with the content of another, which is given by its URL and
// to which nobody may be connected. It is dropped when the test ends.
func (s *Server) Copy(t testing.TB, of string) string {
	t.Helper()
	u, err := url.Parse(of)
	if err != nil {
		t.Fatal(err)
	}
	return s.create(t, strings.TrimPrefix(u.Path, "/"))
}

func (s *Server) create(t testing.TB, template string) string {
	t.Helper()
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := s.run(t.Context(), fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s`, name, template)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The server may have been killed meanwhile, and its databases with it.
		_ = s.run(context.Background(), fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, name))
	})
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// run runs a statement as the administrator.
func (s *Server) run(ctx context.Context, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// postgres is a PostgreSQL as a program.
type postgres struct {
	bin    string // the folder with postgres and initdb
	major  int
	safety Safety
}

func launchPostgres(major int, safety Safety) (*Server, error) {
	u, err := serverUser()
	if err != nil {
		return nil, err
	}
	bin, err := findPostgres(major, u)
	if err != nil {
		return nil, fmt.Errorf("find PostgreSQL %d: %w", major, err)
	}
	return launch("postgres"+strconv.Itoa(major), postgres{bin, major, safety})
}

// arguments let it forget when the machine fails, unless it is to be durable: a
// server that is killed keeps what it has confirmed all the same. The time zone is
// one that nobody expects, so that a test which depends on it fails.
func (p postgres) arguments(s *Server) []string {
	settings := []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "port=" + strconv.Itoa(s.Port),
		"max_connections=1000", "timezone=Asia/Kathmandu", "shared_buffers=128MB", "log_min_messages=warning",
		"max_wal_size=4GB", "logging_collector=off", "dynamic_shared_memory_type=mmap",
	}
	if p.safety == Fast {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	args := []string{filepath.Join(p.bin, "postgres"), "-D", filepath.Join(s.Dir, "data")}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// prepare makes the cluster. Its language is one that sorts as people do, so that a
// statement which forgets to say how it sorts is found.
func (p postgres) prepare(s *Server) error {
	data := filepath.Join(s.Dir, "data")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	initdb := s.user.command(s.Dir, filepath.Join(p.bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust",
		"--no-sync", "--no-instructions", "-E", "UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US")
	if out, err := initdb.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("%v: %w\n%s", initdb.Args, err, out), os.RemoveAll(data))
	}
	return nil
}

func (postgres) address(s *Server) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.Port)
}

func (postgres) check(ctx context.Context, s *Server) error {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

// sharing is what the tests of this process share.
var sharing = sync.OnceValue(func() *shared { return &shared{postgreses: map[int]func() (*Server, error){}} })

type shared struct {
	mu         sync.Mutex
	postgreses map[int]func() (*Server, error) // by major version
	redises    func() (*Server, error)
}

// postgres starts the server of a major version when it is first asked for.
// Servers of several versions start beside each other.
func (sh *shared) postgres(major int) (*Server, error) {
	sh.mu.Lock()
	start, ok := sh.postgreses[major]
	if !ok {
		start = sync.OnceValues(func() (*Server, error) {
			if url := os.Getenv("ORDINAUT_TEST_POSTGRES_URL"); url != "" {
				return &Server{URL: url}, nil
			}
			return launchPostgres(major, Fast)
		})
		sh.postgreses[major] = start
	}
	sh.mu.Unlock()
	return start()
}

// redis starts the server when it is first asked for.
func (sh *shared) redis() (*Server, error) {
	sh.mu.Lock()
	if sh.redises == nil {
		sh.redises = sync.OnceValues(func() (*Server, error) {
			if url := os.Getenv("ORDINAUT_TEST_REDIS_URL"); url != "" {
				return &Server{URL: url}, nil
			}
			return launchRedis(Fast)
		})
	}
	start := sh.redises
	sh.mu.Unlock()
	return start()
}
