-- part: Hook
name, rev, description, verify, header, secret, old_secret, old_secret_until, map, disabled,
  created_by, created_at, updated_at, accepted, repeated, refused, accepted_at, refused_at, refusal;

-- name: InsertHook
INSERT INTO hook (name, rev, description, verify, header, secret, old_secret, old_secret_until, map, disabled,
  created_by, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (name) DO NOTHING;

-- name: UpdateHook
UPDATE hook SET
  rev = $3, description = $4, verify = $5, header = $6, secret = $7, old_secret = $8, old_secret_until = $9,
  map = $10, disabled = $11, updated_at = $12
WHERE name = $1 AND rev = $2;

-- name: DeleteHook
DELETE FROM hook WHERE name = $1;

-- name: Hook
SELECT {Hook} FROM hook WHERE name = $1;

-- name: ListHooks
SELECT {Hook} FROM hook ORDER BY name;

-- name: TallyHook
UPDATE hook SET
  accepted = accepted + $2, repeated = repeated + $3, refused = refused + $4,
  accepted_at = coalesce($5::timestamptz, accepted_at), refused_at = coalesce($6::timestamptz, refused_at),
  refusal = CASE WHEN $6::timestamptz IS NULL THEN refusal ELSE $7 END
WHERE name = $1;
