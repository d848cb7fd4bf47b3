package builtin_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
)

// listed is what the tests look at of an answer.
type listed struct {
	Name, Timezone, Start, End string
	Truncated                  bool
	Warnings                   []string
	Events                     []struct{ Title, Start string }
}

func listEvents(t *testing.T, o builtin.Options, args map[string]any) (listed, error) {
	t.Helper()
	return listEventsIn(t, "", o, args)
}

// listEventsIn lists events for a task in a zone.
func listEventsIn(t *testing.T, zone string, o builtin.Options, args map[string]any) (listed, error) {
	t.Helper()
	c, err := tool.New(t.Context(), builtin.Tools(o)...)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Call(t.Context(), tool.Call{Address: "calendar.list_events", Args: data, Zone: zone})
	if err != nil {
		return listed{}, err
	}
	var answer listed
	if err := json.Unmarshal(result.Output, &answer); err != nil {
		t.Fatal(err)
	}
	return answer, nil
}

// lunch is a calendar with one event, on 20 October 2026 at noon, wherever one is.
func lunch(lines ...string) string {
	return "BEGIN:VCALENDAR\n" + strings.Join(lines, "") + "BEGIN:VEVENT\nUID:1\nSUMMARY:Lunch\nDTSTART:20261020T120000\nEND:VEVENT\nEND:VCALENDAR\n"
}

// refusal is the error of a call, without its words.
func refusal(t *testing.T, err error) (code ordinaut.Code, at, message string) {
	t.Helper()
	var f *tool.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a failure", err)
	}
	if f.Err.Fix == "" {
		t.Errorf("got %v, want a fix", f.Err)
	}
	return f.Err.Code, f.Err.At, f.Err.Message
}

func TestCalendarZones(t *testing.T) {
	t.Parallel()
	const bucharest = "X-WR-TIMEZONE:Europe/Bucharest\n"
	tests := []struct{ name, asked, task, text, want string }{
		{"the one that is asked for", "Asia/Tokyo", "Europe/Chisinau", lunch(bucharest), "2026-10-20T12:00:00+09:00"},
		{"the task's", "", "America/New_York", lunch(bucharest), "2026-10-20T12:00:00-04:00"},
		{"the calendar's own", "", "", lunch(bucharest), "2026-10-20T12:00:00+03:00"},
		{"UTC", "", "", lunch(), "2026-10-20T12:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := map[string]any{"text": tt.text, "start": "2026-10-20T00:00"}
			if tt.asked != "" {
				args["timezone"] = tt.asked
			}
			got, err := listEventsIn(t, tt.task, builtin.Options{}, args)
			if err != nil || len(got.Events) != 1 || got.Events[0].Start != tt.want {
				t.Errorf("got %+v, %v; want the event at %s", got, err, tt.want)
			}
		})
	}
}

func TestCalendarTimesMayBeLeftOut(t *testing.T) {
	t.Parallel()
	before := time.Now().Truncate(time.Second)
	got, err := listEvents(t, builtin.Options{}, map[string]any{"text": lunch()})
	if err != nil {
		t.Fatal(err)
	}
	start, err := time.Parse(time.RFC3339, got.Start)
	if err != nil || start.Before(before) || start.After(time.Now()) {
		t.Errorf("got start %s, %v; want now", got.Start, err)
	}
	if want := start.Add(24 * time.Hour).Format(time.RFC3339); got.End != want {
		t.Errorf("got end %s, want %s", got.End, want)
	}
}

func TestCalendarRefusesWhatItCannotMean(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args map[string]any
		code ordinaut.Code
		at   string
	}{
		{"no calendar", map[string]any{"text": "<html>"}, ordinaut.CodeCalendarInvalid, ""},
		{"no source", map[string]any{}, ordinaut.CodeToolInput, "/file"},
		{"two sources", map[string]any{"text": lunch(), "file": "a.ics"}, ordinaut.CodeToolInput, ""},
		{"a start that is no time", map[string]any{"text": lunch(), "start": "tomorrow"}, ordinaut.CodeToolInput, "/start"},
		{"an end that is no time", map[string]any{"text": lunch(), "end": "2026-13-01"}, ordinaut.CodeToolInput, "/end"},
		{"a day that ends on itself", map[string]any{"text": lunch(), "start": "2026-10-20", "end": "2026-10-20"}, ordinaut.CodeToolInput, "/end"},
		{"an unknown zone", map[string]any{"text": lunch(), "timezone": "Europe/Chisinow"}, ordinaut.CodeScheduleTimezone, "/timezone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := listEvents(t, builtin.Options{}, tt.args)
			if code, at, message := refusal(t, err); code != tt.code || at != tt.at {
				t.Errorf("got %s at %q: %s; want %s at %q", code, at, message, tt.code, tt.at)
			}
		})
	}
}

