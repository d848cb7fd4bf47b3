package service_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

func TestADuplicateIsRefusedWithWords(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(hello(`"key": "report", "dedupe_key": "daily", "dedupe_window_seconds": 60`))
		w.Do("task.run", `{"task": "report", "wait_seconds": 1}`)
		e := refused(t, w, "task.run", `{"task": "report"}`, ordinaut.CodeRunDuplicate)
		if !strings.Contains(e.Message, `"daily"`) || !strings.Contains(e.Message, "60 s") {
			t.Errorf("got %q, want it to name the key and the window", e.Message)
		}
		refused(t, w, "legacy.run_now", `{"task": "report"}`, ordinaut.CodeRunDuplicate)
		ordinauttest.Pass(time.Minute)
		w.Do("task.run", `{"task": "report"}`)
	})
}

func TestADedupeKeyWithoutAWindowIsWarnedOf(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		task := read[service.Task](t, w.Do("task.create", hello(`"key": "report", "dedupe_key": "daily"`)))
		if len(task.Warnings) != 1 || task.Warnings[0].At != "/dedupe_window_seconds" {
			t.Errorf("got warnings %+v, want one about the window", task.Warnings)
		}
		refused(t, w, "task.update", `{"task": "report", "dedupe_key": null, "dedupe_window_seconds": 60}`, ordinaut.CodeFieldRequired)
		task = read[service.Task](t, w.Do("task.update", `{"task": "report", "dedupe_window_seconds": 60}`))
		if task.DedupeKey != "daily" || task.DedupeWindowSeconds != 60 {
			t.Errorf("got key %q and window %d, want both", task.DedupeKey, task.DedupeWindowSeconds)
		}
	})
}
