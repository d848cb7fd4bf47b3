package service_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

type snoozedTask struct {
	NextFireAt *time.Time `json:"next_fire_at"`
	Snooze     *struct {
		Nominal, Until time.Time
		Reason         string
	}
}

func TestASnoozeSaysUntilWhen(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting"`))
		nine := time.Date(2000, 1, 1, 9, 0, 0, 0, time.UTC)
		for request, want := range map[string]time.Time{
			`"until": "2000-01-01T12:00:00+01:00"`:      nine.Add(2 * time.Hour),
			`"for": "10h"`:                              nine.Add(time.Hour),
			`"for": "PT9H30M"`:                          nine.Add(30 * time.Minute),
			`"delay_seconds": 60`:                       nine.Add(time.Minute),
			`"for": "1d", "reason": "on the train"`:     nine.Add(15 * time.Hour),
			`"until": "2000-01-01T09:00:00.000000999Z"`: {},
		} {
			if want.IsZero() {
				refused(t, w, "task.snooze", `{"task": "greeting", `+request+`}`, ordinaut.CodeFieldValue)
				continue
			}
			got := read[snoozedTask](t, w.Do("task.snooze", `{"task": "greeting", `+request+`}`))
			if got.Snooze == nil || !got.Snooze.Nominal.Equal(nine) || !got.Snooze.Until.Equal(want) || !got.NextFireAt.Equal(want) {
				t.Errorf("%s: got %+v, want until %s", request, got, want)
			}
			if strings.Contains(request, "train") != (got.Snooze.Reason == "on the train") {
				t.Errorf("%s: got reason %q", request, got.Snooze.Reason)
			}
		}
		got := read[snoozedTask](t, w.Do("task.unsnooze", `{"task": "greeting"}`))
		if got.Snooze != nil || !got.NextFireAt.Equal(nine) {
			t.Errorf("after unsnooze: got %+v, want the fire at %s", got, nine)
		}
		w.Do("task.unsnooze", `{"task": "greeting"}`)
	})
}

func TestASnoozeThatPutsNothingOffIsRefused(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting", "timezone": "Europe/Chisinau"`))
		w.Do("task.create", hello(`, "key": "by-hand", "schedule_kind": "manual", "schedule_expr": ""`))
		ordinauttest.Pass(time.Hour)
		for request, want := range map[string]ordinaut.Code{
			`"task": "greeting"`: ordinaut.CodeFieldRequired,
			`"task": "greeting", "for": "1h", "delay_seconds": 5`:       ordinaut.CodeFieldRequired,
			`"task": "greeting", "for": "an hour"`:                      ordinaut.CodeScheduleInterval,
			`"task": "greeting", "for": "1h"`:                           ordinaut.CodeFieldValue,
			`"task": "greeting", "for": "4000d"`:                        ordinaut.CodeFieldValue,
			`"task": "greeting", "until": "1999-12-31T00:00:00Z"`:       ordinaut.CodeFieldValue,
			`"task": "greeting", "until": "noon"`:                       ordinaut.CodeFieldValue,
			`"task": "greeting", "delay_seconds": 0, "reason": "never"`: ordinaut.CodeFieldValue,
			`"task": "by-hand", "for": "1h"`:                            ordinaut.CodeTaskState,
			`"task": "nobody", "for": "1h"`:                             ordinaut.CodeTaskNotFound,
		} {
			refused(t, w, "task.snooze", "{"+request+"}", want)
		}
		e := refused(t, w, "task.snooze", `{"task": "greeting", "for": "2m"}`, ordinaut.CodeFieldValue)
		if want := "2000-01-01T03:02:00+02:00 puts nothing off: it fires at 2000-01-01T09:00:00+02:00 by itself"; e.Message != want || e.At != "/for" {
			t.Errorf("got %q at %s, want %q at /for", e.Message, e.At, want)
		}
		w.Do("task.pause", `{"task": "greeting"}`)
		refused(t, w, "task.snooze", `{"task": "greeting", "for": "1d"}`, ordinaut.CodeTaskState)
	})
}

func TestWhatBecomesOfASnoozeWhenItsTaskChanges(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", hello(`, "key": "greeting"`))
		snoozed := func() *snoozedTask {
			got := read[snoozedTask](t, w.Do("task.get", `{"task": "greeting"}`))
			return &got
		}
		w.Do("task.snooze", `{"task": "greeting", "for": "12h"}`)
		w.Do("task.update", `{"task": "greeting", "title": "Say hello twice"}`)
		w.Do("task.pause", `{"task": "greeting"}`)
		if got := snoozed(); got.Snooze == nil || got.NextFireAt != nil {
			t.Errorf("paused: got %+v, want that the snooze stays", got)
		}
		w.Do("task.resume", `{"task": "greeting"}`)
		if got := snoozed(); got.NextFireAt == nil || !got.NextFireAt.Equal(got.Snooze.Until) {
			t.Errorf("resumed: got %+v, want the fire that was put off", got)
		}
		w.Do("task.update", `{"task": "greeting", "schedule_expr": "0 10 * * *"}`)
		if got := snoozed(); got.Snooze != nil || got.NextFireAt.Hour() != 10 {
			t.Errorf("another schedule: got %+v, want no snooze", got)
		}
		w.Do("task.snooze", `{"task": "greeting", "for": "12h"}`)
		w.Do("task.pause", `{"task": "greeting"}`)
		w.Do("task.unsnooze", `{"task": "greeting"}`)
		if got := snoozed(); got.Snooze != nil || got.NextFireAt != nil {
			t.Errorf("let go while paused: got %+v, want neither snooze nor fire", got)
		}
		w.Do("task.resume", `{"task": "greeting"}`)
		w.Do("task.snooze", `{"task": "greeting", "for": "12h"}`)
		w.Do("task.cancel", `{"task": "greeting"}`)
		if got := snoozed(); got.Snooze != nil {
			t.Errorf("canceled: got %+v, want no snooze", got)
		}
	})
}
