-- A new request, to be worked on.
INSERT INTO privacy_requests (
    request_id, kind, mode, keep_records, state, asked_by, asked_at, student_id, replacement, external_id, email, name, salt
)
VALUES (
    %(request)s, %(kind)s, %(mode)s, %(keep_records)s, 'open', %(asked_by)s, %(asked_at)s, %(student)s,
    %(replacement)s, %(external_id)s, %(email)s, %(name)s, %(salt)s
)
