-- The copies of course days are written as they are: planning two views cost a cycle three times as much as the rows.
DROP VIEW IF EXISTS student_days_from_course_days;

DROP VIEW IF EXISTS active_days_from_course_days
