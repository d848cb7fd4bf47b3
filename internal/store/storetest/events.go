package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
)

func events() []promise {
	return []promise{
		{"what is published is in the log, as it was", eventsAsPublished},
		{"an event of a source counts once, also when many publish it at once", eventsCountOnce},
		{"events without a name are events of their own", eventsWithoutName},
		{"a change that is refused leaves no event", eventsOfRefused},
		{"whoever has read up to the end misses nothing that is published meanwhile", eventsSeenInOrder},
		{"each change of a task is an event", eventsOfTasks},
		{"a task that has no further occurrence is told", eventsOfCompletion},
		{"whatever becomes of a run and its steps is an event", eventsOfRuns},
		{"a question and its decision are events", eventsOfApprovals},
		{"what tools say is no event", eventsWithoutWords},
		{"events are found by patterns of topics", eventsByTopic},
		{"events are found by task, run, time and position, from either end", eventsByFilter},
		{"topics are counted among the newest events", eventsByCount},
		{"events are pruned from the old end, and the log says what is gone", eventsArePruned},
		{"what is gone of the logs of runs is said, too", eventsGoWithSteps},
	}
}

// event is one that nobody has published yet.
func event(topic string) ordinaut.Event {
	return ordinaut.Event{ID: newID(), Source: "test", Topic: topic, Data: json.RawMessage(`{"n":1}`)}
}

// publish publishes events that are new.
func (f *fixture) publish(events ...ordinaut.Event) {
	f.Helper()
	for i, fresh := range get(f.store.Publish(f.ctx, events, f.change("event.publish")))(f) {
		if !fresh {
			f.Errorf("event %d of %d: got known, want new", i+1, len(events))
		}
	}
}

// publishTopics publishes an event of each topic.
func (f *fixture) publishTopics(topics ...string) {
	f.Helper()
	for _, topic := range topics {
		f.publish(event(topic))
	}
}

// topicsOf are the topics of events, in their order.
func topicsOf(events []ordinaut.Event) []string {
	topics := []string{}
	for _, e := range events {
		topics = append(topics, e.Topic)
	}
	return topics
}

// topics are the topics of the events that a filter finds.
func (f *fixture) topics(filter ordinaut.EventFilter) []string {
	f.Helper()
	return topicsOf(get(f.store.ListEvents(f.ctx, filter))(f))
}

// ends are the ends of the log.
func (f *fixture) ends() (first, last int64) {
	f.Helper()
	first, last, err := f.store.EventEnds(f.ctx)
	f.must(err)
	return first, last
}

// outside are patterns of what no change of this store brings about.
func outside() []string { return []string{"order.>", "x", "y"} }

func eventsAsPublished(f *fixture) {
	run := f.readRun(f.newRun(f.newTask().ID))
	at := f.now()
	whole := ordinaut.Event{
		ID: "42", Source: "shop", Topic: "order.paid", Subject: "order/42", Data: json.RawMessage(`{"total": 3.50, "what":["tea"]}`),
		Actor: f.agent.ID, TaskID: run.TaskID, RunID: run.ID, Depth: 2,
	}
	bare := ordinaut.Event{ID: "43", Source: "shop", Topic: "order.paid"}
	f.publish(whole, bare)
	_, last := f.ends()
	whole.Seq, bare.Seq, whole.At, bare.At = last-1, last, at, at
	same(f, "events", get(f.store.ListEvents(f.ctx, ordinaut.EventFilter{Topics: outside()}))(f), []ordinaut.Event{whole, bare})
	audit := get(f.store.Audit(f.ctx, 0, 0))(f)
	same(f, "audit", audit[len(audit)-1].Action, "event.publish")
	same(f, "lines of the run's log", len(f.story(run.ID)), 1)
}

func eventsCountOnce(f *fixture) {
	e := event("x")
	fresh := make([][]bool, 8)
	together(len(fresh), func(i int) {
		var err error
		if fresh[i], err = f.store.Publish(f.ctx, []ordinaut.Event{e, event("y"), e}, f.change("event.publish")); err != nil {
			f.Errorf("got error %v, want none", err)
		}
	})
	news := 0
	for _, one := range fresh {
		same(f, "answers", len(one), 3)
		if one[2] || !one[1] {
			f.Errorf("got %v, want the second new and the third known", one)
		}
		if one[0] {
			news++
		}
	}
	same(f, "callers for whom it was new", news, 1)
	same(f, "events of the name", len(f.topics(ordinaut.EventFilter{Topics: []string{"x"}})), 1)
	other := e
	other.Source = "another"
	f.publish(other)
}

