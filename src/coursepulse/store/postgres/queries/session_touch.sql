-- Notes that a session is in use.
UPDATE sessions SET seen_at = %(now)s WHERE token_hash = %(token_hash)s AND seen_at < %(now)s
