-- The oldest request that is not done; requests that met trouble come after the others.
SELECT request_id, kind, mode, keep_records, state, asked_at, student_id, replacement, external_id, email, name, salt, days, receipt
FROM privacy_requests
WHERE state <> 'done'
ORDER BY trouble <> '', asked_at
LIMIT 1
