-- Notes the learners of one slice whose days are newer than their rows, which a stopped process left undone, about whom
-- the roster says something else by now, or whose rows are of an older edition.
INSERT INTO touched_learners
SELECT course_id, student_id
FROM
(
    SELECT course_id, student_id, version AS days, 0 AS made, 0 AS told, 0 AS heard
    FROM student_course_days
    WHERE course_id != '' AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
    UNION ALL
    SELECT course_id, student_id, 0 AS days, if(edition < 6, 0, version) AS made, 0 AS told, listed AS heard
    FROM learner_courses
    WHERE cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
    UNION ALL
    SELECT course_id, student_id, 0 AS days, 0 AS made, version AS told, 0 AS heard
    FROM roster_enrolments
    WHERE cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
)
GROUP BY course_id, student_id
HAVING max(days) > max(made) OR max(told) > max(heard)
