-- Begins a session.
INSERT INTO sessions (token_hash, account_id, student_id, created_at, seen_at, expires_at)
VALUES (%(token_hash)s, %(account_id)s, %(student_id)s, %(now)s, %(now)s, %(expires_at)s)
