package server_test

import (
	"fmt"
	"strings"

	"github.com/ordinaut/ordinaut/internal/face/facetest"
)

// withDoors asks about webhooks and hooks, too. The first of these questions makes
// the webhook that the others are about.
func withDoors(questions []facetest.Question) []facetest.Question {
	id := fmt.Sprintf("{{%d.id}}", len(questions))
	doors := []facetest.Question{
		{Op: "webhook.create", Request: `{"url": "https://example.com/in", "topics": ["task.run.*"], "filter": "data.attempt > 1", "description": "Ours"}`},
		{Op: "webhook.create", Request: `{"url": "ftp://example.com", "topics": ["a..b"], "filter": "dat.x"}`, Code: "request.invalid"},
		{Op: "webhook.list"},
		{Op: "webhook.get", Request: `{"webhook": "ID"}`},
		{Op: "webhook.get", Request: `{"webhook": "x"}`, Code: "webhook.not_found"},
		{Op: "webhook.update", Request: `{"webhook": "ID", "topics": ["order.>"], "enabled": true}`},
		{Op: "webhook.rotate", Request: `{"webhook": "ID"}`},
		{Op: "webhook.test", Request: `{"webhook": "ID", "wait_seconds": 0}`},
		{Op: "webhook.deliveries", Request: `{"webhook": "ID", "status": "pending", "limit": 5}`},
		{Op: "webhook.replay", Request: `{"webhook": "ID", "after": 1, "dry_run": true}`},
		{Op: "webhook.replay", Request: `{"webhook": "ID"}`, Code: "field.required"},
		{Op: "webhook.replay", Request: `{"webhook": "ID", "delivery": "x"}`, Code: "webhook.delivery_not_found"},
		{Op: "webhook.update", Request: `{"webhook": "ID", "enabled": false}`},
		{Op: "webhook.test", Request: `{"webhook": "ID"}`, Code: "webhook.wrong_state"},
		{Op: "webhook.delete", Request: `{"webhook": "ID"}`},
		{Op: "hook.create", Request: `{"name": "github", "verify": "github", "map": {"topic": "join('.', ['github', body.action])"}}`},
		{Op: "hook.create", Request: `{"name": "github", "verify": "github"}`, Code: "hook.name_taken"},
		{Op: "hook.create", Request: `{"name": "shop", "verify": "standard", "secret": "not base64!", "map": {"id": "bdy.id"}}`, Code: "request.invalid"},
		{Op: "hook.list"},
		{Op: "hook.get", Request: `{"hook": "github"}`},
		{Op: "hook.get", Request: `{"hook": "githb"}`, Code: "hook.not_found"},
		{Op: "hook.update", Request: `{"hook": "github", "enabled": false, "description": "Pushes"}`},
		{Op: "hook.rotate", Request: `{"hook": "github", "secret": "another one"}`},
		{Op: "hook.delete", Request: `{"hook": "github"}`},
	}
	for i := range doors {
		doors[i].Request = strings.ReplaceAll(doors[i].Request, "ID", id)
	}
	return append(questions, doors...)
}
