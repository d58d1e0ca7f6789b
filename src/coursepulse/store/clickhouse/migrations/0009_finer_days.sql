-- The days of a student in granules of 256 rows and compact parts, as `session_parts` has them.

-- A page reads some dozen rows of one student, and had to read 8,192 of each part for them: 20 ms of a page's 50.
-- Each statement may be repeated: a table that was swapped already is copied and swapped once more.
CREATE TABLE IF NOT EXISTS student_days_finer AS student_course_days
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (student_id, day, course_id)
SETTINGS index_granularity = 256, min_bytes_for_wide_part = 1000000000;

INSERT INTO student_days_finer SELECT * FROM student_days;

DROP VIEW IF EXISTS student_days_from_course_days;

DROP TABLE IF EXISTS student_days_coarse;

RENAME TABLE student_days TO student_days_coarse, student_days_finer TO student_days;

DROP TABLE IF EXISTS student_days_coarse;

CREATE MATERIALIZED VIEW IF NOT EXISTS student_days_from_course_days TO student_days AS
SELECT * FROM student_course_days