func eventsWithoutName(f *fixture) {
	f.publish(ordinaut.Event{Topic: "x"}, ordinaut.Event{Topic: "x"})
	found := get(f.store.ListEvents(f.ctx, ordinaut.EventFilter{Topics: []string{"x"}}))(f)
	same(f, "events", len(found), 2)
	for _, e := range found {
		same(f, "name", e.Source+" "+e.ID, fmt.Sprintf("%s %d", ordinaut.SourceOrdinaut, e.Seq))
	}
}

func eventsOfRefused(f *fixture) {
	task := f.newTask(withKey("taken"))
	_, before := f.ends()
	f.refused(f.store.CreateTask(f.ctx, f.task(withKey("taken")), 0, f.change("task.create")), ordinaut.ErrKeyTaken)
	moved := task
	moved.Version++
	f.refused(f.store.UpdateTask(f.ctx, ordinaut.TaskEdit{Was: moved, Task: task}, f.change("task.update")), ordinaut.ErrTaskMoved)
	if _, err := f.store.Publish(f.ctx, []ordinaut.Event{event("x")}, ordinaut.Change{}); err == nil {
		f.Error("got no error for a change without an action, want one")
	}
	_, after := f.ends()
	same(f, "end of the log", after, before)
}

// eventsSeenInOrder has eight write, of whose changes some are refused, while one
// reads on from where it was.
func eventsSeenInOrder(f *fixture) {
	const writers, each = 8, 25
	f.newTask(withKey("taken"))
	var done sync.WaitGroup
	for w := range writers {
		done.Go(func() {
			for n := range each {
				e := event("x")
				e.Subject = fmt.Sprint(w, " ", n)
				if _, err := f.store.Publish(f.ctx, []ordinaut.Event{e}, f.change("event.publish")); err != nil {
					f.Errorf("publish: %v", err)
				}
				if rand.IntN(4) == 0 {
					err := f.store.CreateTask(f.ctx, f.task(withKey("taken")), 0, f.change("task.create"))
					if !errors.Is(err, ordinaut.ErrKeyTaken) {
						f.Errorf("got error %v, want %v", err, ordinaut.ErrKeyTaken)
					}
				}
			}
		})
	}
	finished := make(chan struct{})
	go func() { done.Wait(); close(finished) }()
	next, after, last := [writers]int{}, int64(0), false
	for seen := 0; seen < writers*each; {
		some := get(f.store.ListEvents(f.ctx, ordinaut.EventFilter{Topics: []string{"x"}, After: after, Limit: 7}))(f)
		for _, e := range some {
			var w, n int
			_, err := fmt.Sscan(e.Subject, &w, &n)
			f.must(err)
			if n != next[w] || e.Seq <= after {
				f.Fatalf("writer %d: got event %d at %d, want event %d behind %d", w, n, e.Seq, next[w], after)
			}
			next[w], after = n+1, e.Seq
			seen++
		}
		if len(some) == 0 && last {
			f.Fatalf("got %d events, want %d", seen, writers*each)
		}
		select {
		case <-finished:
			last = len(some) == 0 // then one look more
		default:
		}
	}
	<-finished
}

func eventsOfTasks(f *fixture) {
	task := f.newTask()
	for action, topic := range map[string]string{
		"task.update": "task.updated", "task.rollback": "task.updated", "task.pause": "task.paused", "task.resume": "task.resumed",
		"task.snooze": "task.snoozed", "task.unsnooze": "task.unsnoozed", "task.cancel": "task.canceled",
	} {
		was := f.readTask(task.ID)
		edited := was
		edited.PlanRev++
		_, before := f.ends()
		f.must(f.store.UpdateTask(f.ctx, ordinaut.TaskEdit{Was: was, Task: edited}, f.change(action).About(string(task.ID))))
		same(f, "event of "+action, f.topics(ordinaut.EventFilter{After: before}), []string{topic})
	}
	made := f.task()
	f.must(f.store.CreateTask(f.ctx, made, 0, f.change("task.create").About(string(made.ID))))
	found := get(f.store.ListEvents(f.ctx, ordinaut.EventFilter{TaskID: made.ID}))(f)
	_, last := f.ends()
	same(f, "event of a new task", found, []ordinaut.Event{{
		Seq: last, ID: fmt.Sprint(last), Source: ordinaut.SourceOrdinaut, Topic: "task.created", Subject: string(made.ID),
		At: f.now(), Actor: f.agent.ID, TaskID: made.ID,
	}})
	f.must(f.store.CreateTask(f.ctx, f.task(), 0, f.change("of.no.topic")))
	_, still := f.ends()
	same(f, "end after a change that is no event", still, last)
}

