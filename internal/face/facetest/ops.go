package facetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// Task is a task of the small set.
type Task struct {
	ID         string            `json:"id" doc:"Its id."`
	Key        string            `json:"key" doc:"Its human name."`
	Title      string            `json:"title" doc:"What people call it."`
	Status     string            `json:"status" enum:"active,paused" doc:"Where it stands."`
	Priority   int               `json:"priority" doc:"9 goes first."`
	Labels     map[string]string `json:"labels" doc:"Names and values."`
	Payload    json.RawMessage   `json:"payload,omitempty" doc:"What it does."`
	Sentence   string            `json:"sentence" doc:"When it fires."`
	NextFireAt *time.Time        `json:"next_fire_at" doc:"When it fires next."`

	created bool
}

// Location is the path of the task.
func (t Task) Location() string { return "/v1/tasks/" + t.ID }

// ETag is the version of the task.
func (t Task) ETag() string { return `"1"` }

// StatusCode is 201 for a task that was made by this call.
func (t Task) StatusCode() int {
	if t.created {
		return 201
	}
	return 200
}

// Run is a run of the small set.
type Run struct {
	ID      string `json:"id" doc:"Its id."`
	Task    string `json:"task" doc:"The key of its task."`
	Status  string `json:"status" enum:"running,succeeded,failed" doc:"Where it stands."`
	Success *bool  `json:"success" doc:"Null until it has ended."`
}

// CreateTask asks for a task.
type CreateTask struct {
	Key      string            `json:"key,omitempty" pattern:"^[a-z-]+$" doc:"Its human name." example:"tea"`
	Title    string            `json:"title" minLength:"1" maxLength:"200" doc:"What people call it." example:"Tea"`
	Priority int               `json:"priority" required:"false" minimum:"1" maximum:"9" default:"5" doc:"9 goes first."`
	Urgent   bool              `json:"urgent,omitempty" doc:"It may disturb."`
	Labels   map[string]string `json:"labels,omitempty" doc:"Names and values."`
	Tags     []string          `json:"tags,omitempty" doc:"Words to find it by."`
	Payload  json.RawMessage   `json:"payload,omitempty" doc:"What it does."`
	DryRun   bool              `json:"dry_run,omitempty" doc:"Check only."`
}

// SetDefaults gives every field that is not sent its default.
func (r *CreateTask) SetDefaults() { r.Priority = 5 }

// TaskName asks for one task.
type TaskName struct {
	Task string `json:"task" doc:"The id or key of the task."`
}

// UpdateTask asks for fields of a task to change.
type UpdateTask struct {
	Task  string `json:"task" doc:"The id or key of the task."`
	Title string `json:"title" minLength:"1" doc:"What people call it."`
}

// ListTasks asks for tasks.
type ListTasks struct {
	Status string   `json:"status,omitempty" enum:"active,paused" doc:"Only tasks that stand so."`
	Tags   []string `json:"tags,omitempty" doc:"Only tasks with these."`
	Limit  int      `json:"limit,omitempty" minimum:"1" maximum:"200" doc:"How many at most."`
	All    bool     `json:"all,omitempty" doc:"Also those of others."`
	Cursor string   `json:"cursor,omitempty" doc:"next_cursor of the page before."`
}

// Page is one page of tasks.
type Page struct {
	Items      []Task  `json:"items" nullable:"false" doc:"The tasks."`
	NextCursor *string `json:"next_cursor" doc:"Where the next page begins."`
}

// StartRun asks for a run.
type StartRun struct {
	Task string `json:"task" doc:"The id or key of the task."`
	Fail bool   `json:"fail,omitempty" doc:"Let it fail."`
	Wait int    `json:"wait_seconds,omitempty" minimum:"0" maximum:"60" doc:"Wait this long for its end."`
}

// RunName asks for one run.
type RunName struct {
	Run  string `json:"run" doc:"The id of the run."`
	Wait int    `json:"wait_seconds,omitempty" minimum:"0" maximum:"60" doc:"Wait this long for its end."`
}

