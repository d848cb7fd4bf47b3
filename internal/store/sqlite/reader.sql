-- name: Reader
SELECT after, owner, until, iif(gone > after, gone, 0) FROM reader, event_gone WHERE name = ?1;

-- name: InsertReader
INSERT INTO reader (name, after, owner, until, at)
SELECT ?1, iif(?2, (SELECT gone FROM event_gone), (SELECT seq FROM sqlite_sequence WHERE name = 'event')), '', 0, ?3
WHERE TRUE
ON CONFLICT (name) DO NOTHING;

-- name: HoldReader
UPDATE reader SET owner = ?2, until = ?3, at = ?4
WHERE name = ?1 AND (owner = ?2 OR until <= ?4);

-- name: AdvanceReader
UPDATE reader SET after = ?4, at = ?5
WHERE name = ?1 AND owner = ?2 AND after = ?3 AND ?4 >= ?3 AND until > ?5;

-- name: ListReaders
SELECT name, after, max((SELECT seq FROM sqlite_sequence WHERE name = 'event') - after, 0), at FROM reader ORDER BY name;
