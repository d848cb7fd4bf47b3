package service_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

type shownHook struct {
	Name, Path, Verify, Header, Secret, Description string
	Map                                             ordinaut.HookMap
	Enabled                                         bool
	OldSecretUntil                                  *time.Time `json:"old_secret_until"`
}

func TestTheSecretOfAHookIsGivenOrMadeUp(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		made := read[shownHook](t, w.Do("hook.create", `{"name": "shop", "verify": "standard"}`))
		if !strings.HasPrefix(made.Secret, "whsec_") || made.Path != "/v1/hooks/shop" || !made.Enabled {
			t.Errorf("got %+v, want a hook with a secret", made)
		}
		given := read[shownHook](t, w.Do("hook.create", `{"name": "gitlab", "verify": "secret", "secret": "correct horse", "header": "X-Gitlab-Token"}`))
		if given.Secret != "" || given.Header != "X-Gitlab-Token" {
			t.Errorf("got %+v, want no secret shown", given)
		}
		rotated := read[shownHook](t, w.Do("hook.rotate", `{"hook": "gitlab", "secret": "battery staple"}`))
		kept, err := w.Store.Hook(t.Context(), "gitlab")
		if err != nil {
			t.Fatal(err)
		}
		about := event.AboutHook("gitlab")
		got := []string{openedBy(t, w, about, kept.Secrets.Now), openedBy(t, w, about, kept.Secrets.Old)}
		if diff := cmp.Diff([]string{"battery staple", "correct horse"}, got); diff != "" || rotated.OldSecretUntil == nil {
			t.Errorf("secrets (-want +got):\n%s, old until %v", diff, rotated.OldSecretUntil)
		}
		if again := read[shownHook](t, w.Do("hook.rotate", `{"hook": "shop"}`)); again.Secret == "" || again.Secret == made.Secret {
			t.Errorf("got %q, want another secret", again.Secret)
		}
		refused(t, w, "hook.rotate", `{"hook": "shop", "secret": "not base64!"}`, ordinaut.CodeFieldValue)
	})
}

func TestAHookIsCheckedBeforeItIsMade(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("hook.create", `{"name": "github", "verify": "github"}`)
		for request, want := range map[string]string{
			`{"name": "GitHub", "verify": "github"}`:                                         "/name",
			`{"name": "a/b", "verify": "github"}`:                                            "/name",
			`{"name": "github", "verify": "github"}`:                                         "/name",
			`{"name": "x", "verify": "trust"}`:                                               "/verify",
			`{"name": "x", "verify": "github", "header": "X-Token"}`:                         "/header",
			`{"name": "x", "verify": "secret", "header": "X Token"}`:                         "/header",
			`{"name": "x", "verify": "secret", "secret": "short"}`:                           "/secret",
			`{"name": "x", "verify": "standard", "secret": "what is this?"}`:                 "/secret",
			`{"name": "x", "verify": "github", "map": {"topic": "join('.',"}}`:               "/map/topic",
			`{"name": "x", "verify": "github", "map": {"data": "bdy.a", "id": "headers.x"}}`: "/map/data",
		} {
			_, err := w.Call("hook.create", request)
			if err == nil || ordinaut.AsError(err).At != want {
				t.Errorf("%s: got %v, want a fault at %s", request, err, want)
			}
			if err != nil && strings.Contains(err.Error(), "what is this?") {
				t.Errorf("got %v, which tells a secret", err)
			}
		}
	})
}

func TestAHookIsChangedAndClosed(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("hook.create", `{"name": "github", "verify": "github"}`)
		got := read[shownHook](t, w.Do("hook.update", `{"hook": "github", "enabled": false, "description": "Pushes", "map": {"topic": "body.action"}}`))
		if got.Enabled || got.Description != "Pushes" || got.Map.Topic != "body.action" {
			t.Errorf("got %+v, want it changed", got)
		}
		refused(t, w, "hook.update", `{"hook": "github", "map": {"topic": "actin"}}`, ordinaut.CodeExprRoot)
		if e := refused(t, w, "hook.get", `{"hook": "githb"}`, ordinaut.CodeHookNotFound); !cmp.Equal(e.Examples, []string{"github"}) {
			t.Errorf("got %v, want the name that was meant", e.Examples)
		}
		w.Do("hook.delete", `{"hook": "github"}`)
		refused(t, w, "hook.delete", `{"hook": "github"}`, ordinaut.CodeHookNotFound)
		if list := read[page[shownHook]](t, w.Do("hook.list", `{}`)); len(list.Items) != 0 {
			t.Errorf("got %v, want none", list.Items)
		}
	})
}
