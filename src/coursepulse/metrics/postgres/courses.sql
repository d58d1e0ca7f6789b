-- Courses as the roster and the alerts know them.

-- name: presentations
-- Courses with a first day, and how many days each lasts (280 when it has no end).
SELECT course_id, starts_on, least(1000, greatest(0, coalesce(ends_on - starts_on, 280))) AS length
FROM courses
WHERE starts_on IS NOT NULL AND (%(course)s = '' OR course_id = %(course)s)

-- name: stuck_now
-- Students of a course about whom an alert is open that says they are stuck, with the rules that say so.
SELECT student_id, array_agg(DISTINCT rule ORDER BY rule) AS rules
FROM alerts
WHERE course_id = %(course)s AND student_id IS NOT NULL AND cleared_at IS NULL AND withdrawn_at IS NULL
    AND rule IN ('rewound_passage', 'stuck_on_skill')
GROUP BY student_id