// Preview asks when something would fire.
type Preview struct {
	Every string `json:"every" doc:"How often, such as 90m." example:"90m"`
	Count int    `json:"count,omitempty" minimum:"1" maximum:"10" doc:"How many fires."`
}

// Fires is when something would fire.
type Fires struct {
	Sentence string `json:"sentence" doc:"When, in words."`
	Fires    []Fire `json:"fires" nullable:"false" doc:"The next fires."`
}

// Fire is one moment.
type Fire struct {
	UTC string `json:"utc" doc:"When, in UTC."`
}

// office is the state behind the operations.
type office struct {
	mu    sync.Mutex
	tasks []*Task
	runs  []*Run
}

// Ops is a fresh small set of operations with nothing in it.
func Ops(t testing.TB) *op.Set {
	t.Helper()
	s := &office{}
	set, err := op.NewSet(
		op.New(op.Op{
			Name: "task.create", Summary: "Create a task", Details: "A key that is sent again changes the task that has it.",
			Method: "POST", Path: "/v1/tasks", Aliases: []string{"POST /tasks"}, Status: 201,
			Command: "tasks create", Scope: ordinaut.ScopeTasksWrite, Effect: op.Write,
			Later:   map[string]string{"snooze": "pause it instead"},
			Example: json.RawMessage(`{"title":"Tea","key":"tea","labels":{"room":"kitchen"}}`),
		}, s.create),
		op.New(op.Op{
			Name: "task.list", Summary: "List tasks", Method: "GET", Path: "/v1/tasks", Aliases: []string{"GET /tasks"}, Status: 200,
			Command: "tasks list", Columns: []string{"key", "status", "title", "next_fire_at"},
			Scope: ordinaut.ScopeTasksRead, Effect: op.Read, Example: json.RawMessage(`{"status":"active"}`),
		}, s.list),
		op.New(op.Op{
			Name: "task.get", Summary: "Show a task", Method: "GET", Path: "/v1/tasks/{task}", Aliases: []string{"GET /tasks/{task}"}, Status: 200,
			Command: "tasks get", Args: []string{"task"}, Scope: ordinaut.ScopeTasksRead, Effect: op.Read,
			Example: json.RawMessage(`{"task":"tea"}`),
		}, s.get),
		op.New(op.Op{
			Name: "task.update", Summary: "Change a task", Method: "PATCH", Path: "/v1/tasks/{task}", Status: 200, Partial: true,
			Command: "tasks update", Args: []string{"task"}, Scope: ordinaut.ScopeTasksWrite, Effect: op.Write,
			Example: json.RawMessage(`{"task":"tea","title":"Green tea"}`),
		}, s.update),
		op.New(op.Op{
			Name: "task.delete", Summary: "Delete a task", Method: "DELETE", Path: "/v1/tasks/{task}", Status: 204,
			Command: "tasks delete", Args: []string{"task"}, Scope: ordinaut.ScopeAdmin, Effect: op.Destroy,
		}, s.delete),
		op.New(op.Op{
			Name: "task.run", Summary: "Run a task now", Method: "POST", Path: "/v1/tasks/{task}/run", Aliases: []string{"POST /tasks/{task}/run_now"}, Status: 202,
			Command: "run", Args: []string{"task"}, Scope: ordinaut.ScopeRunsControl, Effect: op.Write,
			Example: json.RawMessage(`{"task":"tea"}`),
		}, s.run),
		op.New(op.Op{
			Name: "run.get", Summary: "Show a run", Method: "GET", Path: "/v1/runs/{run}", Status: 200,
			Command: "runs get", Args: []string{"run"}, Scope: ordinaut.ScopeRunsRead, Effect: op.Read,
		}, s.findRun),
		op.New(op.Op{
			Name: "schedule.preview", Summary: "Show when a schedule fires", Method: "POST", Path: "/v1/schedules/preview", Status: 200,
			Command: "schedules preview", Args: []string{"every"}, Columns: []string{"utc"}, Scope: ordinaut.ScopeTasksRead, Effect: op.Read, Pure: true,
			Example: json.RawMessage(`{"every":"90m","count":2}`),
		}, preview),
	)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func (s *office) create(_ context.Context, r CreateTask) (Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, err := s.find(r.Key); err == nil {
		found.Title = r.Title
		return *found, nil
	}
	next := time.Date(2027, 1, 4, 8, 30, 0, 0, time.FixedZone("EET", 7200))
	made := &Task{
		ID: uuid.NewString(), Key: r.Key, Title: r.Title, Status: "active", Priority: r.Priority, Labels: r.Labels,
		Payload: r.Payload, Sentence: "every Monday at 08:30", NextFireAt: &next,
	}
	if made.Key == "" {
		made.Key = fmt.Sprintf("task-%d", len(s.tasks)+1)
	}
	s.tasks = append(s.tasks, made)
	shown := *made
	shown.created = true
	return shown, nil
}

func (s *office) list(_ context.Context, r ListTasks) (Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := Page{Items: []Task{}}
	for _, t := range s.tasks {
		if r.Status != "" && t.Status != r.Status {
			continue
		}
		if r.Limit > 0 && len(page.Items) == r.Limit {
			next := "more"
			page.NextCursor = &next
			break
		}
		page.Items = append(page.Items, *t)
	}
	return page, nil
}

func (s *office) get(_ context.Context, r TaskName) (Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(r.Task)
	if err != nil {
		return Task{}, err
	}
	return *t, nil
}

func (s *office) update(_ context.Context, r UpdateTask) (Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(r.Task)
	if err != nil {
		return Task{}, err
	}
	t.Title = r.Title
	return *t, nil
}

func (s *office) delete(_ context.Context, r TaskName) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone, err := s.find(r.Task)
	s.tasks = slices.DeleteFunc(s.tasks, func(t *Task) bool { return t == gone })
	return nil, err
}

