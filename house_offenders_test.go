package ordinaut_test

import (
	"flag"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

const offendersFile = "testdata/house.txtar"

// TestHouseOffenders shows each rule a small house with offenders in it: a rule
// that never finds anything protects nothing.
func TestHouseOffenders(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile(offendersFile)
	if err != nil {
		t.Fatal(err)
	}
	kept := txtar.Archive{Comment: archive.Comment}
	for _, rule := range rules() {
		files, want := offenders(archive, rule.sentence)
		got := offencesIn(t, rule, files)
		if len(got) == 0 {
			t.Errorf("%q: got no offence, want an offender in %s", rule.sentence, offendersFile)
		}
		if diff := cmp.Diff(want, strings.Join(got, "\n")+"\n"); diff != "" && !*update {
			t.Errorf("%q: offences (-want +got):\n%s", rule.sentence, diff)
		}
		kept.Files = append(kept.Files, files...)
		kept.Files = append(kept.Files, txtar.File{Name: rule.sentence + "/want", Data: []byte(strings.Join(got, "\n") + "\n")})
	}
	if *update {
		if err := os.WriteFile(offendersFile, txtar.Format(&kept), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// offenders picks the files of one rule, and the offences wanted in them.
func offenders(archive *txtar.Archive, sentence string) (files []txtar.File, want string) {
	for _, file := range archive.Files {
		switch name, ok := strings.CutPrefix(file.Name, sentence+"/"); {
		case ok && name == "want":
			want = string(file.Data)
		case ok:
			files = append(files, file)
		}
	}
	return files, want
}

func offencesIn(t *testing.T, rule rule, files []txtar.File) []string {
	t.Helper()
	tree := make(fstest.MapFS)
	for _, file := range files {
		name := strings.TrimPrefix(file.Name, rule.sentence+"/")
		tree[name] = &fstest.MapFile{Data: unfold(file.Data)}
	}
	house, err := readHouse(tree)
	if err != nil {
		t.Fatalf("%q: %v", rule.sentence, err)
	}
	return rule.broken(house)
}

// unfold writes out the lines that "// 80 lines" stands for.
func unfold(text []byte) []byte {
	folded := regexp.MustCompile(`(?m)^\s*// (\d+) lines$`)
	return folded.ReplaceAllFunc(text, func(line []byte) []byte {
		n, _ := strconv.Atoi(string(folded.FindSubmatch(line)[1]))
		return []byte(strings.Repeat("//\n", n))
	})
}
