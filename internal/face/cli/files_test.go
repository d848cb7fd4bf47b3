package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/face/cli"
)

// folder writes files, each as "-- name --" and its text, into a folder.
func (u *terminal) folder(files map[string]string) string {
	u.t.Helper()
	dir := u.t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			u.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			u.t.Fatal(err)
		}
	}
	return dir
}

// in carries out a command line in which DIR is the folder, and shows it so.
func (u *terminal) in(dir, line string) result {
	u.t.Helper()
	got := u.runWith(u.t.Context(), words(strings.ReplaceAll(line, "DIR", dir))...)
	got.stdout, got.stderr = strings.ReplaceAll(got.stdout, dir, "DIR"), strings.ReplaceAll(got.stderr, dir, "DIR")
	return got
}

// task is a task in YAML with further lines.
func task(key string, lines ...string) string {
	return "key: " + key + "\ntitle: " + strings.ToUpper(key) + "\nschedule_kind: cron\nschedule_expr: 0 9 * * *\ntimezone: UTC\n" +
		"payload: {pipeline: [{uses: debug.echo, with: {a: 1}}]}\n" + strings.Join(lines, "\n") + "\n"
}

// must fails unless the exit code is the one that was wanted and all texts are
// there.
func (u *terminal) must(got result, exit int, texts ...string) {
	u.t.Helper()
	if got.exit != exit {
		u.t.Errorf("exit code %d, want %d: %s%s", got.exit, exit, got.stdout, got.stderr)
	}
	for _, text := range texts {
		if !strings.Contains(got.stdout+got.stderr, text) {
			u.t.Errorf("want it to say %q:\n%s%s", text, got.stdout, got.stderr)
		}
	}
}

func TestApplyMakesTheTasksThoseOfTheFiles(t *testing.T) {
	t.Parallel()
	u := newOffice(t)
	dir := u.folder(map[string]string{
		"a.yaml":         task("a") + "---\n" + task("b", "labels: {app: home}"),
		"sub/c.json":     `[{"$schema": "x", "key": "c", "title": "C", "schedule_kind": "manual", "payload": {"pipeline": [{"uses": "debug.echo"}]}}]`,
		"a.mocks.yaml":   "cases: []",
		".git/d.yaml":    "broken: [",
		"mcp.json":       `{"mcpServers": {}}`,
		"notes/read.txt": "nothing",
	})
	outcomes := func(got result) string {
		var answer struct {
			Items []struct{ Key, Outcome string }
		}
		if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil {
			t.Fatalf("%v: %+v", err, got)
		}
		var list []string
		for _, i := range answer.Items {
			list = append(list, i.Key+" "+i.Outcome)
		}
		return strings.Join(list, ", ")
	}
	want := func(line, want string) {
		t.Helper()
		got := u.in(dir, line)
		if got.exit != 0 || outcomes(got) != want {
			t.Errorf("%s: got %s, exit %d %s, want %s", line, outcomes(got), got.exit, got.stderr, want)
		}
	}
	want("apply -f DIR --dry-run -o json", "a created, b created, c created")
	u.must(u.in(dir, "tasks get a"), cli.ExitNotFound)
	want("apply -f DIR -o json", "a created, b created, c created")
	want("apply -f DIR -o json", "a unchanged, b unchanged, c unchanged")
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(task("a", "priority: 7")), 0o600); err != nil {
		t.Fatal(err)
	}
	want("apply -f DIR --dry-run -o json", "a changed, c unchanged")
	want("apply -f DIR/a.yaml -f DIR/sub -o json", "a changed, c unchanged")
	want("apply -f DIR --prune --label app=home --dry-run -o json", "a unchanged, c unchanged, b canceled")
	want("apply -f DIR --prune -l app=away -o json", "a unchanged, c unchanged")
	want("apply -f DIR --prune -l app=home -o json", "a unchanged, c unchanged, b canceled")
	u.must(u.in(dir, "tasks get b"), 0, "canceled")
	want("apply -f DIR --prune -l app=home -o json", "a unchanged, c unchanged")
	u.must(u.in(dir, "apply -f DIR"), 0, "KEY", "OUTCOME", "every day at 09:00", "2 unchanged", "left out DIR/mcp.json: it holds no task")
	u.must(u.in(dir, "apply -f DIR --dry-run"), 0, "this was a dry run, nothing was stored: 2 unchanged")

	u.stdin = task("z")
	want("apply -f - -o json", "z created")
}

