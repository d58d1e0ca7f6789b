-- Learners who were right in attempt 1 of each question; their first answer with a verdict decides.
SELECT
    assessment_id,
    question_id,
    count() AS answered,
    countIf(first) AS correct,
    100 * correct / answered AS first_try_pct
FROM
(
    SELECT assessment_id, question_id, student_id, argMin(assumeNotNull(correct), (at, UUIDToNum(event_id))) AS first
    FROM quiz_answers FINAL
    WHERE course_id = {course:String} AND attempt = 1 AND correct IS NOT NULL
        AND assessment_id != '' AND question_id != '' AND at < toDateTime64({end:Date}, 6, 'UTC')
        AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
    GROUP BY assessment_id, question_id, student_id
)
GROUP BY assessment_id, question_id
ORDER BY assessment_id, question_id
