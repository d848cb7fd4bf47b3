package ordinaut

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// LogLine is one line of the log of a run. Whenever the run or one of its steps
// comes to stand otherwise the store writes a line, in the same transaction;
// between them stands what the tools said.
type LogLine struct {
	Seq     int64 // its position; positions only grow, over all runs
	RunID   RunID
	At      time.Time
	Kind    LogKind
	Step    string // its path; "" is the run itself
	Attempt int    // of the run or the step
	Tool    string
	Status  string     // of a run or a step: where it stands from now on
	Text    string     // what was said; of a run the reason; of a step that waits, for what
	Failure *Failure   // why the attempt has failed
	Until   *time.Time // when it goes on: an attempt, or the end of a wait
}

// LogKind says what a line of a log is about.
type LogKind string

// The kinds of lines.
const (
	LogRun  LogKind = "run"  // the run has come to stand otherwise
	LogStep LogKind = "step" // a step has come to stand otherwise
	LogSaid LogKind = "said" // a tool said something
	LogFull LogKind = "full" // the log keeps no more: how many lines are missing
)

// Topic is the topic of the event that the line is, such as task.run.failed; ""
// when it is none.
func (l LogLine) Topic() string {
	status := l.Status
	if status == string(RunRunning) {
		status = "started"
	}
	switch {
	case l.Kind == LogRun:
		return "task.run." + status
	case l.Kind != LogStep:
		return ""
	case l.Status == string(StepWaiting) && l.Text == string(WaitApproval):
		return "approval.requested"
	default:
		return "task.step." + status
	}
}

// Event is the event that the line of a run of the task is.
func (l LogLine) Event(task TaskID) (Event, error) {
	data := lineData{
		RunID: l.RunID, TaskID: task, Status: l.Status, Attempt: l.Attempt,
		Step: l.Step, Tool: l.Tool, Error: l.Failure, Until: l.Until,
	}
	switch {
	case l.Kind == LogStep:
		data.WaitsFor = l.Text
	case l.Text == LogUndo:
		data.Undo = true
	default:
		data.Reason = l.Text
	}
	raw, err := json.Marshal(data)
	return Event{
		Seq: l.Seq, ID: strconv.FormatInt(l.Seq, 10), Source: SourceOrdinaut, Topic: l.Topic(),
		Subject: string(l.RunID), At: l.At, Data: raw, TaskID: task, RunID: l.RunID,
	}, err
}

// lineData is what the event of a line says.
type lineData struct {
	RunID    RunID      `json:"run_id"`
	TaskID   TaskID     `json:"task_id"`
	Status   string     `json:"status"`
	Reason   string     `json:"reason,omitempty"`
	Attempt  int        `json:"attempt"`
	Step     string     `json:"step,omitempty"`
	Tool     string     `json:"tool,omitempty"`
	WaitsFor string     `json:"waits_for,omitempty"`
	Undo     bool       `json:"undo,omitempty"` // its steps are undone
	Error    *Failure   `json:"error,omitempty"`
	Until    *time.Time `json:"until,omitempty"`
}

// Words tell the line, without its time and its step.
func (l LogLine) Words() string {
	switch l.Kind {
	case LogSaid, LogFull:
		return l.Text
	case LogRun:
		return l.runWords()
	default:
		return l.stepWords()
	}
}

// LogUndo is the text of a run's line while its steps are undone.
const LogUndo = "undo"

func (l LogLine) runWords() string {
	undo := l.Text == LogUndo
	switch RunStatus(l.Status) {
	case RunQueued:
		switch {
		case l.Failure != nil && !undo:
			return "failed: " + l.Failure.Message + l.when("; tried again at ")
		case undo:
			return "its steps are to be undone" + l.when(" from ")
		}
		return "queued" + l.when(" until ")
	case RunParked:
		return "waits for the runs before it"
	case RunRunning:
		if undo {
			return "undoes its steps"
		}
		return l.begun()
	case RunWaiting:
		return "waits" + l.when(" until ")
	default:
		return l.ended()
	}
}

func (l LogLine) stepWords() string {
	switch StepStatus(l.Status) {
	case StepRunning:
		return l.begun()
	case StepWaiting:
		words := "waits"
		if l.Text != "" {
			words += " for " + WaitKind(l.Text).words()
		}
		return words + l.when(" until ")
	default:
		return l.ended()
	}
}

func (l LogLine) begun() string {
	if l.Attempt > 1 {
		return fmt.Sprintf("started, attempt %d", l.Attempt)
	}
	return "started"
}

// ended is the status with what is known of its cause.
func (l LogLine) ended() string {
	switch {
	case l.Failure != nil:
		return l.Status + ": " + l.Failure.Message
	case l.Text != "":
		return l.Status + ": " + l.Text
	}
	return l.Status
}

// when is the moment at which it goes on, if there is one.
func (l LogLine) when(before string) string {
	if l.Until == nil {
		return ""
	}
	return before + l.Until.Format(time.RFC3339)
}

// words is what is waited for.
func (k WaitKind) words() string {
	switch k {
	case WaitApproval:
		return "an approval"
	case WaitDoubt:
		return "a word on what became of the call"
	case WaitSleep:
		return "its time"
	case WaitRun:
		return "another run"
	case WaitEvent:
		return "an event"
	}
	return string(k)
}

// LogFilter selects lines. Zero fields do not select.
type LogFilter struct {
	RunID  RunID
	TaskID TaskID
	Step   string    // a path, and what lies below it
	From   time.Time // only lines of this time or later
	After  int64     // only lines behind this position
	Limit  int       // 0 is no limit
}

// Logs keeps what runs tell.
type Logs interface {
	// AppendLog adds what tools have said, in its order. It needs no lease: a tool
	// has said it, whoever holds the run by now. Of one run so many bytes are kept
	// (limits.RunLogBytes); behind them one last line says how many are missing.
	// Lines of runs that are not there are left out.
	AppendLog(ctx context.Context, lines ...LogLine) error
	// ListLog lists lines in their order. It is kept as long as the run's steps.
	ListLog(ctx context.Context, f LogFilter) ([]LogLine, error)
	// LogEnd is the position of the newest line of all.
	LogEnd(ctx context.Context) (int64, error)
}
