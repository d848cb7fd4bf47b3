-- part: Delivery
id, webhook_id, event, data, status, created_at, due_at, owner, tries, tried_at, ended_at, code, took, answer, fault;

-- name: InsertDelivery
INSERT INTO webhook_delivery (id, webhook_id, event_seq, event, data, created_at, due_at)
SELECT $1, id, $3, $4, $5, $6, $6
FROM webhook
WHERE id = $2
FOR KEY SHARE
ON CONFLICT (webhook_id, event_seq) DO NOTHING;

-- Those to which something is due, with how much more of it they may have. They
-- are locked, so that two who claim do not both fill the same room; who finds one
-- locked leaves it to the other.
-- name: DueWebhooks
SELECT w.id, $2 - (SELECT count(*) FROM webhook_delivery AS h WHERE h.webhook_id = w.id AND h.owner <> '' AND h.due_at > $1)
FROM webhook AS w
WHERE w.disabled = '' AND (w.hold_until IS NULL OR w.hold_until <= $1)
  AND EXISTS (SELECT 1 FROM webhook_delivery AS d WHERE d.webhook_id = w.id AND d.status = 'pending' AND d.due_at <= $1)
ORDER BY (SELECT min(d.due_at) FROM webhook_delivery AS d WHERE d.webhook_id = w.id AND d.status = 'pending')
FOR NO KEY UPDATE OF w SKIP LOCKED;

-- name: ClaimDeliveries
UPDATE webhook_delivery SET owner = $3, due_at = $4, tries = tries + 1, tried_at = $2
WHERE id = ANY (ARRAY (
  SELECT d.id FROM webhook_delivery AS d
  WHERE d.webhook_id = $1 AND d.status = 'pending' AND d.due_at <= $2
  ORDER BY d.due_at, d.id LIMIT $5 FOR UPDATE SKIP LOCKED))
RETURNING {Delivery};

-- name: NextDelivery
SELECT min(CASE
  WHEN w.hold_until > $1 THEN
    greatest(w.hold_until, (SELECT min(d.due_at) FROM webhook_delivery AS d WHERE d.webhook_id = w.id AND d.status = 'pending'))
  ELSE (SELECT min(d.due_at) FROM webhook_delivery AS d WHERE d.webhook_id = w.id AND d.status = 'pending' AND d.due_at > $1)
END)
FROM webhook AS w WHERE w.disabled = '';

-- name: SettleDelivery
UPDATE webhook_delivery SET
  status = $4, due_at = $5, owner = '', ended_at = $6, code = $7, took = $8, answer = $9, fault = $10
WHERE id = $1 AND owner = $2 AND tries = $3 AND status = 'pending';

-- name: SendAgain
UPDATE webhook_delivery SET status = 'pending', due_at = $3, owner = '', tries = 0, ended_at = NULL
WHERE webhook_id = $1 AND event_seq = $2;

-- name: ListDeliveriesOfWebhook
SELECT {Delivery} FROM webhook_delivery
WHERE webhook_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3 = '' OR status = $3) AND ($4::uuid IS NULL OR id = $4)
ORDER BY id DESC LIMIT $5;

-- name: PruneDeliveries
DELETE FROM webhook_delivery
WHERE id = ANY (ARRAY (
  SELECT id FROM webhook_delivery WHERE ended_at <= $1 ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED));
