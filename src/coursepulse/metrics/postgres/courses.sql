-- Courses as the roster and the alerts know them.

-- name: presentations
-- Courses with a first day, and how many days each lasts (280 when it has no end).
SELECT course_id, starts_on, least(1000, greatest(0, coalesce(ends_on - starts_on, 280))) AS length
FROM courses
WHERE starts_on IS NOT NULL AND (%(course)s = '' OR course_id = %(course)s)

-- name: known_changes
-- When a course was changed, and the lesson that was made anew.
SELECT changed_on, lesson_id, title AS what
FROM course_changes
WHERE course_id = %(course)s AND changed_on < %(end)s
ORDER BY changed_on DESC, lesson_id

-- name: messages_by_day
-- Who was written to about a course, and on which days.
SELECT DISTINCT student_id::text AS student_id, (at AT TIME ZONE 'UTC')::date AS day
FROM student_messages
WHERE course_id = %(course)s AND at >= %(start)s AND at < %(end)s
ORDER BY day, student_id

-- name: stuck_now
-- Students of a course about whom an alert is open that says they are stuck, with the rules that say so.
SELECT student_id, array_agg(DISTINCT rule ORDER BY rule) AS rules
FROM alerts
WHERE course_id = %(course)s AND student_id IS NOT NULL AND cleared_at IS NULL AND withdrawn_at IS NULL
    AND rule IN ('rewound_passage', 'stuck_on_skill')
GROUP BY student_id

-- name: written_to
-- Of each rule, the learners of a course with an alert, whether somebody wrote to them within two weeks of it, and from which
-- day on to look whether they came back: that of the message, or for the others as long after the alert as it usually takes.
WITH
    episodes AS
    (
        SELECT DISTINCT ON (rule, student_id) rule, student_id, raised_at, written_at
        FROM alerts
        LEFT JOIN LATERAL (
            SELECT min(at) AS written_at FROM student_messages AS message
            WHERE message.student_id = alerts.student_id AND message.course_id = alerts.course_id
                AND message.at >= alerts.raised_at AND message.at < alerts.raised_at + interval '14 days'
        ) AS written ON true
        WHERE course_id = %(course)s AND student_id IS NOT NULL AND withdrawn_at IS NULL
            AND raised_at >= %(start)s AND raised_at < %(end)s
        ORDER BY rule, student_id, written_at NULLS LAST, raised_at DESC
    ),
    usual AS
    (
        SELECT rule, percentile_disc(0.5) WITHIN GROUP (ORDER BY written_at - raised_at) AS delay
        FROM episodes
        WHERE written_at IS NOT NULL
        GROUP BY rule
    ),
    placed AS
    (
        SELECT
            rule, student_id, written_at IS NOT NULL AS written,
            (coalesce(written_at, raised_at + delay) AT TIME ZONE 'UTC')::date AS since
        FROM episodes
        INNER JOIN usual USING (rule)
    )
SELECT rule, student_id::text, since, written::int
FROM placed
WHERE since + 7 < %(today)s
ORDER BY rule, student_id

-- name: course_message_waits
-- Learners of a course who were drawn to wait for a message, and to whom nobody has written since.
SELECT DISTINCT ON (student_id)
    student_id,
    (at AT TIME ZONE 'UTC')::date AS drawn_on,
    (at AT TIME ZONE 'UTC')::date + 8 AS write_from
FROM message_arms JOIN message_draws USING (draw_id)
WHERE course_id = %(course)s AND NOT at_once
    AND NOT EXISTS (
        SELECT FROM student_messages AS message
        WHERE message.student_id = message_arms.student_id AND message.course_id = %(course)s AND message.at > message_draws.at
    )
ORDER BY student_id, at DESC
