-- What jobs wait for.

-- name: revisions
-- The newest consent and change of enrolments, the state of the keys, and whether a request waits.
SELECT
    (SELECT coalesce(max(seq), 0) FROM consents),
    (SELECT revision FROM enrolment_revision),
    (SELECT row(count(*), max(created_at), max(revoked_at))::text FROM api_keys),
    EXISTS (SELECT FROM privacy_requests WHERE state <> 'done')
