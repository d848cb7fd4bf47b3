package cli_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestSessions carries out the command lines of each file in testdata and
// compares what a user sees with what stands there.
func TestSessions(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := newTerminal(t).session(string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want), got); diff != "" && !*update {
				t.Errorf("%s (-want +got), write it anew with -update:\n%s", file, diff)
			}
		})
	}
}

// session carries out every line that begins with a prompt. Ids, the folder of
// the user and the exit codes of success are left out.
func (u *terminal) session(script string) string {
	u.t.Helper()
	u.env["ORDINAUT_DATA_DIR"] = filepath.Join(u.env["HOME"], "data")
	var b strings.Builder
	for line := range strings.SplitSeq(script, "\n") {
		command, isCommand := strings.CutPrefix(line, "$ ordinaut")
		if !isCommand {
			if strings.HasPrefix(line, "# ") {
				fmt.Fprintf(&b, "%s\n", line)
			}
			continue
		}
		got := u.run(command)
		fmt.Fprintf(&b, "%s\n%s%s", line, got.stdout, got.stderr)
		if got.exit != 0 {
			fmt.Fprintf(&b, "exit %d\n", got.exit)
		}
		b.WriteString("\n")
	}
	id := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	return id.ReplaceAllString(strings.ReplaceAll(b.String(), u.env["HOME"], "~"), "<id>")
}
