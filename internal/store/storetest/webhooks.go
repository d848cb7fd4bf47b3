package storetest

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

func webhooks() []promise {
	return []promise{
		{"a webhook comes back as it was given", webhookComesBack},
		{"an edit of a webhook that has changed meanwhile is refused", webhookEdits},
		{"a webhook that is forgotten takes its deliveries with it", webhookGoes},
		{"each change of a webhook is in the audit", webhookAudit},
	}
}

func hooks() []promise {
	return []promise{
		{"a hook comes back as it was given, and its name is its own", hookComesBack},
		{"an edit of a hook that has changed meanwhile is refused", hookEdits},
		{"a hook counts what has come to it", hookTallies},
	}
}

// newWebhook stores a webhook.
func (f *fixture) newWebhook(edits ...func(*ordinaut.Webhook)) ordinaut.Webhook {
	f.Helper()
	now := f.now()
	w := ordinaut.Webhook{
		ID: ordinaut.WebhookID(newID()), Rev: 1, URL: "https://example.com/in", Topics: []string{">"},
		Secrets: ordinaut.Secrets{Now: []byte{0, 1, 255}}, CreatedBy: f.agent.ID, CreatedAt: now, UpdatedAt: now,
	}
	for _, edit := range edits {
		edit(&w)
	}
	f.must(f.store.CreateWebhook(f.ctx, w, f.change("webhook.create").About(string(w.ID))))
	return w
}

func (f *fixture) readWebhook(id ordinaut.WebhookID) ordinaut.Webhook {
	f.Helper()
	return get(f.store.Webhook(f.ctx, id))(f)
}

func webhookComesBack(f *fixture) {
	until := f.now().Add(time.Hour)
	full := f.newWebhook(func(w *ordinaut.Webhook) {
		w.Description, w.Topics, w.Filter, w.After = "Ours", []string{"task.run.*", "order.>"}, "data.total > `1`", 41
		w.Secrets, w.Disabled = w.Secrets.Next([]byte("new"), until), "paused"
	})
	plain := f.newWebhook()
	same(f, "full", f.readWebhook(full.ID), full)
	same(f, "list", get(f.store.ListWebhooks(f.ctx))(f), []ordinaut.Webhook{full, plain})
	for _, id := range []string{newID(), "x"} {
		_, err := f.store.Webhook(f.ctx, ordinaut.WebhookID(id))
		f.refused(err, ordinaut.ErrNotFound)
	}
}

func webhookEdits(f *fixture) {
	was := f.newWebhook()
	is := was
	is.Rev, is.URL, is.Topics, is.Disabled, is.After = 2, "https://example.org/", []string{"a"}, "no", 7
	c := f.change("webhook.update").About(string(was.ID))
	f.must(f.store.UpdateWebhook(f.ctx, was, is, c))
	same(f, "edited", f.readWebhook(was.ID), is)
	f.refused(f.store.UpdateWebhook(f.ctx, was, is, c), ordinaut.ErrMoved)
	was.ID = ordinaut.WebhookID(newID())
	f.refused(f.store.UpdateWebhook(f.ctx, was, is, c), ordinaut.ErrNotFound)
}

func webhookGoes(f *fixture) {
	w := f.newWebhook()
	f.addDeliveries(w, 1)
	c := f.change("webhook.delete").About(string(w.ID))
	f.must(f.store.DeleteWebhook(f.ctx, w.ID, c))
	f.refused(f.store.DeleteWebhook(f.ctx, w.ID, c), ordinaut.ErrNotFound)
	same(f, "claimed", len(f.claimDeliveries("a", 9, 9).Deliveries), 0)
	same(f, "added", get(f.store.AddDeliveries(f.ctx, []ordinaut.WebhookDelivery{delivery(w, 2)}))(f), 0)
}