// run starts a run that ends when somebody waits for it.
func (s *office) run(_ context.Context, r StartRun) (Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(r.Task)
	if err != nil {
		return Run{}, err
	}
	made := &Run{ID: uuid.NewString(), Task: t.Key, Status: "running"}
	s.runs = append(s.runs, made)
	if r.Wait > 0 && r.Fail {
		no := false
		made.Status, made.Success = "failed", &no
	}
	return *made, nil
}

func (s *office) findRun(_ context.Context, r RunName) (Run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.runs {
		if one.ID != r.Run {
			continue
		}
		if r.Wait > 0 && one.Success == nil {
			yes := true
			one.Status, one.Success = "succeeded", &yes
		}
		return *one, nil
	}
	return Run{}, &ordinaut.Error{Code: ordinaut.CodeRunNotFound, At: "/run", Sent: r.Run, Message: "there is no such run", Fix: "list the runs"}
}

func (s *office) find(name string) (*Task, error) {
	for _, t := range s.tasks {
		if name != "" && (t.Key == name || t.ID == name) {
			return t, nil
		}
	}
	return nil, &ordinaut.Error{
		Code: ordinaut.CodeTaskNotFound, At: "/task", Sent: name,
		Message: fmt.Sprintf("there is no task %q", name), Fix: "list the tasks and use an id or key from there",
	}
}

func preview(_ context.Context, r Preview) (Fires, error) {
	every, err := time.ParseDuration(r.Every)
	if err != nil {
		return Fires{}, &ordinaut.Error{
			Code: ordinaut.CodeScheduleInterval, At: "/every", Sent: r.Every,
			Message: "the interval cannot be read", Fix: "send a duration", Examples: []string{"90m", "1h30m"},
		}
	}
	f := Fires{Sentence: "every " + every.String(), Fires: []Fire{}}
	at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for range max(r.Count, 1) {
		at = at.Add(every)
		f.Fires = append(f.Fires, Fire{UTC: at.Format(time.RFC3339)})
	}
	return f, nil
}

// Same is an operation that answers with what it was asked.
func Same[T any](_ context.Context, request T) (T, error) { return request, nil }
