package chaos

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/test/realtest"
)

// wide is a pipeline of three branches, a list of twenty items with two steps
// each, and an end that waits for all of them.
func wide() map[string]any {
	branch := func(id string, needs ...string) realtest.Step {
		step := logging(id)
		step["needs"] = append([]string{}, needs...)
		return step
	}
	item := func(id string) map[string]any {
		return map[string]any{"id": id, "uses": "debug.log", "with": map[string]any{"message": "count ${run.id} loop[${index}]." + id}}
	}
	items := make([]int, 20)
	for i := range items {
		items[i] = i * i
	}
	return map[string]any{
		"params": map[string]any{"items": items},
		"pipeline": []any{
			branch("a"), branch("b"), branch("c"), branch("d", "a"), branch("e", "b"),
			map[string]any{"id": "loop", "needs": []string{"c"}, "foreach": "params.items", "max_parallel": 4, "steps": []any{
				item("draft"), item("send"), map[string]any{"id": "result", "uses": "debug.echo", "with": map[string]any{"square": "${item}"}},
			}},
			branch("end", "d", "e", "loop"),
		},
		"output": map[string]any{"squares": "${steps.loop[*].square}", "logged": "${[steps.d, steps.e, steps.end][*].logged}"},
	}
}

// TestKilledServerResumesBranchesAndItems kills the server at random moments while
// pipelines with branches and lists are under way: twenty times, and in the long
// form a thousand. Each ends as one that nobody
// disturbs, and nothing of which there was a record is carried out again.
func TestKilledServerResumesBranchesAndItems(t *testing.T) {
	kills := 20
	if os.Getenv("ORDINAUT_CHAOS") == "long" {
		kills = 1000
	}
	random := seed(t)
	dir := t.TempDir()
	options := realtest.Options{Dir: dir, Args: []string{"--log-level", "info"}}
	s := realtest.Start(t, options)
	created := map[ordinaut.TaskID]time.Time{}
	for i := range 3 {
		created[s.Create(t, everySecond(fmt.Sprintf("Wide %d", i), wide()))] = time.Now()
	}
	report(t, dir, created, killed(t, s, options, kills, random))

	db := open(t, dir)
	var squares []string
	for i := range 20 {
		squares = append(squares, fmt.Sprint(i*i))
	}
	want := fmt.Sprintf(`{"logged":[true,true,true],"squares":[%s]}`, strings.Join(squares, ","))
	var runs, others, short int
	query(t, db, `select count(*) from run where status = 'succeeded'`, &runs)
	query(t, db, `select count(*) from run where status = 'succeeded' and output <> '`+want+`'`, &others)
	query(t, db, `select count(*) from (select 1 from run join step_result s on s.run_id = run.id where run.status = 'succeeded' and s.status = 'succeeded' group by run.id having count(*) <> 67)`, &short)
	if runs == 0 || others > 0 || short > 0 {
		t.Errorf("of %d runs %d have another output and %d another number of steps than one that nobody disturbs", runs, others, short)
	}
	t.Logf("runs %d", runs)
}
