-- Which courses are over, and which are presentations of one.

-- name: ended_courses
-- Which of some courses had their last day before a day.
SELECT course_id FROM courses WHERE course_id = ANY(%(courses)s) AND ends_on < %(day)s

-- name: presentations
-- Courses with a first day, and how many days each lasts (280 when it has no end).
SELECT course_id, starts_on, least(1000, greatest(0, coalesce(ends_on - starts_on, 280))) AS length
FROM courses
WHERE starts_on IS NOT NULL AND (%(course)s = '' OR course_id = %(course)s)
