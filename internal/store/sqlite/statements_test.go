package sqlite

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func named(t *testing.T) map[string]string {
	t.Helper()
	all, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestStatements(t *testing.T) {
	t.Parallel()
	t.Run("every statement can be prepared", func(t *testing.T) {
		t.Parallel()
		s := openTest(t, t.TempDir())
		for name := range named(t) {
			if _, err := s.writer.stmts.prepare(t.Context(), name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("the code names every statement, and none that is not there", func(t *testing.T) {
		t.Parallel()
		used := map[string]bool{}
		call := regexp.MustCompile(`(?:exec|changed|first|all|seen|seenAll|changedRows?|agent)\((?:ctx, |s\.read, |t, |k\.t, )*"([A-Z]\w+)"|\{"([A-Z]\w+)", before`)
		for _, path := range goFiles(t) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range call.FindAllSubmatch(content, -1) {
				used[string(m[1])+string(m[2])] = true
			}
		}
		got, want := slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(named(t)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("named in Go (-written in SQL +named in Go):\n%s", diff)
		}
	})
	t.Run("the plan of every statement is the one we reviewed", func(t *testing.T) {
		t.Parallel()
		golden(t, "testdata/plans.txt", plansOf(t))
	})
}

func goFiles(t *testing.T) (paths []string) {
	t.Helper()
	found, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if !strings.HasSuffix(path, "_test.go") {
			paths = append(paths, path)
		}
	}
	return paths
}

// plansOf tells for every statement that searches how SQLite will do it. A SCAN
// of a table, or a sort of what was found, should stand there only on purpose.
func plansOf(t *testing.T) []byte {
	t.Helper()
	s, all := openTest(t, t.TempDir()), named(t)
	var out bytes.Buffer
	args := make([]any, 30)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		rows, err := s.reads.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+all[name], args...)
		if err != nil {
			continue // not a statement that has a plan
		}
		plan, depth := "", map[int]int{}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			depth[id] = depth[parent] + 1
			plan += strings.Repeat("    ", depth[id]) + detail + "\n"
		}
		rows.Close()
		if plan != "" {
			fmt.Fprintf(&out, "%s\n%s", name, plan)
		}
	}
	return out.Bytes()
}

// golden compares with a file for people, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, diff)
	}
}
