-- Notes the learners of one slice whose days are newer than their rows, which a stopped process left undone, or whose
-- rows are of an older edition.
INSERT INTO touched_learners
SELECT course_id, student_id
FROM
(
    SELECT course_id, student_id, version AS days, 0 AS made
    FROM student_course_days
    WHERE course_id != '' AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
    UNION ALL
    SELECT course_id, student_id, 0 AS days, if(edition < 4, 0, version) AS made
    FROM learner_courses
    WHERE cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
)
GROUP BY course_id, student_id
HAVING max(days) > max(made)
