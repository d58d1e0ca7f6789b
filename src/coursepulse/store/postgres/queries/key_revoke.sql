-- Takes a key out of use.
UPDATE api_keys SET revoked_at = %(now)s
WHERE name = %(name)s AND revoked_at IS NULL
RETURNING name, scopes, created_at, created_by, last_used_at, revoked_at
