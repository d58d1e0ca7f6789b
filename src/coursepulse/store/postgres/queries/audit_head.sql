-- The newest entry of the trail.
SELECT number, hash FROM audit_trail ORDER BY number DESC LIMIT 1
