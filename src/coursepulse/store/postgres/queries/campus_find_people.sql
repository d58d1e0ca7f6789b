-- People by pseudonym or by the platform's own id.
SELECT student_id, external_id, name, time_zone, is_staff, is_test
FROM people
WHERE student_id = ANY(%(students)s) OR external_id = ANY(%(externals)s)
ORDER BY external_id
