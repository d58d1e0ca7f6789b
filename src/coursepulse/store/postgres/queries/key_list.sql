-- Every API key ever made, those in use first.
SELECT name, scopes, created_at, created_by, last_used_at, revoked_at
FROM api_keys
ORDER BY revoked_at IS NOT NULL, name, key_id
