-- Sessions.

-- name: session_find
-- The session, unless it has ended or its account is disabled.
SELECT session.student_id, session.seen_at, account.account_id, account.login_name, account.role,
    account.student_id, account.organisation_id, account.language
FROM sessions AS session
LEFT JOIN accounts AS account USING (account_id)
WHERE session.token_hash = %(token_hash)s
  AND session.expires_at > %(now)s
  AND session.seen_at > %(idle_since)s
  AND account.disabled IS NOT TRUE

-- name: session_alive
-- Those of some sessions that have not ended, with an account that is not disabled.
SELECT session.token_hash
FROM sessions AS session
LEFT JOIN accounts AS account USING (account_id)
WHERE session.token_hash = ANY(%(hashes)s)
  AND session.expires_at > %(now)s
  AND session.seen_at > %(idle_since)s
  AND account.disabled IS NOT TRUE

-- name: session_touch
-- Records that a session is in use.
UPDATE sessions SET seen_at = %(now)s WHERE token_hash = %(token_hash)s AND seen_at < %(now)s

-- name: session_end
-- Ends one session.
DELETE FROM sessions WHERE token_hash = %(token_hash)s

-- name: session_end_all
-- Ends every session of an account.
DELETE FROM sessions WHERE account_id = %(account_id)s

-- name: session_purge
-- Deletes expired sessions.
DELETE FROM sessions WHERE expires_at <= %(now)s OR seen_at <= %(idle_since)s

-- name: session_add
-- Begins a session.
INSERT INTO sessions (token_hash, account_id, student_id, created_at, seen_at, expires_at)
VALUES (%(token_hash)s, %(account_id)s, %(student_id)s, %(now)s, %(now)s, %(expires_at)s)
