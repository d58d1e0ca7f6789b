-- Adds an API key; nothing when a key of this name is in use.
INSERT INTO api_keys (name, digest, scopes, created_at, created_by)
VALUES (%(name)s, %(digest)s, %(scopes)s, %(now)s, %(created_by)s)
ON CONFLICT DO NOTHING
RETURNING name, scopes, created_at, created_by, last_used_at, revoked_at