func TestCalendarAnswersFitIntoAStep(t *testing.T) {
	t.Parallel()
	text := strings.Replace(lunch(), "SUMMARY", "RRULE:FREQ=MINUTELY\nDESCRIPTION:"+strings.Repeat("words ", 500)+"\nSUMMARY", 1)
	args := map[string]any{"text": text, "start": "2026-10-20"}
	got, err := listEvents(t, builtin.Options{}, args)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Events); !got.Truncated || n < 200 || n > limits.StepOutputBytes/3000 {
		t.Errorf("got %d events, truncated %v; want as many as fit", n, got.Truncated)
	}
	args["limit"] = 2
	if got, err = listEvents(t, builtin.Options{}, args); err != nil || len(got.Events) != 2 || !got.Truncated {
		t.Errorf("got %d events, truncated %v, %v; want two of more", len(got.Events), got.Truncated, err)
	}
}

func TestCalendarFiles(t *testing.T) {
	t.Parallel()
	folder, secret := t.TempDir(), t.TempDir()
	link := filepath.Join(t.TempDir(), "calendars")
	write := func(folder, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(folder, "team.ics", lunch())
	write(folder, "large.ics", strings.Repeat("x", limits.ToolFrameBytes+1))
	write(secret, "key", lunch())
	for _, err := range []error{
		os.Symlink(folder, link),
		os.Symlink("team.ics", filepath.Join(folder, "same.ics")),
		os.Symlink(filepath.Join(secret, "key"), filepath.Join(folder, "out.ics")),
		os.Mkdir(filepath.Join(folder, "sub"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	socket, err := net.Listen("unix", filepath.Join(folder, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	const outside = "the file lies in no folder that may be read"
	tests := []struct{ name, file, refused string }{
		{"a name in the folder", "team.ics", ""},
		{"a way through the folder", "sub/../team.ics", ""},
		{"an absolute path", filepath.Join(folder, "team.ics"), ""},
		{"a link inside", "same.ics", ""},
		{"a path through a link to the folder", filepath.Join(link, "team.ics"), ""},
		{"a link that leads out", "out.ics", "the file cannot be read"},
		{"a way out", "../key", outside},
		{"a path somewhere else", filepath.Join(secret, "key"), outside},
		{"a file that is not there", "teem.ics", "there is no such file"},
		{"a folder", "sub", "the file cannot be read: it is a folder, or no regular file"},
		{"what is no file", "socket", "the file cannot be read: it is a folder, or no regular file"},
		{"a file that is too large", "large.ics", "the file cannot be read: it has more than 8388608 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := listEvents(t, builtin.Options{Files: []string{t.TempDir(), link, folder}}, map[string]any{"file": tt.file, "start": "2026-10-20"})
			if tt.refused == "" {
				if err != nil || len(got.Events) != 1 {
					t.Errorf("got %v, %v; want the event", got.Events, err)
				}
				return
			}
			if code, at, message := refusal(t, err); code != ordinaut.CodeToolInput || at != "/file" || message != tt.refused {
				t.Errorf("got %s at %s: %s; want %s", code, at, message, tt.refused)
			}
		})
	}
	t.Run("no file at all when no folder is allowed", func(t *testing.T) {
		t.Parallel()
		_, err := listEvents(t, builtin.Options{}, map[string]any{"file": filepath.Join(folder, "team.ics")})
		if _, _, message := refusal(t, err); message != outside {
			t.Errorf("got %s, want %s", message, outside)
		}
	})
}

func TestCalendarDownloads(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/team.ics":
			fmt.Fprint(w, lunch("X-WR-CALNAME:"+r.Header.Get("Accept")+"\n"))
		case "/login":
			fmt.Fprint(w, "<!DOCTYPE html><title>Sign in</title>")
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "https://")
	tests := []struct {
		name, url string
		code      ordinaut.Code
	}{
		{"https", server.URL + "/team.ics", ""},
		{"webcal", "webcal://" + host + "/team.ics", ""},
		{"webcals, in capitals", "WEBCALS://" + host + "/team.ics", ""},
		{"a page that asks for a password", server.URL + "/login", ordinaut.CodeCalendarInvalid},
		{"nothing there", server.URL + "/none.ics", ordinaut.CodeToolFailed},
		{"a server that is busy", server.URL + "/busy", ordinaut.CodeEgressBusy},
		{"a file of the server", "file:///etc/passwd", ordinaut.CodeEgressDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := listEvents(t, builtin.Options{Client: server.Client()}, map[string]any{"url": tt.url, "start": "2026-10-20"})
			if tt.code != "" {
				if code, _, message := refusal(t, err); code != tt.code {
					t.Errorf("got %s: %s; want %s", code, message, tt.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]struct{ Title, Start string }{{"Lunch", "2026-10-20T12:00:00Z"}}, got.Events); diff != "" || !strings.HasPrefix(got.Name, "text/calendar") {
				t.Errorf("of %s, events (-want +got):\n%s", got.Name, diff)
			}
		})
	}
}