func eventsOfCompletion(f *fixture) {
	task := f.newTask()
	m := decide(task, task.Cursor.Add(time.Minute))
	m.Complete = true
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{true})
	m.Cursor = task.Cursor.Add(-time.Hour)
	same(f, "applied", get(f.store.Materialize(f.ctx, []ordinaut.Materialization{m}))(f), []bool{false})
	found := get(f.store.ListEvents(f.ctx, ordinaut.EventFilter{Topics: []string{"task.completed"}}))(f)
	if len(found) != 1 || found[0].TaskID != task.ID {
		f.Errorf("got events %v, want one of the task", found)
	}
}

func eventsOfRuns(f *fixture) {
	task := f.newTask()
	_, before := f.ends()
	id := f.newRun(task.ID)
	c := f.hold("w")
	f.must(f.store.SaveStep(f.ctx, c.Lease, step("a", ordinaut.StepRunning)))
	failed := step("a", ordinaut.StepFailed)
	failed.Failure = &ordinaut.Failure{Class: ordinaut.ClassUnavailable, Code: ordinaut.CodeToolUnavailable, Message: "nobody is there"}
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{
		Status: ordinaut.RunFailed, Failed: true, Failure: failed.Failure,
		Steps: []ordinaut.StepResult{failed, step("b", ordinaut.StepSkipped)},
	}))
	found := get(f.store.ListEvents(f.ctx, ordinaut.EventFilter{After: before}))(f)
	same(f, "topics", topicsOf(found), []string{
		"task.run.queued", "task.run.started", "task.step.started", "task.step.failed", "task.step.skipped", "task.run.failed",
	})
	for i, e := range found {
		same(f, "event", []any{e.Seq, e.ID, e.Source, e.Subject, e.TaskID, e.RunID, e.Depth},
			[]any{before + 1 + int64(i), fmt.Sprint(e.Seq), ordinaut.SourceOrdinaut, string(id), task.ID, id, 0})
	}
	var data struct {
		Run    ordinaut.RunID    `json:"run_id"`
		Task   ordinaut.TaskID   `json:"task_id"`
		Status string            `json:"status"`
		Step   string            `json:"step"`
		Error  *ordinaut.Failure `json:"error"`
	}
	f.must(json.Unmarshal(found[3].Data, &data))
	same(f, "data", []any{data.Run, data.Task, data.Status, data.Step, data.Error.Code}, []any{id, task.ID, "failed", "a", ordinaut.CodeToolUnavailable})
}

func eventsOfApprovals(f *fixture) {
	task := f.newTask()
	id := f.newWaiting(task.ID, approval("ask"))
	_, before := f.ends()
	f.must(f.store.Answer(f.ctx, ordinaut.Answer{RunID: id, Path: "ask", Data: json.RawMessage(`true`)}, f.change("approval.decide").About(string(id))))
	same(f, "requested", f.topics(ordinaut.EventFilter{Topics: []string{"approval.requested"}}), []string{"approval.requested"})
	found := get(f.store.ListEvents(f.ctx, ordinaut.EventFilter{After: before, Topics: []string{"approval.*"}}))(f)
	if len(found) != 1 {
		f.Fatalf("got events %v, want the decision", found)
	}
	same(f, "topic", found[0].Topic, "approval.decided")
	same(f, "of", []any{found[0].RunID, found[0].TaskID, found[0].Actor}, []any{id, task.ID, f.agent.ID})
}

func eventsWithoutWords(f *fixture) {
	id := f.newRun(f.newTask().ID)
	_, before := f.ends()
	f.must(f.store.AppendLog(f.ctx, f.said(id, "a", "one"), f.said(id, "a", "two")))
	f.publishTopics("x")
	same(f, "events", f.topics(ordinaut.EventFilter{After: before}), []string{"x"})
	_, last := f.ends()
	same(f, "positions", last-before, 3)
	same(f, "lines", f.logged(ordinaut.LogFilter{After: before}), []string{"a one", "a two"})
}