func TestApplyStoresNothingUntilEverythingIsGood(t *testing.T) {
	t.Parallel()
	u := newOffice(t)
	dir := u.folder(map[string]string{
		"a.yaml": task("a"),
		"b.yaml": task("b", "priority: 70", "titel: x") + "---\n" + strings.Replace(task("c"), "debug.echo", "debug.ecko", 1),
		"d.yaml": strings.Replace(task("d"), "key: d", "", 1),
		"e.yaml": task("a"),
	})
	got := u.in(dir, "apply -f DIR")
	u.must(got, cli.ExitInvalid,
		"DIR/b.yaml, task 1 at /priority", "DIR/b.yaml, task 1 at /titel", "DIR/b.yaml, task 2 at /payload/pipeline/0/uses",
		"did you mean debug.echo?", "DIR/d.yaml at /key", "the task in DIR/a.yaml has this key too")
	u.must(u.in(dir, "tasks list -o name"), 0)
	if list := u.in(dir, "tasks list -o name"); list.stdout != "" {
		t.Errorf("got the tasks %s, want none", list.stdout)
	}
	u.must(u.in(dir, "validate -f DIR"), cli.ExitInvalid, "DIR/b.yaml, task 1 at /priority", "DIR/b.yaml, task 2 at /payload/pipeline/0/uses")
	u.must(u.in(dir, "validate -f DIR/a.yaml -f DIR/d.yaml"), 0, "every day at 09:00", "FILE")
}

func TestFilesThatCannotBeUsedAreNamed(t *testing.T) {
	t.Parallel()
	u := newOffice(t)
	dir := u.folder(map[string]string{"broken.yaml": "a: [", "list.json": "[1]", "empty.yaml": "", "text/none.txt": ""})
	for line, want := range map[string]string{
		"apply":                             "needs a file",
		"apply -f DIR/gone.yaml":            "DIR/gone.yaml cannot be used",
		"apply -f DIR/broken.yaml":          "DIR/broken.yaml cannot be used",
		"apply -f DIR/list.json":            "does not hold an object",
		"apply -f DIR/empty.yaml":           "it is empty",
		"apply -f DIR/text":                 "there is no task in it",
		"apply -f DIR --prune":              "--prune and --label go together",
		"apply -f DIR --label app=x":        "--prune and --label go together",
		"test -f DIR/list.json --mock x":    "does not hold an object",
		"diff":                              "needs a file",
		"validate more":                     "takes no arguments",
		"export nobody":                     `no task "nobody"`,
		"tasks create -f DIR/list.json":     "does not hold an object",
		"pipelines check -f DIR/empty.yaml": "it is empty",
	} {
		if got := u.in(dir, line); got.exit == 0 || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: exit %d, want it to say %q:\n%s", line, got.exit, want, got.stderr)
		}
	}
}

func TestDiffShowsWhatWouldChange(t *testing.T) {
	t.Parallel()
	u := newOffice(t)
	dir := u.folder(map[string]string{"a.yaml": task("a"), "b.yaml": task("b")})
	u.must(u.in(dir, "apply -f DIR"), 0)
	u.must(u.in(dir, "diff -f DIR"), 0)
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(strings.Replace(task("a", "priority: 7"), "0 9", "0 10", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "c.yaml"), []byte(task("c")), 0o600); err != nil {
		t.Fatal(err)
	}
	got := u.in(dir, "diff -f DIR")
	u.must(got, cli.ExitFailed, "2 of 3 tasks differ from what is stored", "ordinaut apply -f DIR")
	want := `a (changed, DIR/a.yaml)
  key: a
  title: A
  schedule_kind: cron
- schedule_expr: 0 9 * * *
+ schedule_expr: 0 10 * * *
  timezone: UTC
+ priority: 7
  payload:
    pipeline:
      - uses: debug.echo
…
c (created, DIR/c.yaml)
+ key: c
+ title: C
+ schedule_kind: cron
+ schedule_expr: 0 9 * * *
+ timezone: UTC
+ payload:
+   pipeline:
+     - uses: debug.echo
+       with:
+         a: 1
`
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	u.must(u.in(dir, "diff -f DIR -o json"), cli.ExitFailed, `"outcome":"changed"`, `"code":"command.differs"`)
}

