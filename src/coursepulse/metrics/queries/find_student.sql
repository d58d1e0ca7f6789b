-- Whether a pseudonym is known at all.
SELECT count() > 0 AS known
FROM
(
    SELECT 1 FROM student_days WHERE student_id = {student:UUID} LIMIT 1
    UNION ALL
    SELECT 1 FROM roster_enrolments WHERE student_id = {student:UUID} LIMIT 1
)
