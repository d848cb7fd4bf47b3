package expr

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ordinaut/ordinaut"
)

// complianceCase is one case of the official JMESPath compliance suite.
type complianceCase struct {
	Expression string
	Result     any
	Error      string
}

// TestCompliance runs the official cases, which come with the module
// go-jmespath. None is left out and none is excused.
func TestCompliance(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(complianceFolder(t), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("find the compliance cases: %d files, %v", len(files), err)
	}
	total := 0
	for _, file := range files {
		for _, suite := range readCompliance(t, file) {
			for _, c := range suite.Cases {
				total++
				checkCompliance(t, filepath.Base(file), suite.Given, c)
			}
		}
	}
	if total < 700 {
		t.Errorf("ran %d cases of the compliance suite, want all of its more than 700", total)
	}
	t.Logf("%d official cases from %d files", total, len(files))
}

func complianceFolder(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/jmespath/go-jmespath").Output()
	if err != nil {
		t.Fatalf("locate the module with the compliance cases: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "compliance")
}

func readCompliance(t *testing.T, file string) (suites []struct {
	Given any
	Cases []complianceCase
}) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&suites); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return suites
}

func checkCompliance(t *testing.T, file string, given any, c complianceCase) {
	t.Helper()
	got, err := search(c.Expression, given)
	if c.Error != "" {
		checkComplianceError(t, file, c, got, err)
		return
	}
	if err != nil {
		t.Errorf("%s: %s: %v", file, c.Expression, err)
		return
	}
	if diff := cmp.Diff(c.Result, got, byValue(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("%s: %s (-want +got):\n%s", file, c.Expression, diff)
	}
}

func checkComplianceError(t *testing.T, file string, c complianceCase, got any, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: %s gave %v, want the error %s", file, c.Expression, got, c.Error)
		return
	}
	want := map[string]ordinaut.Code{
		"syntax":           ordinaut.CodeExprSyntax,
		"invalid-type":     ordinaut.CodeExprType,
		"invalid-value":    ordinaut.CodeExprSyntax, // the step 0 of a slice, found before it is evaluated
		"invalid-arity":    ordinaut.CodeExprArity,
		"unknown-function": ordinaut.CodeExprFunction,
	}[c.Error]
	if got := ordinaut.AsError(err).Code; got != want {
		t.Errorf("%s: %s gave the error %s, want %s: %v", file, c.Expression, got, want, err)
	}
}

// search parses and evaluates text on a document.
func search(text string, doc any) (any, error) {
	e, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return e.Search(&Env{}, doc)
}

// byValue compares numbers by their value, however they are written.
func byValue() cmp.Option {
	return cmp.FilterValues(func(a, b any) bool { return typeOf(a) == "number" && typeOf(b) == "number" },
		cmp.Comparer(func(a, b any) bool {
			n, _ := toNumber(a)
			m, _ := toNumber(b)
			diff := n.float - m.float
			return -1e-9 < diff && diff < 1e-9
		}))
}
