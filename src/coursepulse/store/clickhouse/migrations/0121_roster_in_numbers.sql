-- The enrolments of the roster: where it has a row about somebody in a course, that row decides, and no event does.

-- A copy of what PostgreSQL has, by pseudonym. Read with FINAL. Rows are replaced, and removed by an erasure alone.
CREATE TABLE IF NOT EXISTS roster_enrolments
(
    student_id UUID,
    course_id  LowCardinality(String),
    starts_on  Nullable(Date) COMMENT 'first day in the course; null when the roster does not say',
    known_on   Date COMMENT 'then in the course from this day at the latest',
    left_on    Nullable(Date) COMMENT 'first day out of the course',
    version    UInt64 COMMENT 'number of the change in PostgreSQL'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (student_id, course_id)
SETTINGS index_granularity = 1024;

ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS listed UInt64 DEFAULT 0
    COMMENT 'version of the row of the roster that decided; 0: there was none, and events decided';
ALTER TABLE learner_courses COMMENT COLUMN enrolments
    'what the table enrolments says; where the roster decides, its first day in the course and out of it in the place of events';
ALTER TABLE learner_courses COMMENT COLUMN days
    'days with events, and those on which the roster begins and ends an enrolment; 1970 in the place of a moment that there is not';
ALTER TABLE learner_courses COMMENT COLUMN learned_at
    'first event of the first day with a learning event; null where the roster decides: there learning enrols nobody'
