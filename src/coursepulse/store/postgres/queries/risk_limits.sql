-- Where courses cut their risk matrix.

-- name: limits_all
-- Every change, the earliest first: there are few.
SELECT course_id, since, struggling, low_score, high_score, changed_by FROM risk_limits ORDER BY course_id, since

-- name: limits_set
-- The limits of a course from a moment on.
INSERT INTO risk_limits (course_id, since, struggling, low_score, high_score, changed_by)
VALUES (%(course)s, %(since)s, %(struggling)s, %(low_score)s, %(high_score)s, %(account)s)
