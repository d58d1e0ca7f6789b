-- Thresholds that courses have set themselves.

-- name: thresholds
-- All of them: there are few.
SELECT course_id, rule, name, value FROM alert_thresholds

-- name: set_threshold
-- Set a threshold of a course.
INSERT INTO alert_thresholds (course_id, rule, name, value, changed_at, changed_by)
VALUES (%(course)s, %(rule)s, %(name)s, %(value)s, %(at)s, %(account)s)
ON CONFLICT (course_id, rule, name) DO UPDATE SET
    value = EXCLUDED.value, changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by

-- name: unset_threshold
-- A course goes by the usual number again.
DELETE FROM alert_thresholds WHERE course_id = %(course)s AND rule = %(rule)s AND name = %(name)s
