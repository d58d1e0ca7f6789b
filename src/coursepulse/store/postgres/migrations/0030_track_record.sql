-- How predictions of a course came out: of those who have left it too, whom a teacher no longer sees one by one.
-- One prediction counts per learner, the first that was made; a band is told of ten learners or more.
CREATE FUNCTION risk_track_record(course text)
RETURNS TABLE (from_pct double precision, to_pct double precision, learners bigint, predicted_pct double precision,
               came_true_pct double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT
        20.0 * band, 20.0 * (band + 1), count(*),
        round(avg(probability)::numeric * 100, 1)::float8,
        round(avg(outcome::int)::numeric * 100, 1)::float8
    FROM (
        SELECT DISTINCT ON (student_id) probability, outcome, least(4, floor(probability * 5))::int AS band
        FROM risk_predictions
        WHERE course_id = course AND outcome IS NOT NULL
        ORDER BY student_id, predicted_at
    ) AS first
    GROUP BY band
    HAVING count(*) >= 10
$$;

REVOKE EXECUTE ON FUNCTION risk_track_record(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION risk_track_record(text) TO coursepulse_app, coursepulse_service;
