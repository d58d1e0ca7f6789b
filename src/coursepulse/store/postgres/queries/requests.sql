-- Requests of students about their data.

-- name: requests_of_student
-- The numbers of the exports made for a student.
SELECT request_id FROM privacy_requests WHERE student_id = %(student)s AND kind = 'export'

-- name: requests_student
-- The student of an export.
SELECT student_id FROM privacy_requests
WHERE request_id = %(request)s AND kind = 'export' AND student_id IS NOT NULL

-- name: requests_add
-- Adds a request.
INSERT INTO privacy_requests (
    request_id, kind, mode, keep_records, state, asked_by, asked_at, student_id, replacement, external_id, email, name, salt
)
VALUES (
    %(request)s, %(kind)s, %(mode)s, %(keep_records)s, 'open', %(asked_by)s, %(asked_at)s, %(student)s,
    %(replacement)s, %(external_id)s, %(email)s, %(name)s, %(salt)s
)

-- name: requests_next
-- The oldest open request; requests that failed before come after the others.
SELECT request_id, kind, mode, keep_records, state, asked_at, student_id, replacement, external_id, email, name, salt, days, receipt
FROM privacy_requests
WHERE state <> 'done'
ORDER BY trouble <> '', asked_at
LIMIT 1

-- name: requests_person
-- What is known of a person, by pseudonym.
SELECT external_id, email, name FROM people WHERE student_id = %(student)s

-- name: requests_days
-- Adds to the days that an erasure affects.
UPDATE privacy_requests
SET days = (SELECT coalesce(array_agg(DISTINCT day), '{}') FROM unnest(days || %(days)s::date[]) AS day)
WHERE request_id = %(request)s
RETURNING days

-- name: requests_note
-- Saves the receipt so far.
UPDATE privacy_requests SET receipt = %(receipt)s::jsonb, trouble = '' WHERE request_id = %(request)s

-- name: requests_trouble
-- Records why a request could not be completed yet.
UPDATE privacy_requests SET trouble = %(trouble)s WHERE request_id = %(request)s

-- name: requests_forget
-- Removes the student from an erasure: from now on only free space has to be rewritten.
UPDATE privacy_requests
SET student_id = NULL, replacement = NULL, external_id = NULL, email = NULL, name = NULL, salt = NULL, state = 'sweeping'
WHERE request_id = %(request)s

-- name: requests_done
-- Marks a request as completed.
UPDATE privacy_requests
SET state = 'done', done_at = %(at)s, receipt = %(receipt)s::jsonb, trouble = ''
WHERE request_id = %(request)s

-- name: requests_expire
-- Removes the student from exports whose archives are gone.
UPDATE privacy_requests SET student_id = NULL, replacement = NULL, external_id = NULL, email = NULL, name = NULL, salt = NULL
WHERE kind = 'export' AND state = 'done' AND student_id IS NOT NULL AND done_at < %(before)s

-- name: requests_list
-- Requests of one student or of all, newest first.
SELECT request_id, kind, mode, keep_records, state, asked_by, asked_at, done_at, receipt, trouble
FROM privacy_requests
WHERE %(student)s::uuid IS NULL OR student_id = %(student)s
ORDER BY asked_at DESC, request_id
LIMIT %(limit)s

-- name: requests_find
-- One request.
SELECT request_id, kind, mode, keep_records, state, asked_by, asked_at, done_at, receipt, trouble
FROM privacy_requests
WHERE request_id = %(request)s

-- name: requests_summary
-- Of each kind of request, how many are open, in trouble and done since a moment, and how long they took.
SELECT
    kind,
    count(*) FILTER (WHERE state <> 'done'),
    count(*) FILTER (WHERE state <> 'done' AND trouble <> ''),
    min(asked_at) FILTER (WHERE state <> 'done'),
    count(*) FILTER (WHERE done_at >= %(since)s),
    max(extract(epoch FROM done_at - asked_at)::float8) FILTER (WHERE done_at >= %(since)s)
FROM privacy_requests
WHERE asked_at >= %(since)s OR state <> 'done' OR done_at >= %(since)s
GROUP BY kind
ORDER BY kind

-- name: requests_keep_promise
-- Writes into the receipts of erasures that were done before a moment what has become of their line about a store; rows are
-- told once.
UPDATE privacy_requests
SET receipt = (
    SELECT jsonb_agg(
        CASE WHEN line ->> 'store' = %(store)s THEN line || jsonb_build_object('note', %(note)s::text) ELSE line END
        ORDER BY place)
    FROM jsonb_array_elements(receipt) WITH ORDINALITY AS lines (line, place)
)
WHERE kind = 'erasure' AND done_at < %(before)s
    AND EXISTS (
        SELECT FROM jsonb_array_elements(receipt) AS line
        WHERE line ->> 'store' = %(store)s AND line ->> 'note' LIKE '%%planned for%%'
    )
