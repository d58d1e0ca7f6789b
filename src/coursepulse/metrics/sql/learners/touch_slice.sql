-- For a rebuild: notes every learner of one slice of the students.
INSERT INTO touched_learners
SELECT DISTINCT course_id, student_id
FROM
(
    SELECT course_id, student_id FROM student_course_days WHERE course_id != ''
    UNION ALL
    SELECT course_id, student_id FROM roster_enrolments
)
WHERE cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
