-- What the roster knows, beside the file of a learning platform.

-- name: reconcile_people
-- People by the platform's ids or e-mail addresses, in lower case.
SELECT external_id, lower(email), student_id, is_staff OR is_test
FROM people
WHERE external_id = ANY(%(ids)s) OR (email <> '' AND lower(email) = ANY(%(mails)s))

-- name: reconcile_names
-- The platform's ids of some students.
SELECT student_id, external_id FROM people WHERE student_id = ANY(%(students)s)

-- name: reconcile_courses
-- Which of some courses the catalog knows.
SELECT course_id FROM courses WHERE course_id = ANY(%(courses)s)

-- name: compare_days
-- Events of each day, without those that their senders took back.
SELECT event_date, count(*)
FROM student_activity_events
WHERE event_date >= %(start)s AND event_date < %(end)s AND event_type <> 'x_withdrawn'
GROUP BY event_date
