-- Next steps that students were shown.

-- name: steps_note
-- A student sees an advice about something; only the first time is kept.
INSERT INTO shown_steps (student_id, course_id, advice, kind, item_id, shown_at)
VALUES (%(student)s, %(course)s, %(advice)s, %(kind)s, %(item)s, %(at)s)
ON CONFLICT DO NOTHING

-- name: steps_shown
-- The first time that each advice was shown to each student of a course in a period, of those who agree to suggestions now.
SELECT DISTINCT ON (shown.student_id, shown.advice)
    shown.student_id::text, shown.shown_at, shown.advice, shown.kind, shown.item_id
FROM shown_steps AS shown
WHERE shown.course_id = %(course)s AND shown.shown_at >= %(start)s AND shown.shown_at < %(end)s
    AND coalesce((
        SELECT granted FROM consents
        WHERE consents.student_id = shown.student_id AND consents.purpose = %(purpose)s
        ORDER BY recorded_at DESC, seq DESC
        LIMIT 1
    ), false)
ORDER BY shown.student_id, shown.advice, shown.shown_at, shown.item_id

-- name: steps_prune
-- Forget what was shown before a moment.
DELETE FROM shown_steps WHERE shown_at < %(before)s
