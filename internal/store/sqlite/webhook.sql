-- part: Webhook
id, rev, url, description, topics, filter, secret, old_secret, old_secret_until,
  created_by, created_at, updated_at, after, disabled, failing_since, hold_until;

-- name: InsertWebhook
INSERT INTO webhook ({Webhook})
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16);

-- name: UpdateWebhook
UPDATE webhook SET
  rev = ?3, url = ?4, description = ?5, topics = ?6, filter = ?7, secret = ?8, old_secret = ?9,
  old_secret_until = ?10, updated_at = ?11, after = ?12, disabled = ?13, failing_since = NULL, hold_until = NULL
WHERE id = ?1 AND rev = ?2;

-- name: DeleteWebhook
DELETE FROM webhook WHERE id = ?1;

-- name: Webhook
SELECT {Webhook} FROM webhook WHERE id = ?1;

-- name: ListWebhooks
SELECT {Webhook} FROM webhook ORDER BY id;

-- name: AnswerOfWebhook
UPDATE webhook SET
  failing_since = CASE WHEN ?2 THEN NULL ELSE coalesce(failing_since, ?3) END,
  hold_until = coalesce(?4, hold_until)
WHERE id = ?1 AND ((failing_since IS NULL) <> ?2 OR ?4 IS NOT NULL);
