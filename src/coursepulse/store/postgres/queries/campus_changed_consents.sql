-- What holds now for each student and purpose that was decided upon since a decision.
-- The last by its own time holds; of two at the same moment the one that came in last.
SELECT DISTINCT ON (student_id, purpose) student_id, purpose, granted
FROM consents
WHERE (student_id, purpose) IN (SELECT student_id, purpose FROM consents WHERE seq > %(after)s)
ORDER BY student_id, purpose, recorded_at DESC, seq DESC
