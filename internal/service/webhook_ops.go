package service

import (
	"encoding/json"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

func (s *Service) webhookOps() []op.Op {
	const one = "/v1/webhooks/{webhook}"
	return []op.Op{
		op.Checked(op.New(op.Op{
			Name: "webhook.create", Summary: "Have events sent to a URL from now on", Method: "POST", Path: "/v1/webhooks", Status: 201,
			Details: "Events are sent as CloudEvents, signed as Standard Webhooks say. The secret is shown in this answer, and never again. Whoever may do this sees every event.",
			Command: "webhooks create", Args: []string{"url"}, Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Write,
			Example: json.RawMessage(`{"url":"https://example.com/ordinaut","topics":["task.run.failed"]}`),
		}, s.CreateWebhook), s.CheckWebhook),
		op.New(op.Op{
			Name: "webhook.list", Summary: "List the webhooks and how they do", Method: "GET", Path: "/v1/webhooks",
			Command: "webhooks list", Columns: []string{"id", "url", "topics", "enabled", "failing_since", "disabled_reason"},
			Scope: ordinaut.ScopeWebhooksRead, Effect: op.Read,
		}, s.ListWebhooks),
		op.New(op.Op{
			Name: "webhook.get", Summary: "Show a webhook and how it does", Method: "GET", Path: one,
			Command: "webhooks get", Args: []string{"webhook"}, Scope: ordinaut.ScopeWebhooksRead, Effect: op.Read,
		}, s.GetWebhook),
		op.New(op.Op{
			Name: "webhook.update", Summary: "Change some fields of a webhook", Method: "PATCH", Path: one,
			Command: "webhooks update", Args: []string{"webhook"}, Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Write, Partial: true,
			Example: json.RawMessage(`{"webhook":"0198c4d2-7a31-7c55-9d0e-3f1f6f0a2b11","enabled":true}`),
		}, s.UpdateWebhook),
		op.New(op.Op{
			Name: "webhook.delete", Summary: "Send nothing more to a webhook, and forget it", Method: "DELETE", Path: one,
			Command: "webhooks delete", Args: []string{"webhook"}, Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Destroy,
		}, s.DeleteWebhook),
		op.New(op.Op{
			Name: "webhook.rotate", Summary: "Give a webhook a new secret", Method: "POST", Path: one + "/rotate",
			Details: "For a day, deliveries are signed with the old one, too.",
			Command: "webhooks rotate", Args: []string{"webhook"}, Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Write,
		}, s.RotateWebhook),
		op.New(op.Op{
			Name: "webhook.test", Summary: "Send a ping to a webhook, and say what came of it", Method: "POST", Path: one + "/test",
			Command: "webhooks test", Args: []string{"webhook"}, Lasts: "wait_seconds", Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Write,
		}, s.TestWebhook),
		op.New(op.Op{
			Name: "webhook.deliveries", Summary: "List what was sent to a webhook, and what came of it", Method: "GET", Path: one + "/deliveries",
			Command: "webhooks deliveries", Args: []string{"webhook"}, Columns: []string{"id", "event.type", "status", "tries", "code", "took_ms", "error"},
			Scope: ordinaut.ScopeWebhooksRead, Effect: op.Read,
		}, s.ListWebhookDeliveries),
		op.New(op.Op{
			Name: "webhook.replay", Summary: "Send a delivery, or the events of a range, to a webhook again", Method: "POST", Path: one + "/replay",
			Details: "What was sent before keeps its id. A dry run says what would be sent.",
			Command: "webhooks replay", Args: []string{"webhook"}, Columns: []string{"seq", "topic", "time", "id"}, Whole: true,
			Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Write, DryRun: true,
			Example: json.RawMessage(`{"webhook":"0198c4d2-7a31-7c55-9d0e-3f1f6f0a2b11","after":100,"dry_run":true}`),
		}, s.ReplayWebhook),
	}
}

func (s *Service) hookOps() []op.Op {
	const one = "/v1/hooks/{hook}"
	return []op.Op{
		op.Checked(op.New(op.Op{
			Name: "hook.create", Summary: "Open a door by which another service tells of its events", Method: "POST", Path: "/v1/hooks", Status: 201,
			Details: "What is sent to POST /v1/hooks/{name} is verified over the raw body and becomes an event. A secret that was made up is shown in this answer, and never again.",
			Command: "hooks create", Args: []string{"name"}, Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Write,
			Example: json.RawMessage(`{"name":"github","verify":"github","map":{"topic":"join('.', ['github', headers.\"x-github-event\"])"}}`),
		}, s.CreateHook), s.CheckHook),
		op.New(op.Op{
			Name: "hook.list", Summary: "List the hooks and what has come to them", Method: "GET", Path: "/v1/hooks",
			Command: "hooks list", Columns: []string{"name", "verify", "path", "enabled", "accepted", "refused", "refusal"},
			Scope: ordinaut.ScopeWebhooksRead, Effect: op.Read,
		}, s.ListHooks),
		op.New(op.Op{
			Name: "hook.get", Summary: "Show a hook and what has come to it", Method: "GET", Path: one,
			Command: "hooks get", Args: []string{"hook"}, Scope: ordinaut.ScopeWebhooksRead, Effect: op.Read,
		}, s.GetHook),
		op.New(op.Op{
			Name: "hook.update", Summary: "Change some fields of a hook", Method: "PATCH", Path: one,
			Command: "hooks update", Args: []string{"hook"}, Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Write, Partial: true,
			Example: json.RawMessage(`{"hook":"github","enabled":false}`),
		}, s.UpdateHook),
		op.New(op.Op{
			Name: "hook.rotate", Summary: "Give a hook a new secret", Method: "POST", Path: one + "/rotate",
			Details: "The old one is good for a day.",
			Command: "hooks rotate", Args: []string{"hook"}, Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Write,
		}, s.RotateHook),
		op.New(op.Op{
			Name: "hook.delete", Summary: "Close a hook for good", Method: "DELETE", Path: one,
			Command: "hooks delete", Args: []string{"hook"}, Scope: ordinaut.ScopeWebhooksWrite, Effect: op.Destroy,
		}, s.DeleteHook),
	}
}
