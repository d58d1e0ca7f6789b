-- API keys of programs.

-- name: key_add
-- Adds an API key; does nothing if a key with this name is in use.
INSERT INTO api_keys (name, digest, scopes, created_at, created_by)
VALUES (%(name)s, %(digest)s, %(scopes)s, %(now)s, %(created_by)s)
ON CONFLICT DO NOTHING
RETURNING name, scopes, created_at, created_by, last_used_at, revoked_at

-- name: key_revoke
-- Revokes a key.
UPDATE api_keys SET revoked_at = %(now)s
WHERE name = %(name)s AND revoked_at IS NULL
RETURNING name, scopes, created_at, created_by, last_used_at, revoked_at

-- name: key_list
-- Every API key ever made, those in use first.
SELECT name, scopes, created_at, created_by, last_used_at, revoked_at
FROM api_keys
ORDER BY revoked_at IS NOT NULL, name, key_id

-- name: key_used
-- Records when keys were last used.
UPDATE api_keys SET last_used_at = %(now)s WHERE name = ANY(%(names)s) AND revoked_at IS NULL

-- name: key_ring
-- The keys that are valid now.
SELECT digest, name, scopes FROM api_keys WHERE revoked_at IS NULL ORDER BY key_id
