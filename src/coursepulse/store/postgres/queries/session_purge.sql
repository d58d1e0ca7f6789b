-- Drops sessions that have expired.
DELETE FROM sessions WHERE expires_at <= %(now)s OR seen_at <= %(idle_since)s
