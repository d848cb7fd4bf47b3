-- name: InsertGroup
INSERT INTO consumer_group (name, topics, created_by, created_at, after) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (name) DO NOTHING;

-- name: GroupAt
SELECT topics, after FROM consumer_group WHERE name = ?1;

-- Those that were given out often enough.
-- name: GiveUpDeliveries
UPDATE group_delivery SET dead = ?4, until = ?2
WHERE consumer_group = ?1 AND dead = '' AND until <= ?2 AND tries >= ?3;

-- name: TakeDeliveries
UPDATE group_delivery SET consumer = ?2, tries = tries + 1, until = ?3
WHERE (consumer_group, seq) IN (
  SELECT consumer_group, seq FROM group_delivery
  WHERE consumer_group = ?1 AND dead = '' AND until <= ?4
  ORDER BY until, seq
  LIMIT ?5
)
RETURNING seq, tries;

-- name: InsertDeliveries
INSERT INTO group_delivery (consumer_group, seq, consumer, tries, until)
SELECT ?1, value, ?2, 1, ?3 FROM json_each(?4);

-- name: MoveGroup
UPDATE consumer_group SET after = ?2 WHERE name = ?1;

-- name: AckDeliveries
DELETE FROM group_delivery
WHERE consumer_group = ?1 AND seq IN (SELECT value FROM json_each(?2))
RETURNING dead = '';

-- name: RejectDeliveries
UPDATE group_delivery SET until = ?3, dead = ?4
WHERE consumer_group = ?1 AND seq IN (SELECT value FROM json_each(?2)) AND dead = '';

-- name: DropDeliveries
DELETE FROM group_delivery WHERE consumer_group = ?1;

-- name: DeleteGroup
DELETE FROM consumer_group WHERE name = ?1;

-- name: ListGroups
SELECT name, topics, created_by, created_at, after,
       max((SELECT seq FROM sqlite_sequence WHERE name = 'event') - after, 0),
       (SELECT count(*) FROM group_delivery WHERE consumer_group = name AND dead = ''),
       (SELECT count(*) FROM group_delivery WHERE consumer_group = name AND dead <> '')
FROM consumer_group
ORDER BY name;

-- name: ListDeliveries
SELECT group_delivery.seq, consumer, tries, group_delivery.until, dead
FROM group_delivery
WHERE consumer_group = ?1 AND (dead <> '') = ?2
ORDER BY group_delivery.seq
LIMIT ?3;

-- name: EventsAt
SELECT {EventRows}
WHERE event.seq IN (SELECT value FROM json_each(?1)) AND event.kind IN ('run', 'step', 'event')
ORDER BY event.seq;

-- Events that are gone before anybody has acknowledged them.
-- name: GiveUpGone
UPDATE group_delivery SET dead = ?2, until = ?1
WHERE dead = '' AND seq <= (SELECT gone FROM event_gone)
  AND NOT EXISTS (SELECT 1 FROM event WHERE event.seq = group_delivery.seq);

-- name: PruneGivenUp
DELETE FROM group_delivery
WHERE (consumer_group, seq) IN (SELECT consumer_group, seq FROM group_delivery WHERE dead <> '' AND until <= ?1 ORDER BY until LIMIT ?2);
