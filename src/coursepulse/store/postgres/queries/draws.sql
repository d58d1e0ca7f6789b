-- Draws of who on a list is written to at once, and who waits.

-- name: draws_held
-- Of some students, each in a course, the newest draw since a moment.
SELECT DISTINCT ON (student_id, course_id) student_id, course_id, at_once, at
FROM message_arms JOIN message_draws USING (draw_id)
JOIN unnest(%(students)s::uuid[], %(courses)s::text[]) AS given (student_id, course_id) USING (student_id, course_id)
WHERE at > %(since)s
ORDER BY student_id, course_id, at DESC

-- name: draws_agreed
-- Those of some students who agree to a purpose now.
SELECT given.student_id
FROM unnest(%(students)s::uuid[]) AS given (student_id)
WHERE coalesce((
    SELECT granted FROM consents
    WHERE consents.student_id = given.student_id AND consents.purpose = %(purpose)s
    ORDER BY recorded_at DESC, seq DESC
    LIMIT 1
), false)

-- name: draws_note
-- A draw was made.
INSERT INTO message_draws (draw_id, course_id, seed, at, account)
VALUES (%(draw)s, %(course)s, %(seed)s, %(at)s, %(account)s)

-- name: draws_note_arm
-- What was drawn for a student.
INSERT INTO message_arms (draw_id, student_id, at_once) VALUES (%(draw)s, %(student)s, %(at_once)s)

-- name: draws_of_course
-- What was drawn for each student of a course in a period, the first time; and whether somebody who was to wait was written
-- to before the wait was over. Of those who agree to research now.
SELECT DISTINCT ON (student_id)
    student_id::text, (at AT TIME ZONE 'UTC')::date AS day, at_once,
    NOT at_once AND EXISTS (
        SELECT FROM student_messages AS message
        WHERE message.student_id = message_arms.student_id AND message.course_id = %(course)s
            AND message.at >= message_draws.at
            AND (message.at AT TIME ZONE 'UTC')::date < (message_draws.at AT TIME ZONE 'UTC')::date + %(wait)s
    ) AS early
FROM message_arms JOIN message_draws USING (draw_id)
WHERE course_id = %(course)s AND at >= %(start)s AND at < %(end)s
    AND coalesce((
        SELECT granted FROM consents
        WHERE consents.student_id = message_arms.student_id AND consents.purpose = %(purpose)s
        ORDER BY recorded_at DESC, seq DESC
        LIMIT 1
    ), false)
ORDER BY student_id, at
