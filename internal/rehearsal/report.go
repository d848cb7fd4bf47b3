package rehearsal

import (
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
)

// Report says what became of every case.
type Report struct {
	Passed bool         `json:"passed" doc:"Every case went as expected."`
	Cases  []CaseReport `json:"cases" doc:"The cases in the order of the script." nullable:"false"`
}

// CaseReport says what became of one case.
type CaseReport struct {
	Name       string             `json:"name" doc:"What the script calls it."`
	Passed     bool               `json:"passed" doc:"It went as expected."`
	Status     ordinaut.RunStatus `json:"status" enum:"succeeded,failed,stopped" doc:"How the run ended; stopped when it could not go on."`
	Now        time.Time          `json:"now" doc:"What now was."`
	Attempts   int                `json:"attempts" doc:"How often the run was tried."`
	Output     json.RawMessage    `json:"output" doc:"The result of the run."`
	Error      *ordinaut.Failure  `json:"error" doc:"Why the run failed."`
	Stopped    *ordinaut.Failure  `json:"stopped,omitempty" doc:"Why the rehearsal could not go on, such as a call that no mock answers."`
	Steps      []StepReport       `json:"steps" doc:"What became of each step." nullable:"false"`
	Calls      []CallReport       `json:"calls" doc:"Every call, in order." nullable:"false"`
	Told       []string           `json:"told" doc:"What was waited for and how that ended, and what was undone, in words." nullable:"false"`
	Mismatches []Mismatch         `json:"mismatches" doc:"What was expected otherwise." nullable:"false"`
}

// StepReport says what became of one step.
type StepReport struct {
	ID     string            `json:"id" doc:"Its id."`
	Tool   string            `json:"tool" doc:"The tool that it uses."`
	Status string            `json:"status" enum:"succeeded,failed,skipped,waiting,not_run" doc:"How it ended."`
	Called int               `json:"called" doc:"How often its tool was called."`
	Input  json.RawMessage   `json:"input,omitempty" doc:"The arguments, as rendered."`
	Output json.RawMessage   `json:"output,omitempty" doc:"Its result."`
	Error  *ordinaut.Failure `json:"error,omitempty" doc:"Why it failed."`

	WaitedSeconds float64 `json:"waited_seconds,omitempty" doc:"How long it waited for an answer or a moment."`
}

// runStopped is how a run ends that could not go on, which no real run does.
const runStopped ordinaut.RunStatus = "stopped"

// stepNotRun is where a step stands that was never reached.
const stepNotRun = "not_run"

// CallReport is one call of a tool.
type CallReport struct {
	Step    string            `json:"step" doc:"The step that made it."`
	Tool    string            `json:"tool" doc:"The tool that was called."`
	Attempt int               `json:"attempt" doc:"The attempt of the run."`
	Mocked  bool              `json:"mocked" doc:"A mock answered, and no tool."`
	Input   json.RawMessage   `json:"input" doc:"The arguments, as rendered."`
	Output  json.RawMessage   `json:"output,omitempty" doc:"The answer."`
	Error   *ordinaut.Failure `json:"error,omitempty" doc:"Why it failed."`
	Log     []string          `json:"log,omitempty" doc:"What the tool said meanwhile."`
}

// Mismatch is one thing that was expected otherwise.
type Mismatch struct {
	At      string          `json:"at" doc:"What was expected, a JSON Pointer into the case."`
	Message string          `json:"message" doc:"What is different."`
	Want    json.RawMessage `json:"want,omitempty" doc:"What was expected."`
	Got     json.RawMessage `json:"got,omitempty" doc:"What there was instead."`
}
