-- Students who have not agreed to analytics, or no longer: no number about behaviour knows them.

-- Only those who do not agree, so that the set stays small. Whoever writes grows the version; `removed` = 1: agrees.
CREATE TABLE IF NOT EXISTS not_agreed
(
    student_id UUID,
    version    UInt64,
    removed    UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(version, removed)
ORDER BY student_id;

-- Accounts that are no learners: left out even of what rests on contract, such as enrolments and grades.
CREATE OR REPLACE VIEW no_learners AS
SELECT student_id FROM students FINAL WHERE is_staff OR is_test;

-- Everybody whom numbers about behaviour leave out: the one place where consent is applied to the rollups.
CREATE OR REPLACE VIEW left_out AS
SELECT student_id FROM students FINAL WHERE is_staff OR is_test
UNION DISTINCT
SELECT student_id FROM not_agreed FINAL;

-- Everybody who ever enrolled or learned in a course, whether or not they agreed to analytics: that rests on contract.
-- {courses:Array(String)}, {students:Array(UUID)} (none for everybody), {end:Date} as in the view `learners`.
CREATE OR REPLACE VIEW members AS
WITH
    toDateTime64({end:Date}, 6, 'UTC') AS ending,
    arrayFilter(e -> e.at < ending, enrolments) AS said
SELECT
    course_id,
    student_id,
    arrayLast(e -> e.event_type IN ('course_enroll', 'course_unenroll'), said).event_type = 'course_unenroll' AS gone
FROM learner_courses FINAL
WHERE course_id IN {courses:Array(String)}
    AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND arrayExists(d -> d.day < {end:Date}, days)
    AND (arrayExists(e -> e.event_type = 'course_enroll', said) OR coalesce(learned_at < ending, false))
    AND student_id NOT IN (SELECT student_id FROM no_learners)
