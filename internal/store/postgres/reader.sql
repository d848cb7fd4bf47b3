-- name: Reader
SELECT after, owner, until, CASE WHEN gone > after THEN gone ELSE 0 END, ordinaut.clock() FROM reader, event_gone WHERE name = $1;

-- name: InsertReader
INSERT INTO reader (name, after, owner, until, at)
SELECT $1, CASE WHEN $2 THEN gone ELSE seq END, '', $3, $3 FROM event_gone, event_end
ON CONFLICT (name) DO NOTHING;

-- name: HoldReader
UPDATE reader SET owner = $2, until = $3, at = $4
WHERE name = $1 AND (owner = $2 OR until <= $4);

-- name: AdvanceReader
UPDATE reader SET after = $4, at = $5
WHERE name = $1 AND owner = $2 AND after = $3 AND $4 >= $3 AND until > $5;

-- name: ListReaders
SELECT name, after, greatest(seq - after, 0), at FROM reader, event_end ORDER BY name;
