-- name: InsertGroup
INSERT INTO consumer_group (name, topics, created_by, created_at, after) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name) DO NOTHING;

-- name: GroupAt
SELECT topics, after FROM consumer_group WHERE name = $1;

-- Consumers of a group take events one after the other.
-- name: LockGroup
SELECT topics, after FROM consumer_group WHERE name = $1 FOR UPDATE;

-- Those that were given out often enough.
-- name: GiveUpDeliveries
UPDATE group_delivery SET dead = $4, until = $2
WHERE consumer_group = $1 AND dead = '' AND until <= $2 AND tries >= $3;

-- name: TakeDeliveries
UPDATE group_delivery SET consumer = $2, tries = tries + 1, until = $3
WHERE consumer_group = $1 AND seq = ANY(ARRAY(
  SELECT seq FROM group_delivery
  WHERE consumer_group = $1 AND dead = '' AND until <= $4
  ORDER BY until, seq
  LIMIT $5
  FOR UPDATE
))
RETURNING seq, tries;

-- name: InsertDeliveries
INSERT INTO group_delivery (consumer_group, seq, consumer, tries, until)
SELECT $1, seq, $2, 1, $3 FROM unnest($4::bigint[]) AS given (seq);

-- name: MoveGroup
UPDATE consumer_group SET after = $2 WHERE name = $1;

-- name: AckDeliveries
DELETE FROM group_delivery
WHERE consumer_group = $1 AND seq = ANY($2::bigint[])
RETURNING dead = '';

-- name: RejectDeliveries
UPDATE group_delivery SET until = $3, dead = $4
WHERE consumer_group = $1 AND seq = ANY($2::bigint[]) AND dead = '';

-- name: DropDeliveries
DELETE FROM group_delivery WHERE consumer_group = $1;

-- name: DeleteGroup
DELETE FROM consumer_group WHERE name = $1;

-- name: ListGroups
SELECT name, topics, created_by, created_at, after, greatest(seq - after, 0),
       (SELECT count(*) FROM group_delivery WHERE consumer_group = name AND dead = ''),
       (SELECT count(*) FROM group_delivery WHERE consumer_group = name AND dead <> '')
FROM consumer_group, event_end
ORDER BY name;

-- name: ListDeliveries
SELECT seq, consumer, tries, until, dead
FROM group_delivery
WHERE consumer_group = $1 AND (dead <> '') = $2
ORDER BY seq
LIMIT $3;

-- name: EventsAt
SELECT {EventRows}
WHERE seq = ANY($1::bigint[]) AND kind IN ('run', 'step', 'event')
ORDER BY seq;

-- Events that are gone before anybody has acknowledged them.
-- name: GiveUpGone
UPDATE group_delivery SET dead = $2, until = $1
WHERE dead = '' AND seq <= (SELECT gone FROM event_gone)
  AND NOT EXISTS (SELECT FROM event WHERE event.seq = group_delivery.seq LIMIT 1);

-- name: PruneGivenUp
DELETE FROM group_delivery
WHERE ctid = ANY(ARRAY(SELECT ctid FROM group_delivery WHERE dead <> '' AND until <= $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED));
