package services_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ordinaut/ordinaut/test/services"
)

// asChild is set in a process that only starts servers, says where, and waits to
// be killed.
const asChild = "ORDINAUT_TEST_SERVICES_CHILD"

func TestPostgresOfSeveralVersionsIsShared(t *testing.T) {
	t.Parallel()
	for _, major := range []int{15, 16} {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			s := services.Postgres(t, major)
			if again := services.Postgres(t, major); again != s {
				t.Errorf("a second one runs at %s, beside %s", again.URL, s.URL)
			}
			var version int
			query(t, s.Database(t), &version, "SELECT current_setting('server_version_num')::int / 10000")
			if os.Getenv("ORDINAUT_TEST_POSTGRES_URL") == "" && version != major {
				t.Errorf("got version %d, want %d", version, major)
			}
		})
	}
}

func TestACopyOfADatabaseHasItsContent(t *testing.T) {
	t.Parallel()
	s := services.Postgres(t, 16)
	from := s.Database(t)
	run(t, from, "CREATE TABLE answer AS SELECT 42 AS n")
	var got int
	query(t, s.Copy(t, from), &got, "SELECT n FROM answer")
	if got != 42 {
		t.Errorf("got %d, want 42", got)
	}
}

func TestPostgresKeepsItsDataHoweverItEnds(t *testing.T) {
	t.Parallel()
	s := services.NewPostgres(t, 15, services.Durable)
	db := s.Database(t)
	run(t, db, "CREATE TABLE survived (n int)")
	ends := []func(testing.TB){s.Stop, s.Abort, s.Kill}
	for n, end := range ends {
		run(t, db, "INSERT INTO survived VALUES (1)")
		end(t)
		if conn, err := pgx.Connect(t.Context(), db); err == nil {
			conn.Close(t.Context())
			t.Errorf("end %d: it still answers", n)
		}
		s.Start(t)
	}
	var got int
	query(t, db, &got, "SELECT count(*) FROM survived")
	if got != len(ends) {
		t.Errorf("%d rows survived, want %d", got, len(ends))
	}
}

func TestRedisLosesItsDataOnlyWhenItIsWiped(t *testing.T) {
	t.Parallel()
	s := services.NewRedis(t, services.Durable)
	if got := ask(t, s, "SET word kept"); got != "+OK" {
		t.Fatalf("SET answers %s", got)
	}
	s.Kill(t)
	s.Start(t)
	if got, want := ask(t, s, "STRLEN word"), ":4"; got != want {
		t.Errorf("after the kill STRLEN answers %s, want %s", got, want)
	}
	s.Wipe(t)
	s.Start(t)
	if got, want := ask(t, s, "STRLEN word"), ":0"; got != want {
		t.Errorf("after the wipe STRLEN answers %s, want %s", got, want)
	}
}

func TestNothingIsLeftOfAProcessThatWasKilled(t *testing.T) {
	if os.Getenv(asChild) != "" {
		fmt.Println(services.NewPostgres(t, 15, services.Fast).Dir)
		fmt.Println(services.NewRedis(t, services.Fast).Dir)
		select {} // until the parent kills us
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(cmd.Environ(), asChild+"=yes")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for lines := bufio.NewScanner(out); len(dirs) < 2 && lines.Scan(); {
		dirs = append(dirs, lines.Text())
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if len(dirs) != 2 || !strings.HasPrefix(filepath.Base(dirs[0]), "postgres15-") {
		t.Fatalf("the servers are in %q", dirs)
	}
	await(t, func() bool {
		_, err := os.Stat(filepath.Dir(dirs[0]))
		return os.IsNotExist(err)
	})
}

// await waits until something is so.
func await(t *testing.T, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		case <-retry.C:
		}
	}
}

func run(t *testing.T, db, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, db string, result *int, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), statement).Scan(result); err != nil {
		t.Fatal(err)
	}
}

// ask sends Redis a command and reads the first line of the answer.
func ask(t *testing.T, s *services.Server, command string) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s\r\n", command)
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(answer)
}