func TestExportWritesWhatItsOwnerSaid(t *testing.T) {
	t.Parallel()
	u := newOffice(t)
	dir := u.folder(map[string]string{"a.yaml": task("a", "labels: {app: home}") + "---\n" + task("b") + "---\n" + task("c")})
	u.must(u.in(dir, "apply -f DIR"), 0)
	u.must(u.in(dir, "tasks cancel c"), 0)
	want := `key: a
title: A
schedule_kind: cron
schedule_expr: 0 9 * * *
timezone: UTC
labels:
  app: home
payload:
  pipeline:
    - uses: debug.echo
      with:
        a: 1
`
	if diff := cmp.Diff(want, u.run("export a").stdout); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	all := u.run("export")
	if strings.Count(all.stdout, "\n---\n") != 1 || strings.Contains(all.stdout, "key: c") {
		t.Errorf("got %s, want the two tasks that may still fire", all.stdout)
	}
	u.must(u.in(dir, "export c -o jsonl"), 0, `{"key":"c",`)
	u.must(u.in(dir, "export --to DIR/out"), 0, "DIR/out/a.yaml", "DIR/out/b.yaml")
	u.must(u.in(dir, "export a --to DIR/out -o json"), 0, "DIR/out/a.json")
	u.must(u.in(dir, "apply -f DIR/out/a.json -f DIR/out/b.yaml"), 0, "2 unchanged")
	for _, args := range []string{"export", "export -o json", "export -o jsonl", "export -o yaml"} {
		u.stdin = u.run(args).stdout
		u.must(u.run("apply -f -"), 0, "2 unchanged")
	}
	u.must(u.in(dir, "export a --to DIR/a.yaml"), cli.ExitFailed, "make the folder")
}

func TestDryRunsAreSaidToBeDry(t *testing.T) {
	t.Parallel()
	u := newOffice(t)
	dir := u.folder(map[string]string{"a.yaml": task("a")})
	u.must(u.in(dir, "tasks create -f DIR/a.yaml --dry-run"), 0, "this was a dry run: nothing was stored", "every day at 09:00")
	u.must(u.in(dir, "tasks create -f DIR/a.yaml"), 0, "Created a")
	u.must(u.in(dir, "tasks pause a --dry-run"), 0, "nothing was stored", "paused")
	u.must(u.in(dir, "tasks update a --priority 7"), 0)
	u.must(u.in(dir, "tasks versions a"), 0, "VERSION", `["priority"]`)
	u.must(u.in(dir, "tasks rollback a --version 1"), 0, "Changed a")
	u.must(u.in(dir, "tasks rollback a --version 9"), cli.ExitNotFound, "--version")
}

// TestPipelinesAreCheckedFromTheFileOfTheTask and from that of a payload alone.
func TestPipelinesAreCheckedFromTheFileOfTheTask(t *testing.T) {
	t.Parallel()
	for _, u := range []*terminal{newOffice(t), newHermit(t)} {
		dir := u.folder(map[string]string{
			"a.yaml":       task("a", "priority: 7", "labels: {app: home}"),
			"payload.yaml": "params: {n: 1}\npipeline:\n  - {id: x, uses: debug.echo, with: {n: \"${params.n}\"}}\n",
			"bad.yaml":     "pipeline:\n  - {uses: debug.ecko}\n",
			"request.yaml": "payload: {pipeline: [{uses: debug.echo}]}\ntimezonne: UTC\n",
			"sample.yaml":  "x: {n: 2}\n",
		})
		u.must(u.in(dir, "pipelines check -f DIR/a.yaml"), 0, "valid  true", "debug.echo")
		u.must(u.in(dir, "pipelines check -f DIR/payload.yaml -o json"), 0, `"valid":true`)
		u.must(u.in(dir, "pipelines check -f DIR/request.yaml"), cli.ExitInvalid, "/timezonne")
		u.must(u.in(dir, "pipelines render -f DIR/payload.yaml --sample @DIR/sample.yaml"), 0, `{"n":1}`)
		u.must(u.in(dir, "pipelines render -f DIR/a.yaml"), 0, `{"a":1}`)
		got := u.in(dir, "pipelines check -f DIR/bad.yaml")
		u.must(got, cli.ExitInvalid, "did you mean debug.echo?", "/payload/pipeline/0/uses")
		if strings.Contains(got.stdout, "valid") {
			t.Errorf("got %s beside the faults", got.stdout)
		}
		u.must(u.in(dir, "pipelines check -f DIR/bad.yaml -o json"), cli.ExitInvalid, `"valid":false`, `"code":"tool.not_found"`)
	}
}

func TestSchemasAreShownAsTheyAre(t *testing.T) {
	t.Parallel()
	u := newHermit(t)
	for _, format := range []string{"", " -o json"} {
		got := u.run("schema task" + format)
		var document struct {
			Schema string `json:"$schema"`
		}
		if err := json.Unmarshal([]byte(got.stdout), &document); err != nil || document.Schema == "" {
			t.Errorf("got %v: %s", err, got.stdout)
		}
	}
	u.must(u.run("schema mocks"), 0, "\n  \"$schema\": ")
	u.must(u.run("schema tsk"), cli.ExitInvalid, "task")
}
