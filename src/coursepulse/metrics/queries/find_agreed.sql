-- Whether numbers about the behaviour of a student may be shown at all.
SELECT count() = 0 AS agreed FROM not_agreed FINAL WHERE student_id = {student:UUID}
