-- What mastery of skills is worked out from. The model is in definitions/mastery.

-- name: mastery_answers
-- The answers with a verdict of some students in some courses; of everybody where no students are named.
SELECT student_id, course_id, assessment_id, question_id, at, event_id, assumeNotNull(correct) AS correct
FROM quiz_answers FINAL
WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND correct IS NOT NULL AND assessment_id != '' AND question_id != '' AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}

-- name: mastery_questions
-- The questions of some courses as they were last fitted by a day.
SELECT
    course_id, assessment_id, question_id,
    argMax(question_levels.skills, fitted_on) AS skills,
    argMax(question_levels.difficulty, fitted_on) AS difficulty,
    argMax(question_levels.difficulty_var, fitted_on) AS difficulty_var,
    argMax(question_levels.slope, fitted_on) AS slope,
    argMax(question_levels.slope_var, fitted_on) AS slope_var
FROM question_levels FINAL
WHERE course_id IN {courses:Array(String)} AND fitted_on < {end:Date}
GROUP BY course_id, assessment_id, question_id

-- name: mastery_habits
-- How people learn in some courses, as it was last fitted by a day.
SELECT course_id, argMax(course_habits.habits, fitted_on) AS habits, argMax(course_habits.curve, fitted_on) AS curve
FROM course_habits FINAL
WHERE course_id IN {courses:Array(String)} AND fitted_on < {end:Date}
GROUP BY course_id
