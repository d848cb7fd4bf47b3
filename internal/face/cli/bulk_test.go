package cli_test

import (
	"regexp"
	"strings"
	"testing"
)

// manual is a task that fires when it is asked to.
const manual = `{"title": "Hi", "key": "hi", "schedule_kind": "manual", "payload": {"pipeline": [{"uses": "debug.echo", "with": {"city": "${params.city}"}}]}}`

func TestManyRunsAreOnlyChangedWithAYes(t *testing.T) {
	t.Parallel()
	u := newOffice(t)
	u.stdin = manual
	u.run(" tasks create -f -")
	for range 3 {
		u.run(" run hi")
	}
	for _, step := range []struct {
		command, want string
		exit          int
	}{
		{" runs bulk cancel --task hi --dry-run", "would cancel 3 runs, and could not 0", 0},
		{" runs bulk cancel --task hi", "nothing was done", 2},
		{" runs bulk cancel --task hi --since 1h --limit 2 --yes", "canceled 2 runs, and could not 0\nthere are more", 0},
		{" runs bulk cancel --task hi --status queued --yes", "canceled 1 run, and could not 0", 0},
		{" runs bulk rerun --task hi --status canceled --from-failed --again --dry-run", "would repeat 3 runs", 0},
		{" runs bulk rerun --yes", "the filter is empty", 7},
		{" runs bulk rerun --task nobody --yes", "--task", 3},
		{" runs bulk rerun --task hi --since yesterday", "is not a time", 2},
		{" runs bulk cancel --task hi --status failed --yes -o json", `"/filter/status/0"`, 7},
	} {
		got := u.run(step.command)
		if got.exit != step.exit || !strings.Contains(got.stderr, step.want) {
			t.Errorf("%s: got exit code %d and %q, want %d and %q", step.command, got.exit, got.stderr, step.exit, step.want)
		}
	}
}

func TestTwoRunsAreShownSideBySide(t *testing.T) {
	t.Parallel()
	u := newOffice(t)
	u.stdin = manual
	u.run(" tasks create -f -")
	id := func(command string) string {
		return strings.TrimSpace(u.run(command + " -o name").stdout)
	}
	a := id(` run hi --params {"city":"Iasi"}`)
	b := id(` run hi --params {"city":"` + strings.Repeat("Cahul", 20) + `"}`)
	got := u.run(" runs compare " + a + " " + b)
	want := `DIFFERENCE   WAS     IS
params/city  "Iasi"  "CahulCahulCahulCahulCahulCahulCahulCah…`
	if !strings.Contains(got.stdout, want) || !regexp.MustCompile(`status +queued +queued`).MatchString(got.stdout) {
		t.Errorf("got %s%s, want %s", got.stdout, got.stderr, want)
	}
	if got := u.run(" runs compare " + a + " " + a); strings.Contains(got.stdout, "DIFFERENCE") {
		t.Errorf("a run differs from itself: %s", got.stdout)
	}
	if got := u.run(" runs compare " + a); got.exit != 2 {
		t.Errorf("of one run: got exit code %d", got.exit)
	}
	if got := u.run(" runs compare " + a + " " + b + " -o json"); !strings.HasPrefix(got.stdout, "{") {
		t.Errorf("got %s%s", got.stdout, got.stderr)
	}
}
