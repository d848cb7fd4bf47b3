package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
)

// bad is a request that must be refused with a problem document that names the
// code, the place and the mend.
type bad struct {
	name string
	body string // the whole body; or
	with string // fields laid over a good task
	code ordinaut.Code
	at   string
}

const goodTask = `{"title":"Tick","schedule_kind":"cron","schedule_expr":"0 9 * * *","timezone":"UTC",
	"payload":{"pipeline":[{"id":"a","uses":"debug.echo","with":{"message":"hi"}}]}}`

// pipelineOf is a payload of the steps.
func pipelineOf(steps string) string { return `{"payload":{"pipeline":[` + steps + `]}}` }

// scheduleOf is a schedule of the kind.
func scheduleOf(kind, expr string) string {
	text, _ := json.Marshal(expr)
	return fmt.Sprintf(`{"schedule_kind":%q,"schedule_expr":%s}`, kind, text)
}

func badBodies() []bad {
	return []bad{
		{name: "no JSON", body: `title=x`, code: ordinaut.CodeRequestMalformed},
		{name: "cut off", body: `{"title":"x"`, code: ordinaut.CodeRequestMalformed},
		{name: "an array", body: `[]`, code: ordinaut.CodeFieldType},
		{name: "null", body: `null`, code: ordinaut.CodeFieldType},
		{name: "two documents", body: goodTask + goodTask, code: ordinaut.CodeRequestMalformed},
		{name: "invalid UTF-8", body: "{\"title\":\"\xff\"}", code: ordinaut.CodeRequestMalformed, at: "/title"},
		{name: "a key twice", body: `{"title":"a","title":"b"}`, code: ordinaut.CodeRequestDuplicate, at: "/title"},
		{name: "a key twice, spelled otherwise", body: `{"title":"a","\u0074itle":"b"}`, code: ordinaut.CodeRequestDuplicate, at: "/title"},
		{name: "too deep", body: `{"title":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, code: ordinaut.CodeRequestTooDeep, at: "/title" + strings.Repeat("/0", 63)},
		{name: "too large", body: `{"title":"` + strings.Repeat("x", 1<<20) + `"}`, code: ordinaut.CodeRequestTooLarge},
		{name: "a huge number", with: `{"priority":1e400}`, code: ordinaut.CodeRequestMalformed, at: "/priority"},
	}
}

func badFields() []bad {
	return []bad{
		{name: "no title", with: `{"title":null}`, code: ordinaut.CodeFieldType, at: "/title"},
		{name: "an empty title", with: `{"title":""}`, code: ordinaut.CodeFieldValue, at: "/title"},
		{name: "a blank title", with: `{"title":"   "}`, code: ordinaut.CodeFieldRequired, at: "/title"},
		{name: "a long title", with: `{"title":"` + strings.Repeat("x", 201) + `"}`, code: ordinaut.CodeFieldValue, at: "/title"},
		{name: "a title that is a number", with: `{"title":7}`, code: ordinaut.CodeFieldType, at: "/title"},
		{name: "a long description", with: `{"description":"` + strings.Repeat("x", 2001) + `"}`, code: ordinaut.CodeFieldValue, at: "/description"},
		{name: "a misspelled field", with: `{"shedule_expr":"@daily"}`, code: ordinaut.CodeFieldUnknown, at: "/shedule_expr"},
		{name: "a field of ours", with: `{"fence":3}`, code: ordinaut.CodeFieldUnknown, at: "/fence"},
		{name: "an unknown kind", with: `{"schedule_kind":"crom"}`, code: ordinaut.CodeFieldValue, at: "/schedule_kind"},
		{name: "a condition without a probe", with: scheduleOf("condition", "order.*"), code: ordinaut.CodeScheduleCondition, at: "/payload/probe"},
		{name: "priority 0", with: `{"priority":0}`, code: ordinaut.CodeFieldValue, at: "/priority"},
		{name: "priority 10", with: `{"priority":10}`, code: ordinaut.CodeFieldValue, at: "/priority"},
		{name: "a priority in words", with: `{"priority":"high"}`, code: ordinaut.CodeFieldType, at: "/priority"},
		{name: "half a priority", with: `{"priority":2.5}`, code: ordinaut.CodeFieldType, at: "/priority"},
		{name: "21 retries", with: `{"max_retries":21}`, code: ordinaut.CodeFieldValue, at: "/max_retries"},
		{name: "minus one retry", with: `{"max_retries":-1}`, code: ordinaut.CodeFieldValue, at: "/max_retries"},
		{name: "an unknown backoff", with: `{"backoff_strategy":"random"}`, code: ordinaut.CodeFieldValue, at: "/backoff_strategy"},
		{name: "a wait of nothing", with: `{"backoff_base_seconds":0}`, code: ordinaut.CodeFieldValue, at: "/backoff_base_seconds"},
		{name: "a timeout of nothing", with: `{"timeout_seconds":0}`, code: ordinaut.CodeFieldValue, at: "/timeout_seconds"},
		{name: "a timeout of weeks", with: `{"timeout_seconds":604801}`, code: ordinaut.CodeFieldValue, at: "/timeout_seconds"},
		{name: "an unknown catch-up", with: `{"catch_up":"some"}`, code: ordinaut.CodeFieldValue, at: "/catch_up"},
		{name: "an unknown overlap", with: `{"overlap":"cancel"}`, code: ordinaut.CodeFieldValue, at: "/overlap"},
		{name: "an unknown gap policy", with: `{"gap":"jump"}`, code: ordinaut.CodeFieldValue, at: "/gap"},
		{name: "negative jitter", with: `{"jitter_seconds":-5}`, code: ordinaut.CodeFieldValue, at: "/jitter_seconds"},
		{name: "labels that are a list", with: `{"labels":["a"]}`, code: ordinaut.CodeFieldType, at: "/labels"},
		{name: "a start that is no time", with: `{"starts_at":"tomorrow"}`, code: ordinaut.CodeFieldValue, at: "/starts_at"},
		{name: "an end before the start", with: `{"starts_at":"2030-01-02T00:00:00Z","ends_at":"2030-01-01T00:00:00Z"}`, code: ordinaut.CodeScheduleBounds, at: "/ends_at"},
		{name: "a concurrency key of nothing", with: `{"concurrency_key":"shared: "}`, code: ordinaut.CodeFieldValue, at: "/concurrency_key"},
		{name: "a concurrency key that is too long", with: `{"concurrency_key":"` + strings.Repeat("k", 201) + `"}`, code: ordinaut.CodeFieldValue, at: "/concurrency_key"},
		{name: "a concurrency limit without a key", with: `{"concurrency_limit":2}`, code: ordinaut.CodeFieldRequired, at: "/concurrency_key"},
		{name: "a concurrency limit of nothing", with: `{"concurrency_key":"mail","concurrency_limit":0}`, code: ordinaut.CodeFieldValue, at: "/concurrency_limit"},
		{name: "a concurrency limit without end", with: `{"concurrency_key":"mail","concurrency_limit":1001}`, code: ordinaut.CodeFieldValue, at: "/concurrency_limit"},
		{name: "a dedupe key that would be rendered", with: `{"dedupe_key":"${params.city}"}`, code: ordinaut.CodeFieldValue, at: "/dedupe_key"},
		{name: "a dedupe key that is too long", with: `{"dedupe_key":"` + strings.Repeat("k", 101) + `"}`, code: ordinaut.CodeFieldValue, at: "/dedupe_key"},
		{name: "a dedupe window without a key", with: `{"dedupe_window_seconds":60}`, code: ordinaut.CodeFieldRequired, at: "/dedupe_key"},
		{name: "a dedupe window of less than nothing", with: `{"dedupe_key":"x","dedupe_window_seconds":-1}`, code: ordinaut.CodeFieldValue, at: "/dedupe_window_seconds"},
		{name: "a dedupe window of years", with: `{"dedupe_key":"x","dedupe_window_seconds":31536001}`, code: ordinaut.CodeFieldValue, at: "/dedupe_window_seconds"},
		{name: "exclusions", with: `{"exclusions":["2030-12-25"]}`, code: ordinaut.CodeFieldNotAvailable, at: "/exclusions"},
		{name: "a key with capitals", with: `{"key":"My Task"}`, code: ordinaut.CodeTaskKeyInvalid, at: "/key"},
		{name: "a key like an id", with: `{"key":"0192f0c1-2345-7abc-8def-0123456789ab"}`, code: ordinaut.CodeTaskKeyInvalid, at: "/key"},
		{name: "another creator", with: `{"created_by":"somebody"}`, code: ordinaut.CodeFieldValue, at: "/created_by"},
	}
}

func badSchedules() []bad {
	return []bad{
		{name: "cron of four fields", with: scheduleOf("cron", "* * * *"), code: ordinaut.CodeScheduleCron, at: "/schedule_expr"},
		{name: "cron at minute 61", with: scheduleOf("cron", "61 * * * *"), code: ordinaut.CodeScheduleCron, at: "/schedule_expr"},
		{name: "cron with a misspelled day", with: scheduleOf("cron", "0 9 * * MUN"), code: ordinaut.CodeScheduleCron, at: "/schedule_expr"},
		{name: "cron of step zero", with: scheduleOf("cron", "*/0 * * * *"), code: ordinaut.CodeScheduleCron, at: "/schedule_expr"},
		{name: "cron with an unknown word", with: scheduleOf("cron", "@fortnightly"), code: ordinaut.CodeScheduleCron, at: "/schedule_expr"},
		{name: "cron on 30 February", with: scheduleOf("cron", "0 0 30 2 *"), code: ordinaut.CodeScheduleNever, at: "/schedule_expr"},
		{name: "cron of nothing", with: scheduleOf("cron", ""), code: ordinaut.CodeScheduleCron, at: "/schedule_expr"},
		{name: "rrule without FREQ", with: scheduleOf("rrule", "BYHOUR=9"), code: ordinaut.CodeScheduleRRule, at: "/schedule_expr"},
		{name: "rrule with an unknown part", with: scheduleOf("rrule", "FREQ=DAILY;BYHOURS=9"), code: ordinaut.CodeScheduleRRule, at: "/schedule_expr"},
		{name: "rrule with interval zero", with: scheduleOf("rrule", "FREQ=DAILY;INTERVAL=0"), code: ordinaut.CodeScheduleRRule, at: "/schedule_expr"},
		{name: "rrule with COUNT and UNTIL", with: scheduleOf("rrule", "FREQ=DAILY;COUNT=3;UNTIL=20300101T000000Z"), code: ordinaut.CodeScheduleRRule, at: "/schedule_expr"},
		{name: "rrule with EXRULE", with: scheduleOf("rrule", "RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY"), code: ordinaut.CodeScheduleRRule, at: "/schedule_expr"},
		{name: "rrule that never fires", with: scheduleOf("rrule", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), code: ordinaut.CodeScheduleNever, at: "/schedule_expr"},
		{name: "rrule of seconds that never fires", with: scheduleOf("rrule", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"), code: ordinaut.CodeScheduleNever, at: "/schedule_expr"},
		{name: "once in words", with: scheduleOf("once", "tomorrow at nine"), code: ordinaut.CodeScheduleOnce, at: "/schedule_expr"},
		{name: "once without a time", with: scheduleOf("once", "2030-01-01"), code: ordinaut.CodeScheduleOnce, at: "/schedule_expr"},
		{name: "once in the past", with: scheduleOf("once", "2001-01-01T00:00:00Z"), code: ordinaut.CodeSchedulePast, at: "/schedule_expr"},
		{name: "an interval in words", with: scheduleOf("interval", "often"), code: ordinaut.CodeScheduleInterval, at: "/schedule_expr"},
		{name: "an interval of half a second", with: scheduleOf("interval", "500ms"), code: ordinaut.CodeScheduleInterval, at: "/schedule_expr"},
		{name: "manual with an expression", with: scheduleOf("manual", "@daily"), code: ordinaut.CodeScheduleManual, at: "/schedule_expr"},
		{name: "an unknown zone", with: `{"timezone":"Europe/Kishinew"}`, code: ordinaut.CodeScheduleTimezone, at: "/timezone"},
		{name: "a zone abbreviation", with: `{"timezone":"EEST"}`, code: ordinaut.CodeScheduleTimezone, at: "/timezone"},
		{name: "two zones", with: `{"schedule_expr":"CRON_TZ=Asia/Tokyo 0 9 * * *","timezone":"Europe/Chisinau"}`, code: ordinaut.CodeScheduleZoneClash, at: "/timezone"},
	}
}

func badPipelines() []bad {
	return []bad{
		{name: "no payload", body: `{"title":"x","schedule_kind":"manual"}`, code: ordinaut.CodeFieldRequired, at: "/payload"},
		{name: "a payload that is a list", with: `{"payload":[]}`, code: ordinaut.CodeFieldType, at: "/payload"},
		{name: "no pipeline", with: `{"payload":{}}`, code: ordinaut.CodePipelineEmpty, at: "/payload/pipeline"},
		{name: "an empty pipeline", with: `{"payload":{"pipeline":[]}}`, code: ordinaut.CodePipelineEmpty, at: "/payload/pipeline"},
		{name: "a step that is a number", with: pipelineOf(`7`), code: ordinaut.CodeFieldType, at: "/payload/pipeline/0"},
		{name: "a step without a tool", with: pipelineOf(`{"id":"a"}`), code: ordinaut.CodeFieldRequired, at: "/payload/pipeline/0/uses"},
		{name: "an unknown tool", with: pipelineOf(`{"uses":"debug.ecko"}`), code: ordinaut.CodeToolNotFound, at: "/payload/pipeline/0/uses"},
		{name: "a misspelled step field", with: pipelineOf(`{"uses":"debug.echo","saveas":"x"}`), code: ordinaut.CodeFieldUnknown, at: "/payload/pipeline/0/saveas"},
		{name: "a probe in a step", with: pipelineOf(`{"uses":"debug.echo","probe":{"uses":"debug.echo"}}`), code: ordinaut.CodeFieldUnknown, at: "/payload/pipeline/0/probe"},
		{name: "one id twice", with: pipelineOf(`{"id":"a","uses":"debug.echo"},{"id":"a","uses":"debug.echo"}`), code: ordinaut.CodePipelineDuplicate, at: "/payload/pipeline/1/id"},
		{name: "an id with a space", with: pipelineOf(`{"id":"a b","uses":"debug.echo"}`), code: ordinaut.CodePipelineStep, at: "/payload/pipeline/0/id"},
		{name: "a step that is not there", with: pipelineOf(`{"uses":"debug.echo","with":{"x":"${steps.none}"}}`), code: ordinaut.CodePipelineReference, at: "/payload/pipeline/0/with/x"},
		{name: "a step that comes later", with: pipelineOf(`{"id":"a","uses":"debug.echo","with":{"x":"${steps.b}"}},{"id":"b","uses":"debug.echo"}`), code: ordinaut.CodePipelineOrder, at: "/payload/pipeline/0/with/x"},
		{name: "an unknown root", with: pipelineOf(`{"uses":"debug.echo","with":{"x":"${param.x}"}}`), code: ordinaut.CodeExprRoot, at: "/payload/pipeline/0/with/x"},
		{name: "a template cut off", with: pipelineOf(`{"uses":"debug.echo","with":{"x":"${now"}}`), code: ordinaut.CodeExprSyntax, at: "/payload/pipeline/0/with/x"},
		{name: "a condition cut off", with: pipelineOf(`{"uses":"debug.echo","if":"steps.a >"}`), code: ordinaut.CodeExprSyntax, at: "/payload/pipeline/0/if"},
		{name: "an unknown function", with: pipelineOf(`{"uses":"debug.echo","with":{"x":"${lenght(params)}"}}`), code: ordinaut.CodeExprFunction, at: "/payload/pipeline/0/with/x"},
		{name: "arguments that do not fit", with: pipelineOf(`{"uses":"debug.log","with":{"message":"a","level":"loud"}}`), code: ordinaut.CodeToolInput, at: "/payload/pipeline/0/with/level"},
		{name: "a negative step timeout", with: pipelineOf(`{"uses":"debug.echo","timeout_seconds":-1}`), code: ordinaut.CodeFieldValue, at: "/payload/pipeline/0/timeout_seconds"},
		{name: "101 steps", with: pipelineOf(strings.TrimSuffix(strings.Repeat(`{"uses":"debug.echo"},`, 101), ",")), code: ordinaut.CodePipelineSteps, at: "/payload/pipeline"},
	}
}

func badFlows() []bad {
	return []bad{
		{name: "steps in a circle", with: pipelineOf(`{"id":"a","uses":"debug.echo","needs":["b"]},{"id":"b","uses":"debug.echo"}`), code: ordinaut.CodePipelineCycle, at: "/payload/pipeline/0/needs"},
		{name: "a step that needs itself", with: pipelineOf(`{"id":"a","uses":"debug.echo","needs":["a"]}`), code: ordinaut.CodePipelineCycle, at: "/payload/pipeline/0/needs/0"},
		{name: "a need that is not there", with: pipelineOf(`{"id":"a","uses":"debug.echo","needs":["z"]}`), code: ordinaut.CodePipelineReference, at: "/payload/pipeline/0/needs/0"},
		{name: "needs in words", with: pipelineOf(`{"id":"a","uses":"debug.echo","needs":"b"}`), code: ordinaut.CodeFieldType, at: "/payload/pipeline/0/needs"},
		{name: "a result of another branch", with: pipelineOf(`{"id":"a","uses":"debug.echo"},{"uses":"debug.echo","needs":[],"with":{"x":"${steps.a}"}}`), code: ordinaut.CodePipelineOrder, at: "/payload/pipeline/1/with/x"},
		{name: "a retry that is a number", with: pipelineOf(`{"uses":"debug.echo","retry":3}`), code: ordinaut.CodeFieldType, at: "/payload/pipeline/0/retry"},
		{name: "a retry too many", with: pipelineOf(`{"uses":"debug.echo","retry":{"max_retries":21}}`), code: ordinaut.CodeFieldValue, at: "/payload/pipeline/0/retry/max_retries"},
		{name: "a misspelled class of failure", with: pipelineOf(`{"uses":"debug.echo","retry":{"on":["timeouts"]}}`), code: ordinaut.CodeFieldValue, at: "/payload/pipeline/0/retry/on/0"},
		{name: "a misspelled field of a retry", with: pipelineOf(`{"uses":"debug.echo","retry":{"retries":3}}`), code: ordinaut.CodeFieldUnknown, at: "/payload/pipeline/0/retry/retries"},
		{name: "an unknown on_error", with: pipelineOf(`{"uses":"debug.echo","on_error":"ignore"}`), code: ordinaut.CodeFieldValue, at: "/payload/pipeline/0/on_error"},
		{name: "an on_error without a value", with: pipelineOf(`{"uses":"debug.echo","on_error":{}}`), code: ordinaut.CodeFieldRequired, at: "/payload/pipeline/0/on_error/value"},
		{name: "a foreach over a list that is sent", with: pipelineOf(`{"uses":"debug.echo","foreach":[1,2]}`), code: ordinaut.CodeFieldType, at: "/payload/pipeline/0/foreach"},
		{name: "33 items at once", with: pipelineOf(`{"uses":"debug.echo","foreach":"params.list","max_parallel":33}`), code: ordinaut.CodeFieldValue, at: "/payload/pipeline/0/max_parallel"},
		{name: "steps without a list", with: pipelineOf(`{"steps":[{"uses":"debug.echo"}]}`), code: ordinaut.CodePipelineStep, at: "/payload/pipeline/0/steps"},
		{name: "a tool beside steps", with: pipelineOf(`{"uses":"debug.echo","foreach":"params.list","steps":[{"uses":"debug.echo"}]}`), code: ordinaut.CodePipelineStep, at: "/payload/pipeline/0/uses"},
		{name: "an unknown tool inside of a foreach", with: pipelineOf(`{"foreach":"params.list","steps":[{"uses":"debug.ecko"}]}`), code: ordinaut.CodeToolNotFound, at: "/payload/pipeline/0/steps/0/uses"},
		{name: "an item without a list", with: pipelineOf(`{"uses":"debug.echo","with":{"x":"${item}"}}`), code: ordinaut.CodeExprRoot, at: "/payload/pipeline/0/with/x"},
		{name: "the original's foreach without a list", with: pipelineOf(`{"uses":"pipeline.foreach","with":{"body":[{"uses":"debug.echo"}]}}`), code: ordinaut.CodeFieldRequired, at: "/payload/pipeline/0/with/items_path"},
		{name: "an output of a step that is not there", with: `{"payload":{"pipeline":[{"uses":"debug.echo"}],"output":"${steps.none}"}}`, code: ordinaut.CodePipelineReference, at: "/payload/output"},
	}
}

// TestBadInputIsRefusedWithAMend sends every kind of bad input over HTTP.
func TestBadInputIsRefusedWithAMend(t *testing.T) {
	t.Parallel()
	s := serve(t)
	cases := slices.Concat(badBodies(), badFields(), badSchedules(), badPipelines(), badFlows())
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body := c.body
			if body == "" {
				body = merged(t, goodTask, c.with)
			}
			checkProblem(t, s.post(t, "/v1/tasks", body), c)
		})
	}
	t.Logf("%d kinds of bad input", len(cases))
	if n := s.countTasks(t); n != 0 {
		t.Errorf("%d tasks were stored, want none", n)
	}
}

// TestAQueryThatIsLeftEmptySelectsNothing asks with parameters without values.
func TestAQueryThatIsLeftEmptySelectsNothing(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, path := range []string{
		"/v1/runs?task_id=&status=&limit=&cursor=", "/v1/tasks?status=&limit=", "/runs?task_id=&limit=&include_errors=",
	} {
		if res := s.do(t, http.MethodGet, path, ""); res.StatusCode != http.StatusOK {
			text, _ := io.ReadAll(res.Body)
			t.Errorf("%s: %s: %s", path, res.Status, text)
		}
	}
	if res := s.do(t, http.MethodGet, "/v1/runs?colour=", ""); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an unknown parameter: %s", res.Status)
	}
}

// problem is what a problem document must hold.
type problem struct {
	Status int
	Title  string
	Detail string
	Code   ordinaut.Code
	Errors []struct {
		Code    ordinaut.Code
		Pointer string
		Message string
		Fix     string
	}
}

func checkProblem(t *testing.T, res *http.Response, c bad) {
	t.Helper()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type is %q", got)
	}
	if res.StatusCode < 400 || res.StatusCode > 499 {
		t.Errorf("status is %d, want 4xx", res.StatusCode)
	}
	var p problem
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if p.Status != res.StatusCode || p.Title == "" || p.Detail == "" {
		t.Errorf("status, title or detail is missing in %s", text)
	}
	for _, e := range p.Errors {
		if e.Message == "" || e.Fix == "" {
			t.Errorf("an error without message or fix: %s", text)
		}
		if e.Code == c.code && e.Pointer == c.at {
			return
		}
	}
	t.Errorf("no error %s at %q in %s", c.code, c.at, text)
}

// merged lays fields over an object. null stays, to be sent as it is.
func merged(t *testing.T, base, with string) string {
	t.Helper()
	var object map[string]json.RawMessage
	for _, text := range []string{base, with} {
		if err := json.Unmarshal([]byte(text), &object); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