func webhookAudit(f *fixture) {
	w := f.newWebhook()
	f.refused(f.store.UpdateWebhook(f.ctx, ordinaut.Webhook{ID: w.ID, Rev: 9}, w, f.change("webhook.update")), ordinaut.ErrMoved)
	f.must(f.store.DeleteWebhook(f.ctx, w.ID, f.change("webhook.delete").About(string(w.ID))))
	var actions []string
	for _, e := range get(f.store.Audit(f.ctx, 0, 0))(f) {
		actions = append(actions, e.Action+" "+e.Subject)
	}
	same(f, "audit", actions, []string{"webhook.create " + string(w.ID), "webhook.delete " + string(w.ID)})
	if f.store.CreateWebhook(f.ctx, w, ordinaut.Change{}) == nil {
		f.Error("a change without an action: got no error, want one")
	}
}

func (f *fixture) newHook(name string, edits ...func(*ordinaut.Hook)) ordinaut.Hook {
	f.Helper()
	now := f.now()
	h := ordinaut.Hook{
		Name: name, Rev: 1, Verify: ordinaut.VerifyGitHub, Secrets: ordinaut.Secrets{Now: []byte("sealed")},
		CreatedBy: f.agent.ID, CreatedAt: now, UpdatedAt: now,
	}
	for _, edit := range edits {
		edit(&h)
	}
	f.must(f.store.CreateHook(f.ctx, h, f.change("hook.create").About(name)))
	return h
}

func hookComesBack(f *fixture) {
	until := f.now().Add(time.Hour)
	slack := f.newHook("slack", func(h *ordinaut.Hook) {
		h.Description, h.Verify, h.Header, h.Disabled = "Chat", ordinaut.VerifySecret, "x-token", true
		h.Map = ordinaut.HookMap{Topic: "body.type", Data: "body.event", Subject: "body.user", ID: "body.id"}
		h.Secrets = h.Secrets.Next([]byte("new"), until)
	})
	github := f.newHook("github")
	same(f, "found", get(f.store.Hook(f.ctx, "slack"))(f), slack)
	same(f, "list", get(f.store.ListHooks(f.ctx))(f), []ordinaut.Hook{github, slack})
	f.refused(f.store.CreateHook(f.ctx, slack, f.change("hook.create")), ordinaut.ErrTaken)
	f.must(f.store.DeleteHook(f.ctx, "slack", f.change("hook.delete")))
	f.refused(f.store.DeleteHook(f.ctx, "slack", f.change("hook.delete")), ordinaut.ErrNotFound)
	_, err := f.store.Hook(f.ctx, "slack")
	f.refused(err, ordinaut.ErrNotFound)
}

func hookEdits(f *fixture) {
	was := f.newHook("github")
	is := was
	is.Rev, is.Map, is.Disabled = 2, ordinaut.HookMap{Topic: "body.action"}, true
	f.must(f.store.UpdateHook(f.ctx, was, is, f.change("hook.update")))
	same(f, "edited", get(f.store.Hook(f.ctx, "github"))(f), is)
	f.refused(f.store.UpdateHook(f.ctx, was, is, f.change("hook.update")), ordinaut.ErrMoved)
	was.Name = "nobody"
	f.refused(f.store.UpdateHook(f.ctx, was, is, f.change("hook.update")), ordinaut.ErrNotFound)
}

func hookTallies(f *fixture) {
	f.newHook("github")
	first, second := f.now(), f.now().Add(time.Minute)
	more := []ordinaut.HookTally{
		{Accepted: 2, Repeated: 1, AcceptedAt: &first},
		{Refused: 3, RefusedAt: &second, Refusal: "too old"},
		{Accepted: 1, AcceptedAt: &second},
	}
	var want ordinaut.HookTally
	for _, m := range more {
		f.must(f.store.TallyHook(f.ctx, "github", m))
		want = want.Add(m)
	}
	same(f, "tally", get(f.store.Hook(f.ctx, "github"))(f).Tally, want)
	f.must(f.store.TallyHook(f.ctx, "nobody", more[0]))
}
