-- What is read to fit the model of skills to a course, and when that is due.

-- name: fits_due
-- How many answers and questions each course has now, and had when it was last fitted.
SELECT course_id, answers, questions, fitted_answers, fitted_questions, fitted_on, skill_map
FROM
(
    SELECT course_id, count() AS answers, uniqExact(assessment_id, question_id) AS questions
    FROM quiz_answers
    WHERE correct IS NOT NULL AND course_id != '' AND assessment_id != '' AND question_id != ''
    GROUP BY course_id
) AS now
LEFT JOIN
(
    SELECT
        course_id, max(course_habits.fitted_on) AS fitted_on, argMax(answers, course_habits.fitted_on) AS fitted_answers,
        argMax(questions, course_habits.fitted_on) AS fitted_questions, argMax(course_habits.skill_map, course_habits.fitted_on) AS skill_map
    FROM course_habits FINAL
    GROUP BY course_id
) AS last USING (course_id)
ORDER BY course_id

-- name: fits_answers
-- The answers of a course by everybody whose behaviour may be looked at.
SELECT student_id, assessment_id, question_id, toUnixTimestamp64Micro(at) / 86400e6 AS day, toFloat64(assumeNotNull(correct)) AS right
FROM quiz_answers FINAL
WHERE course_id = {course:String} AND correct IS NOT NULL AND assessment_id != '' AND question_id != ''
    AND student_id NOT IN (SELECT student_id FROM left_out)
ORDER BY student_id, at, assessment_id, question_id, right
