-- What the model that predicts now says of learners. The policies of the database show it to those who teach them.

-- name: student_prediction
-- The newest prediction about a student in each course, the one of a week before, and what was last said of it.
SELECT
    p.course_id,
    round(p.probability::numeric * 100, 1)::float8 AS probability_pct,
    round(earlier.probability::numeric * 100, 1)::float8 AS before_pct,
    round((p.reasons ->> 'known')::numeric * 100, 1)::float8 AS known_pct,
    p.reasons -> 'shares' AS shares,
    (p.reasons ->> 'base')::float8 AS base,
    (p.reasons ->> 'rest')::float8 AS rest,
    p.model,
    p.predicted_at,
    coalesce(judged.verdict, '') AS said
FROM (
    SELECT DISTINCT ON (course_id) *
    FROM risk_predictions
    WHERE student_id = %(student)s::uuid AND (%(course)s = '' OR course_id = %(course)s)
        AND model = (SELECT model FROM risk_champion)
    ORDER BY course_id, predicted_at DESC
) AS p
LEFT JOIN LATERAL (
    SELECT probability FROM risk_predictions AS e
    WHERE e.course_id = p.course_id AND e.student_id = p.student_id AND e.predicted_at <= p.predicted_at - interval '7 days'
    ORDER BY predicted_at DESC LIMIT 1
) AS earlier ON true
LEFT JOIN LATERAL (
    SELECT verdict FROM risk_verdicts AS v
    WHERE v.course_id = p.course_id AND v.student_id = p.student_id
    ORDER BY at DESC LIMIT 1
) AS judged ON true
WHERE p.outcome IS NULL
ORDER BY p.course_id

-- name: course_predictions
-- The newest prediction about each learner of a course who is still in it.
SELECT DISTINCT ON (student_id)
    student_id,
    round(probability::numeric * 100, 1)::float8 AS probability_pct,
    round((reasons ->> 'known')::numeric * 100, 1)::float8 AS known_pct,
    model,
    predicted_at
FROM risk_predictions
WHERE course_id = %(course)s AND model = (SELECT model FROM risk_champion) AND outcome IS NULL
ORDER BY student_id, predicted_at DESC

-- name: course_track_record
-- How predictions about learners of a course came out, in bands of twenty per cent; bands of fewer than ten learners are
-- left out.
SELECT * FROM risk_track_record(%(course)s) ORDER BY from_pct
