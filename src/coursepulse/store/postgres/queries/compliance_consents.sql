-- Decisions in a period, by purpose, and how many students agree at its end.
WITH last AS (
    SELECT DISTINCT ON (student_id, purpose) student_id, purpose, granted
    FROM consents
    WHERE recorded_at < %(end)s
    ORDER BY student_id, purpose, recorded_at DESC, seq DESC
),
made AS (
    SELECT purpose, count(*) FILTER (WHERE granted) AS given, count(*) FILTER (WHERE NOT granted) AS withdrawn
    FROM consents
    WHERE recorded_at >= %(start)s AND recorded_at < %(end)s
    GROUP BY purpose
)
SELECT purpose, coalesce(max(given), 0), coalesce(max(withdrawn), 0), count(*) FILTER (WHERE last.granted)
FROM last LEFT JOIN made USING (purpose)
GROUP BY purpose
ORDER BY purpose
