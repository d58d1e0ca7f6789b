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
SELECT student_id FROM not_agreed FINAL
