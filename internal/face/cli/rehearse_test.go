package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/face/cli"
)

const letter = `key: letter
title: A letter
schedule_kind: manual
payload:
  params: {names: [Ada, Bob]}
  pipeline:
    - {id: text, uses: text.render, with: {template: "Dear ${params.names[0]},\n\n$${body}\n\nYours", values: {body: "it rains"}}}
    - {id: send, uses: mail.send, with: {text: "${steps.text.text}"}}
`

const letterMocks = `mocks:
  mail.send: {output: {id: 7}}
cases:
  - name: it is sent
    expect: {output: {id: 7}}
  - name: another weather
    expect: {steps: {send: {input: {text: "Dear Ada,\n\nit shines\n\nYours"}}}, output: {id: "7"}}
  - name: nobody is there
    mocks: {mail.send: {error: {class: unavailable, message: nobody is there}}}
  - name: used up
    mocks: {mail.send: [{match: {text: x}, output: 1}]}
`

func TestCasesAreToldToPeople(t *testing.T) {
	t.Parallel()
	u := newHermit(t)
	dir := u.folder(map[string]string{"letter.yaml": letter, "letter.mocks.yaml": letterMocks, "other.yaml": task("other")})
	got := u.in(dir, "test -f DIR")
	want := `DIR/letter.yaml
  ok      it is sent  (2 calls)
  failed  another weather  (2 calls)
          /expect/output/id: it is a number, not a text
            want  "7"
            got   7
          /expect/steps/send/input/text: it is different
              Dear Ada,
              
            - it shines
            + it rains
              
              Yours
  failed  nobody is there  (5 calls in 4 attempts)
          /expect/status: the step send failed: nobody is there
            want  "succeeded"
            got   "failed"
  failed  used up  (2 calls)
          no mock of mail.send is left for call 1, or none matches its arguments
            fix   add an answer for these arguments, or let one be given more often with times
`
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.exit != cli.ExitFailed {
		t.Errorf("exit %d (-want +got):\n%s", got.exit, diff)
	}
	u.must(got, cli.ExitFailed, "left out DIR/other.yaml: it has no mocks", "3 of 4 cases did not go as expected")
}

func TestCasesAreReportedToPrograms(t *testing.T) {
	t.Parallel()
	u := newHermit(t)
	dir := u.folder(map[string]string{"letter.yaml": letter, "mine.json": `{"mocks": {"send": {"output": {"id": 7}}}}`})
	got := u.in(dir, "test -f DIR/letter.yaml --mock DIR/mine.json -o json")
	var report struct {
		Passed bool
		Items  []struct {
			File, Mocks string
			Passed      bool
			Cases       []struct {
				Calls []struct {
					Step   string
					Mocked bool
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || got.exit != 0 {
		t.Fatalf("%v: %+v", err, got)
	}
	one := report.Items[0]
	if calls := one.Cases[0].Calls; !report.Passed || !one.Passed || one.Mocks != "DIR/mine.json" || len(calls) != 2 || calls[0].Mocked || !calls[1].Mocked {
		t.Errorf("got %s", got.stdout)
	}
}

// TestAPayloadAloneCanBeTried without a task around it, and without mocks when it
// needs none.
func TestAPayloadAloneCanBeTried(t *testing.T) {
	t.Parallel()
	u := newHermit(t)
	dir := u.folder(map[string]string{"p.yaml": "pipeline: [{uses: debug.echo}]\n"})
	u.must(u.in(dir, "test -f DIR/p.yaml"), 0, "ok      the pipeline succeeds  (1 call)")
}

func TestFaultsOfATestAreInTheirFiles(t *testing.T) {
	t.Parallel()
	u := newHermit(t)
	dir := u.folder(map[string]string{
		"a.yaml": strings.Replace(letter, "params.names", "parms.names", 1), "a.mocks.yaml": "mocks: {send: {output: 1}}",
		"b.yaml": letter, "b.mocks.yml": "mocks: {sned: {output: 1}}",
		"c.yaml": letter, "c.mocks.json": "[",
	})
	got := u.in(dir, "test -f DIR/a.yaml -f DIR/b.yaml")
	u.must(got, cli.ExitInvalid, "DIR/a.yaml at /payload/pipeline/0/with/template", "DIR/b.mocks.yml at /mocks/sned", "did you mean send?")
	u.must(u.in(dir, "test -f DIR/c.yaml"), cli.ExitUsage, "DIR/c.mocks.json cannot be used")
	u.must(u.in(dir, "test -f DIR/a.yaml -f DIR/b.yaml --mock DIR/b.mocks.yml"), cli.ExitUsage, "--mock is for one task, and there are 2")
	lonely := u.folder(map[string]string{"other.yaml": task("other")})
	u.must(u.in(lonely, "test -f DIR"), cli.ExitFailed, "no task has mocks")
}

// TestWithoutAServerTheToolsOfOthersAreUnknown, and those that are built in are
// not.
func TestWithoutAServerTheToolsOfOthersAreUnknown(t *testing.T) {
	t.Parallel()
	u := newHermit(t)
	dir := u.folder(map[string]string{
		"letter.yaml": letter, "slip.yaml": strings.Replace(letter, "text.render", "text.rendre", 1), "plain.yaml": strings.Replace(letter, "mail.send", "mail", 1),
	})
	u.must(u.in(dir, "validate -f DIR/letter.yaml"), 0, "only when somebody runs it", `warning: DIR/letter.yaml: without a server nobody can say whether there is a tool "mail.send"`)
	u.must(u.in(dir, "pipelines check -f DIR/letter.yaml"), 0, `there is a tool "mail.send"`)
	u.must(u.in(dir, "validate -f DIR/slip.yaml"), cli.ExitInvalid, "did you mean text.render?")
	u.must(u.in(dir, "validate -f DIR/plain.yaml"), cli.ExitInvalid, `there is no tool "mail"`)
}

// TestATaskInAFolderOfItsOwnHasItsMocksThere, and what it waits for is told below
// its case.
func TestATaskInAFolderOfItsOwnHasItsMocksThere(t *testing.T) {
	t.Parallel()
	const asks = `title: Pay
schedule_kind: manual
payload:
  pipeline:
    - {id: ask, uses: orchestrator.request_approval, with: {message: "Pay?", timeout_hours: 1}}
    - {id: pay, if: steps.ask.approved, uses: bank.pay}
`
	const answers = `mocks: {bank.pay: {output: {}}}
cases:
  - {name: somebody agrees, mocks: {ask: {decision: approved, by: eva, after_seconds: 60}}}
  - {name: nobody is there}
`
	u := newHermit(t)
	dir := u.folder(map[string]string{"pay/task.yaml": asks, "pay/mocks.yaml": answers, "mocks.yaml": answers, "other.yaml": task("other")})
	got := u.in(dir, "test -f DIR")
	want := `DIR/pay/task.yaml
  ok      somebody agrees  (1 call)
          ask: approved by eva after 1m
  ok      nobody is there  (0 calls)
          ask: nobody answered in 1h, so the deadline decided: rejected
`
	if diff := cmp.Diff(want, got.stdout); diff != "" {
		t.Errorf("exit %d (-want +got):\n%s%s", got.exit, diff, got.stderr)
	}
	u.must(got, cli.ExitOK, "left out DIR/other.yaml: it has no mocks")
}
