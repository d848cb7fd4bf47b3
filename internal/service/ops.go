package service

import (
	"context"
	"encoding/json"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// Ops is the table of contents: every operation there is. HTTP routes, the
// OpenAPI document and the command line are read off it.
func (s *Service) Ops() []op.Op {
	var ops []op.Op
	ops = append(ops, s.taskOps()...)
	ops = append(ops, s.runOps()...)
	ops = append(ops, s.rerunOps()...)
	ops = append(ops, s.approvalOps()...)
	ops = append(ops, s.pipelineOps()...)
	ops = append(ops, s.workerOps()...)
	ops = append(ops, s.eventOps()...)
	ops = append(ops, s.groupOps()...)
	ops = append(ops, s.webhookOps()...)
	ops = append(ops, s.hookOps()...)
	ops = append(ops, s.otherOps()...)
	return append(ops, s.legacyOps()...)
}

func (s *Service) taskOps() []op.Op {
	create := op.Op{
		Name: "task.create", Summary: "Create a task", Method: "POST", Path: "/v1/tasks", Aliases: []string{"POST /tasks"},
		Details: "A key that is sent and that one of your tasks already has changes that task instead.",
		Status:  201, Command: "tasks create", Scope: ordinaut.ScopeTasksWrite, Effect: op.Write, DryRun: true,
		Later: laterTaskFields(), Example: exampleTask(),
	}
	return []op.Op{
		op.Checked(op.New(create, s.CreateTask), s.CheckTask),
		op.Checked(op.New(op.Op{
			Name: "task.validate", Summary: "Check a task without storing it", Method: "POST", Path: "/v1/tasks/validate",
			Command: "tasks validate", Scope: ordinaut.ScopeTasksRead, Effect: op.Read, Pure: true,
			Later: laterTaskFields(), Example: exampleTask(),
		}, s.ValidateTask), s.CheckTask),
		op.New(op.Op{
			Name: "task.list", Summary: "List tasks, newest first", Method: "GET", Path: "/v1/tasks",
			Command: "tasks list", Columns: []string{"key", "status", "sentence", "next_fire_at"},
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read,
		}, s.ListTasks),
		op.New(op.Op{
			Name: "task.get", Summary: "Show a task and its newest run", Method: "GET", Path: "/v1/tasks/{task}", Aliases: []string{"GET /tasks/{task}"},
			Command: "tasks get", Args: []string{"task"}, Scope: ordinaut.ScopeTasksRead, Effect: op.Read,
		}, s.GetTask),
		op.New(op.Op{
			Name: "task.update", Summary: "Change some fields of a task", Method: "PATCH", Path: "/v1/tasks/{task}",
			Details: "Fields that are not sent stay as they are; null sets a field to its default.",
			Command: "tasks update", Args: []string{"task"}, Scope: ordinaut.ScopeTasksWrite, Effect: op.Write, DryRun: true,
			Partial: true, Later: laterTaskFields(), Example: json.RawMessage(`{"task":"morning-briefing","priority":7}`),
		}, s.UpdateTask),
		taskOp("pause", "Stop a task from firing until it is resumed", op.Write, s.PauseTask),
		taskOp("resume", "Let a paused task fire again", op.Write, s.ResumeTask),
		taskOp("cancel", "End a task for good", op.Destroy, s.CancelTask),
		op.New(op.Op{
			Name: "task.snooze", Summary: "Put the next occurrence of a task off", Method: "POST", Path: "/v1/tasks/{task}/snooze",
			Details: "It keeps its nominal time. Those that follow it before then do not run; after that the task fires as always.",
			Command: "tasks snooze", Args: []string{"task"}, Scope: ordinaut.ScopeTasksWrite, Effect: op.Write, DryRun: true,
			Example: json.RawMessage(`{"task":"morning-briefing","for":"2h","reason":"on the train"}`),
		}, s.SnoozeTask),
		taskOp("unsnooze", "Let a snoozed task fire at its own time", op.Write, s.UnsnoozeTask),
		op.New(op.Op{
			Name: "task.run", Summary: "Run a task now", Method: "POST", Path: "/v1/tasks/{task}/run", Status: 202,
			Command: "run", Args: []string{"task"}, Scope: ordinaut.ScopeRunsControl, Effect: op.Write,
			Example: json.RawMessage(`{"task":"morning-briefing","params":{"city":"Chisinau"}}`),
		}, s.RunTask),
		op.New(op.Op{
			Name: "task.fires", Summary: "Show what became of each nominal time", Method: "GET", Path: "/v1/tasks/{task}/fires",
			Command: "tasks fires", Args: []string{"task"}, Columns: []string{"nominal_at", "outcome", "count", "status", "reason", "run_id"},
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read,
		}, s.TaskFires),
		op.New(op.Op{
			Name: "task.stats", Summary: "Say what became of a task's runs of the last days", Method: "GET", Path: "/v1/tasks/{task}/stats",
			Command: "tasks stats", Args: []string{"task"}, Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.GetTaskStats),
		op.New(op.Op{
			Name: "task.versions", Summary: "List the definitions that a task has had", Method: "GET", Path: "/v1/tasks/{task}/versions",
			Command: "tasks versions", Args: []string{"task"}, Columns: []string{"version", "current", "changed"},
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read,
		}, s.ListVersions),
		op.New(op.Op{
			Name: "task.rollback", Summary: "Give a task the definition of an earlier version", Method: "POST", Path: "/v1/tasks/{task}/rollback",
			Details: "It becomes a new version, checked as if it were sent now. The tools that it names are accepted as they are now.",
			Command: "tasks rollback", Args: []string{"task"}, Scope: ordinaut.ScopeTasksWrite, Effect: op.Write, DryRun: true,
			Example: json.RawMessage(`{"task":"morning-briefing","version":1}`),
		}, s.RollBack),
	}
}

// taskOp is an operation that moves a task from one status to another.
func taskOp(verb, summary string, effect op.Effect, fn func(context.Context, TaskName) (Task, error)) op.Op {
	return op.New(op.Op{
		Name: "task." + verb, Summary: summary, Method: "POST", Path: "/v1/tasks/{task}/" + verb,
		Command: "tasks " + verb, Args: []string{"task"}, Scope: ordinaut.ScopeTasksWrite, Effect: effect, DryRun: true,
	}, fn)
}

func (s *Service) runOps() []op.Op {
	return []op.Op{
		op.New(op.Op{
			Name: "run.list", Summary: "List runs, newest first", Method: "GET", Path: "/v1/runs",
			Command: "runs list", Columns: []string{"id", "task_id", "trigger", "status", "reason", "nominal_at", "attempt"},
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.ListRuns),
		op.New(op.Op{
			Name: "run.get", Summary: "Show a run and its steps", Method: "GET", Path: "/v1/runs/{run}",
			Command: "runs get", Args: []string{"run"}, Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.GetRun),
		op.New(op.Op{
			Name: "run.log", Summary: "Show the log of a run", Method: "GET", Path: "/v1/runs/{run}/log",
			Details: "A line for each change of where the run and its steps stand, and between them what the tools said. It is kept as long as the steps.",
			Columns: []string{"at", "step", "text"}, Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.GetRunLog),
		op.New(op.Op{
			Name: "run.stream", Summary: "Tell what becomes of a run while it happens", Method: "GET", Path: "/v1/runs/{run}/stream",
			Details: "Events run, step and log, from the beginning of the run on, and end when it has ended. With the header Last-Event-ID it goes on where the reader left off.",
			Scope:   ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.StreamRun),
		op.New(op.Op{
			Name: "run.streams", Summary: "Tell what becomes of all runs, or of a task's, while it happens", Method: "GET", Path: "/v1/runs/stream",
			Details: "Events run, step and log, from now on. With the header Last-Event-ID it goes on where the reader left off.",
			Scope:   ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.StreamRuns),
		op.New(op.Op{
			Name: "artifact.get", Summary: "Give a result that is too large for its step", Method: "GET", Path: "/v1/artifacts/{artifact}",
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.GetArtifact),
		op.New(op.Op{
			Name: "run.cancel", Summary: "End a run before its time", Method: "POST", Path: "/v1/runs/{run}/cancel",
			Details: "A run that waits is withdrawn at once. One that is at work is told to stop, which it does within two seconds when its tool does; it shows canceling until then.",
			Command: "runs cancel", Args: []string{"run"}, Scope: ordinaut.ScopeRunsControl, Effect: op.Destroy,
		}, s.CancelRun),
		op.New(op.Op{
			Name: "run.latest", Summary: "Show the newest run of a task and its steps", Method: "GET", Path: "/v1/tasks/{task}/runs/latest",
			Command: "runs latest", Args: []string{"task"}, Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.LatestRun),
		op.New(op.Op{
			Name: "run.stats", Summary: "Say what became of the runs of the last days", Method: "GET", Path: "/v1/stats",
			Command: "stats", Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.GetStats),
	}
}

func (s *Service) rerunOps() []op.Op {
	return []op.Op{
		op.New(op.Op{
			Name: "run.rerun", Summary: "Repeat a run that has ended", Method: "POST", Path: "/v1/runs/{run}/rerun", Status: 202,
			Details: "It becomes a new run. With from_step it begins with the results of all steps that do not wait for that one; steps that were undone are done again.",
			Command: "runs rerun", Args: []string{"run"}, Scope: ordinaut.ScopeRunsControl, Effect: op.Write, DryRun: true,
			Example: json.RawMessage(`{"run":"0198c4d2-7a31-7c55-9d0e-3f1f6f0a2b11","from_step":"failed"}`),
		}, s.RerunRun),
		op.New(op.Op{
			Name: "run.bulk", Summary: "Cancel or repeat many runs at once", Method: "POST", Path: "/v1/runs/bulk",
			Details: "Each run is dealt with for itself, and the answer says what became of it. A dry run says what would be done.",
			Columns: []string{"run_id", "status", "outcome", "new_run_id", "message"}, Whole: true,
			Scope: ordinaut.ScopeRunsControl, Effect: op.Destroy, DryRun: true,
			Example: json.RawMessage(`{"action":"rerun_failed_step","filter":{"task_id":"morning-briefing","error_code":"tool.timeout"},"dry_run":true}`),
		}, s.BulkRuns),
		op.New(op.Op{
			Name: "run.compare", Summary: "Say in what two runs differ", Method: "GET", Path: "/v1/runs/{run}/compare/{other}",
			Details: "Params, version, and each step with its status, time, arguments and result.",
			Scope:   ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.CompareRuns),
		op.New(op.Op{
			Name: "run.dead_letters", Summary: "List the failed runs that nobody has dealt with", Method: "GET", Path: "/v1/dead-letters",
			Details: "Alike failures of a task stand together. A run is dealt with when it is dismissed or repeated; a rerun that fails is a dead letter itself.",
			Command: "dead-letters list", Columns: []string{"task", "step", "code", "count", "first_at", "last_at", "newest_run_id", "message"},
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.ListDeadLetters),
		op.New(op.Op{
			Name: "run.redrive", Summary: "Let failed runs go on where they failed", Method: "POST", Path: "/v1/dead-letters/redrive",
			Command: "dead-letters redrive", Args: []string{"run"}, Columns: []string{"run_id", "outcome", "new_run_id", "message"}, Whole: true,
			Scope: ordinaut.ScopeRunsControl, Effect: op.Write, DryRun: true,
			Example: json.RawMessage(`{"task":"morning-briefing","code":"tool.timeout"}`),
		}, s.Redrive),
		op.New(op.Op{
			Name: "run.dismiss", Summary: "Mark failed runs as dealt with", Method: "POST", Path: "/v1/dead-letters/dismiss",
			Command: "dead-letters dismiss", Args: []string{"run"}, Columns: []string{"run_id", "outcome", "message"}, Whole: true,
			Scope: ordinaut.ScopeRunsControl, Effect: op.Write, DryRun: true,
			Example: json.RawMessage(`{"task":"morning-briefing","step":"send"}`),
		}, s.Dismiss),
	}
}

func (s *Service) approvalOps() []op.Op {
	return []op.Op{
		op.New(op.Op{
			Name: "approval.list", Summary: "List the decisions that runs wait for", Method: "GET", Path: "/v1/approvals",
			Command: "approvals list", Columns: []string{"short", "task", "message", "state", "deadline", "default"},
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.ListApprovals),
		op.New(op.Op{
			Name: "approval.get", Summary: "Show what is asked, and exactly what follows", Method: "GET", Path: "/v1/approvals/{approval}",
			Command: "approvals get", Args: []string{"approval"}, Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
			Example: json.RawMessage(`{"approval":"5f3c9a1b:review"}`),
		}, s.GetApproval),
		op.New(op.Op{
			Name: "approval.decide", Summary: "Decide about what a run waits for", Method: "POST", Path: "/v1/approvals/{approval}/decide",
			Details: "A decision is taken once. The run goes on from there; with changes, from the step to which it is sent back.",
			Command: "approvals decide", Args: []string{"approval"}, Scope: ordinaut.ScopeRunsControl, Effect: op.Write,
			Example: json.RawMessage(`{"approval":"5f3c9a1b:review","decision":"approved","comment":"Looks good"}`),
		}, s.Decide),
	}
}

func (s *Service) pipelineOps() []op.Op {
	return []op.Op{
		op.New(op.Op{
			Name: "pipeline.check", Summary: "Say what is wrong with a pipeline", Method: "POST", Path: "/v1/pipelines/check",
			Details: "All faults are told at once. Nothing is stored, and no tool is called.",
			Command: "pipelines check", Columns: []string{"id", "uses", "reads", "conditional"},
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read, Pure: true,
			Example: json.RawMessage(`{"payload":{"pipeline":[{"id":"say","uses":"debug.echo","with":{"message":"hello"}}]}}`),
		}, s.CheckPipeline),
		op.New(op.Op{
			Name: "pipeline.render", Summary: "Show what the steps of a pipeline would be called with", Method: "POST", Path: "/v1/pipelines/render",
			Details: "Samples stand for what the steps before would give. No tool is called.",
			Command: "pipelines render", Columns: []string{"id", "uses", "outcome", "input"},
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read, Pure: true,
			Example: json.RawMessage(`{"payload":{"pipeline":[{"id":"a","uses":"debug.echo"},{"uses":"debug.log","with":{"message":"${steps.a.message}"}}]},"sample":{"a":{"message":"hello"}}}`),
		}, s.RenderPipeline),
		op.New(op.Op{
			Name: "pipeline.test", Summary: "Carry out a pipeline with mocks in place of tools", Method: "POST", Path: "/v1/pipelines/test",
			Details: "Tools that only compute work as always; a call of any other is answered by its mock. What each case expects is compared with what happened.",
			Scope:   ordinaut.ScopeTasksRead, Effect: op.Read, Pure: true,
			Example: json.RawMessage(`{"task":{"payload":{"pipeline":[{"id":"w","uses":"weather.today","with":{"city":"Chisinau"}}]}},"script":{"mocks":{"weather.today":{"output":{"max":21}}},"cases":[{"expect":{"output":{"max":21}}}]}}`),
		}, s.TestPipeline),
		op.New(op.Op{
			Name: "file.schema", Summary: "Show the JSON Schema of a kind of file", Method: "GET", Path: "/v1/schemas/{file}",
			Command: "schema", Args: []string{"file"}, Scope: ordinaut.ScopeTasksRead, Effect: op.Read, Pure: true,
			Example: json.RawMessage(`{"file":"task"}`),
		}, s.FileSchema),
	}
}

func (s *Service) otherOps() []op.Op {
	return []op.Op{
		op.New(op.Op{
			Name: "schedule.preview", Summary: "Say when a schedule would fire", Method: "POST", Path: "/v1/schedules/preview",
			Command: "schedules preview", Columns: []string{"local", "utc", "note"},
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read, Pure: true,
			Example: json.RawMessage(`{"schedule_kind":"cron","schedule_expr":"30 8 * * 1-5","timezone":"Europe/Chisinau","count":3}`),
		}, s.PreviewSchedule),
		op.New(op.Op{
			Name: "tool.list", Summary: "List the tools that steps can use", Method: "GET", Path: "/v1/tools", Aliases: []string{"GET /tools"},
			Command: "tools list", Columns: []string{"address", "title", "description"},
			Scope: ordinaut.ScopeToolsRead, Effect: op.Read, Pure: true,
		}, s.ListTools),
		op.New(op.Op{
			Name: "tool.get", Summary: "Show a tool and the shapes of what it takes and gives", Method: "GET", Path: "/v1/tools/{tool}",
			Command: "tools get", Args: []string{"tool"}, Scope: ordinaut.ScopeToolsRead, Effect: op.Read, Pure: true,
		}, s.GetTool),
		op.New(op.Op{
			Name: "tool.call", Summary: "Call a tool once, outside of any task", Method: "POST", Path: "/v1/tools/{tool}/call",
			Details: "The call is made at once, with the arguments as they are sent. What it changes is changed.",
			Command: "tools call", Args: []string{"tool"}, Whole: true, Lasts: "timeout_seconds", Scope: ordinaut.ScopeToolsCall, Effect: op.Write,
			Example: json.RawMessage(`{"tool":"debug.echo","with":{"message":"hello"}}`),
		}, s.CallTool),
		op.New(op.Op{
			Name: "server.list", Summary: "List the tool servers and how they do", Method: "GET", Path: "/v1/tool-servers",
			Command: "tools servers", Columns: []string{"name", "kind", "state", "target", "protocol", "restarts"},
			Scope: ordinaut.ScopeToolsRead, Effect: op.Read,
		}, s.ListServers),
		op.New(op.Op{
			Name: "server.test", Summary: "Start a tool server and list its tools", Method: "POST", Path: "/v1/tool-servers/{server}/test",
			Command: "tools test", Args: []string{"server"}, Whole: true, Scope: ordinaut.ScopeToolsCall, Effect: op.Write,
		}, s.TestServer),
		op.New(op.Op{
			Name: "system.version", Summary: "Say what is running", Method: "GET", Path: "/v1/version",
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read, Pure: true,
		}, s.GetVersion),
	}
}

func (s *Service) legacyOps() []op.Op {
	return []op.Op{
		op.New(op.Op{
			Name: "legacy.tasks", Summary: "List tasks by page number", Method: "GET", Path: "/tasks",
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read,
		}, s.LegacyTasks),
		op.New(op.Op{
			Name: "legacy.update", Summary: "Change some fields of a task", Method: "PUT", Path: "/tasks/{task}",
			Scope: ordinaut.ScopeTasksWrite, Effect: op.Write, Partial: true, Later: laterTaskFields(),
		}, s.LegacyUpdate),
		op.New(op.Op{
			Name: "legacy.run_now", Summary: "Run a task now", Method: "POST", Path: "/tasks/{task}/run_now",
			Scope: ordinaut.ScopeRunsControl, Effect: op.Write,
		}, s.LegacyRunNow),
		op.New(op.Op{
			Name: "legacy.pause", Summary: "Pause a task", Method: "POST", Path: "/tasks/{task}/pause",
			Scope: ordinaut.ScopeTasksWrite, Effect: op.Write,
		}, s.LegacyPause),
		op.New(op.Op{
			Name: "legacy.resume", Summary: "Resume a task", Method: "POST", Path: "/tasks/{task}/resume",
			Scope: ordinaut.ScopeTasksWrite, Effect: op.Write,
		}, s.LegacyResume),
		op.New(op.Op{
			Name: "legacy.cancel", Summary: "Cancel a task", Method: "POST", Path: "/tasks/{task}/cancel",
			Scope: ordinaut.ScopeTasksWrite, Effect: op.Destroy,
		}, s.LegacyCancel),
		op.New(op.Op{
			Name: "legacy.snooze", Summary: "Put the next occurrence of a task off", Method: "POST", Path: "/tasks/{task}/snooze",
			Scope: ordinaut.ScopeTasksWrite, Effect: op.Write,
		}, s.LegacySnooze),
		op.New(op.Op{
			Name: "legacy.runs", Summary: "List runs by page number", Method: "GET", Path: "/runs",
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.LegacyRuns),
		op.New(op.Op{
			Name: "legacy.run", Summary: "Show a run", Method: "GET", Path: "/runs/{run}",
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.LegacyRunOf),
		op.New(op.Op{
			Name: "legacy.approve", Summary: "Approve what a run waits for", Method: "POST", Path: "/runs/{run}/approve",
			Aliases: []string{"POST /v1/runs/{run}/approve"}, Scope: ordinaut.ScopeRunsControl, Effect: op.Write,
		}, s.LegacyApprove),
		op.New(op.Op{
			Name: "legacy.latest", Summary: "Show the newest run of a task", Method: "GET", Path: "/runs/task/{task}/latest",
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.LegacyLatest),
		op.New(op.Op{
			Name: "legacy.task_stats", Summary: "Say what became of a task's runs", Method: "GET", Path: "/runs/task/{task}/stats",
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.LegacyStatsOf),
		op.New(op.Op{
			Name: "legacy.summary", Summary: "Say what became of all runs", Method: "GET", Path: "/runs/stats/summary",
			Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.LegacySummaryOf),
		op.New(op.Op{
			Name: "legacy.publish", Summary: "Tell of an event", Method: "POST", Path: "/events", Status: 202,
			Scope: ordinaut.ScopeEventsPublish, Effect: op.Write,
		}, s.LegacyPublishEvent),
		op.New(op.Op{
			Name: "legacy.topics", Summary: "List the topics that tasks look out for", Method: "GET", Path: "/events/topics",
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read,
		}, s.LegacyTopicsOf),
		op.New(op.Op{
			Name: "legacy.recent", Summary: "List the newest events", Method: "GET", Path: "/events/stream/recent",
			Scope: ordinaut.ScopeEventsRead, Effect: op.Read,
		}, s.LegacyRecentEvents),
		op.New(op.Op{
			Name: "legacy.cleanup", Summary: "Forget old events", Method: "DELETE", Path: "/events/stream/cleanup",
			Scope: ordinaut.ScopeAdmin, Effect: op.Destroy,
		}, s.LegacyCleanUp),
	}
}

// exampleTask is a task that works on any server.
func exampleTask() json.RawMessage {
	return json.RawMessage(`{
  "title": "Say hello",
  "schedule_kind": "cron",
  "schedule_expr": "* * * * *",
  "payload": {
    "params": {"name": "world"},
    "pipeline": [
      {"id": "greeting", "uses": "debug.echo", "with": {"message": "Hello, ${params.name}!"}},
      {"id": "note", "uses": "debug.log", "with": {"message": "${steps.greeting.message}"}}
    ]
  }
}`)
}
