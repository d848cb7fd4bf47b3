package ordinaut_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

// TestTheReferenceListsEveryCode compares docs/reference/errors.md with the
// registry. It is rewritten with -update.
func TestTheReferenceListsEveryCode(t *testing.T) {
	t.Parallel()
	const path = "docs/reference/errors.md"
	want := reference()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is out of date, run the test with -update (-want +got):\n%s", path, diff)
	}
}

func reference() string {
	var b strings.Builder
	b.WriteString(`# Error codes

Every error that Ordinaut tells has a code that never changes its meaning, the
place in what was sent (a JSON Pointer), a message, and a fix. Over HTTP it is a
problem document (RFC 9457), whose ` + "`errors`" + ` holds every fault that was found.

| code | kind | meaning |
|---|---|---|
`)
	for _, info := range ordinaut.Codes() {
		fmt.Fprintf(&b, "| <a id=%q></a>`%s` | %s | %s |\n", info.Code, info.Code, info.Kind, info.Title)
	}
	return b.String()
}
