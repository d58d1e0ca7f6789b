-- The keys that open the door now.
SELECT digest, name, scopes FROM api_keys WHERE revoked_at IS NULL ORDER BY key_id
