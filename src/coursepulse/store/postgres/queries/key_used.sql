-- Notes when keys were last used.
UPDATE api_keys SET last_used_at = %(now)s WHERE name = ANY(%(names)s) AND revoked_at IS NULL