func eventsByTopic(f *fixture) {
	f.newRun(f.newTask().ID)
	topics := []string{"order.paid", "order.paid.late", "order.paid.late.again", "orders", "a[b].c?", "a*", "ab"}
	f.publishTopics(topics...)
	for _, c := range []struct {
		patterns []string
		want     []string
	}{
		{[]string{"order.paid"}, topics[:1]},
		{[]string{"order.*"}, topics[:1]},
		{[]string{"order.>"}, topics[:3]},
		{[]string{"*.paid.*"}, topics[1:2]},
		{[]string{"order.*.late.>"}, topics[2:3]},
		{[]string{"*"}, topics[3:4:4]},
		{[]string{"orders", "order.paid.late"}, []string{"order.paid.late", "orders"}},
		{[]string{"a[b].c?"}, topics[4:5]},
		{[]string{"task.run.*"}, []string{"task.run.queued"}},
		{[]string{"nothing"}, nil},
	} {
		want := c.want
		if c.patterns[0] == "*" {
			want = []string{"orders", "a*", "ab"}
		}
		same(f, fmt.Sprint(c.patterns), f.topics(ordinaut.EventFilter{Topics: c.patterns}), want)
	}
	same(f, "a pattern whose words are longer than they look", f.topics(ordinaut.EventFilter{Topics: []string{"a*"}}), []string{"a*"})
	same(f, "newest, one of two", f.topics(ordinaut.EventFilter{Topics: []string{"order.*", "order.*.*"}, Newest: true, Limit: 1}), topics[1:2])
	same(f, "oldest, one that nearly fits before it", f.topics(ordinaut.EventFilter{Topics: []string{"*.*.*.*"}, Limit: 1}), topics[2:3])
}

func eventsByFilter(f *fixture) {
	task, other := f.newTask(), f.newTask()
	id := f.newRun(task.ID)
	f.newRun(other.ID)
	then := f.now()
	f.pass(time.Minute)
	f.publish(ordinaut.Event{Topic: "x", RunID: id}, ordinaut.Event{Topic: "y"})
	_, last := f.ends()
	same(f, "of the task", f.topics(ordinaut.EventFilter{TaskID: task.ID}), []string{"task.run.queued", "x"})
	same(f, "of the run", f.topics(ordinaut.EventFilter{RunID: id}), []string{"task.run.queued", "x"})
	same(f, "of the run, newest first", f.topics(ordinaut.EventFilter{RunID: id, Newest: true, Limit: 1}), []string{"x"})
	same(f, "since", f.topics(ordinaut.EventFilter{From: f.now()}), []string{"x", "y"})
	same(f, "before", f.topics(ordinaut.EventFilter{To: then.Add(time.Second), Topics: []string{"task.run.*"}}), []string{"task.run.queued", "task.run.queued"})
	same(f, "up to a position", f.topics(ordinaut.EventFilter{After: last - 2, Until: last - 1}), []string{"x"})
	same(f, "newest first", f.topics(ordinaut.EventFilter{Newest: true, Limit: 3}), []string{"y", "x", "task.run.queued"})
	same(f, "newest first, of two topics", f.topics(ordinaut.EventFilter{Newest: true, Topics: []string{"x", "y"}}), []string{"y", "x"})
	same(f, "behind the end", f.topics(ordinaut.EventFilter{After: last}), nil)
}

func eventsByCount(f *fixture) {
	f.newRun(f.newTask().ID)
	f.pass(time.Minute)
	f.publishTopics("x", "y", "x")
	same(f, "the newest four", get(f.store.Topics(f.ctx, 4))(f), []ordinaut.TopicCount{
		{Topic: "task.run.queued", Events: 1, Last: f.now().Add(-time.Minute)},
		{Topic: "x", Events: 2, Last: f.now()},
		{Topic: "y", Events: 1, Last: f.now()},
	})
	same(f, "the newest", get(f.store.Topics(f.ctx, 1))(f), []ordinaut.TopicCount{{Topic: "x", Events: 1, Last: f.now()}})
}

func eventsArePruned(f *fixture) {
	first, last := f.ends()
	same(f, "ends of an empty log", []int64{first, last}, []int64{1, 0})
	id := f.newRun(f.newTask().ID)
	old := event("order.old")
	f.publish(old)
	_, oldest := f.ends()
	f.pass(time.Hour)
	f.publishTopics("order.new")
	keep := forever()
	keep.Events = time.Minute
	f.prune(keep)
	f.prune(keep)
	same(f, "events", f.topics(ordinaut.EventFilter{Topics: outside()}), []string{"order.new"})
	same(f, "the log of a run stays", f.story(id), []string{"queued"})
	first, last = f.ends()
	same(f, "ends", []int64{first, last}, []int64{oldest + 1, oldest + 1})
	f.publish(old)
	f.pass(time.Hour)
	f.prune(keep)
	first, last = f.ends()
	same(f, "ends when all is gone", []int64{first, last}, []int64{oldest + 3, oldest + 2})
	f.publishTopics("order.newest")
	same(f, "the next position", get(f.store.ListEvents(f.ctx, ordinaut.EventFilter{Topics: outside()}))(f)[0].Seq, oldest+3)
}

func eventsGoWithSteps(f *fixture) {
	f.finished()
	_, end := f.ends()
	f.pass(time.Hour)
	f.finished()
	keep := forever()
	keep.Steps = time.Minute
	f.prune(keep)
	first, _ := f.ends()
	same(f, "first", first, end+1)
}
