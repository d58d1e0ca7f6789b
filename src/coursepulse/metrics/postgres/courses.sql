-- Which courses are presentations.

-- name: presentations
-- Courses with a first day, and how many days each lasts (280 when it has no end).
SELECT course_id, starts_on, least(1000, greatest(0, coalesce(ends_on - starts_on, 280))) AS length
FROM courses
WHERE starts_on IS NOT NULL AND (%(course)s = '' OR course_id = %(course)s)
