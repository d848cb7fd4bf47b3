package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
)

// TestMessages keeps the errors people and models meet readable: open
// testdata/messages.txt and ask whether each could be mended by what it says.
// It holds one for each line of testdata/broken.txt.
func TestMessages(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	for text := range strings.Lines(readTestdata(t, "broken.txt")) {
		text = strings.TrimSuffix(text, "\n")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		_, err := render(t, text)
		if err == nil {
			t.Errorf("%s: no error", text)
			continue
		}
		fault := ordinaut.AsError(err)
		fmt.Fprintf(&out, "%s\n    %s\n    %s\n    → %s\n\n", text, fault.Code, fault.Message, fault.Fix)
		if fault.Code == ordinaut.CodeInternal || fault.Sent == nil || fault.Fix == "" {
			t.Errorf("%s: %#v is not an error a user can mend", text, fault)
		}
	}
	golden(t, "messages.txt", out.String())
}

func TestMessagesShowNoValues(t *testing.T) {
	t.Parallel()
	e := env(t)
	e.Roots["secrets"] = map[string]any{"token": "s3cr3t", "n": 1}
	for _, text := range []string{
		"${secrets.token + 1h}", "${secrets.token * 2}", "x ${secrets.token.x}", "${round(secrets.token, 1)}",
		"${now + secrets.token}", "${date(secrets.token, '%Y')}", "${parse_json(secrets.token)}", "${diff(now, now, secrets.token)}",
		"${keys(secrets.token)}", "${now | date(@, join('%', ['', secrets.token]))}",
	} {
		tmpl, err := ParseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tmpl.Render(e); err == nil || strings.Contains(fmt.Sprintf("%#v", err), "s3cr3t") {
			t.Errorf("%s: got %#v, want an error that does not show the value", text, err)
		}
	}
}

func TestParseTellsWhatFollowsABody(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"${a} and ${b}", "${a} == 1", "${a", "  ${a b} "} {
		_, err := Parse(text)
		wantCode(t, text, err, ordinaut.CodeExprSyntax)
	}
}

func TestMessagesStayShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2000)
	wide := func() map[string]any {
		object := map[string]any{}
		for i := range 1000 {
			object[fmt.Sprintf("%04d%s", i, long)] = i
		}
		return object
	}
	e := &Env{Roots: wide()}
	e.Roots["steps"], e.Roots["a"] = wide(), map[string]any{"wide": wide()}
	for _, text := range []string{
		long, "steps." + long, "length(a." + long + ")", "${a.wide." + long + "} ", "abs('" + long + "')", "'" + long, "a " + long,
	} {
		tmpl, err := ParseTemplate("${" + text + "}!")
		if err == nil {
			_, err = tmpl.Render(e)
		}
		if err == nil || len(err.Error()) > 2000 {
			t.Errorf("%.20s…: got %v", text, err)
		}
	}
}
