-- What the metrics must know about people and courses: copies of the campus in PostgreSQL. Read all with FINAL.
-- Whoever copies writes whole rows with a growing version; `removed` = 1 takes a row away.

-- A student without a row counts as a learner in UTC.
CREATE TABLE IF NOT EXISTS students
(
    student_id UUID,
    time_zone  LowCardinality(String) DEFAULT 'UTC' COMMENT 'IANA name',
    is_staff   Bool DEFAULT false,
    is_test    Bool DEFAULT false,
    version    UInt64,
    removed    UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(version, removed)
ORDER BY student_id;

-- The offset of a zone from UTC at a moment m: offsets[arrayLastIndex(since -> since <= m, starts)].
-- The first start lies before any event. ClickHouse takes no time zone from a column, hence the table.
CREATE TABLE IF NOT EXISTS time_zones
(
    time_zone LowCardinality(String),
    starts    Array(DateTime('UTC')) COMMENT 'ascending; the first is 1970-01-01',
    offsets   Array(Int32) COMMENT 'seconds east of UTC from that start on',
    version   UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY time_zone;

CREATE TABLE IF NOT EXISTS course_lessons
(
    course_id LowCardinality(String),
    lesson_id String,
    place     UInt32 COMMENT 'from 0, in the order of the course',
    version   UInt64,
    removed   UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(version, removed)
ORDER BY (course_id, lesson_id);

CREATE TABLE IF NOT EXISTS course_videos
(
    course_id LowCardinality(String),
    video_id  String,
    lesson_id String,
    duration  Float64 COMMENT 'seconds',
    version   UInt64,
    removed   UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(version, removed)
ORDER BY (course_id, video_id);

CREATE TABLE IF NOT EXISTS course_assessments
(
    course_id     LowCardinality(String),
    assessment_id String,
    kind          LowCardinality(String) COMMENT 'quiz or assignment',
    pass_mark     Float64 DEFAULT 60 COMMENT 'per cent',
    due_at        Nullable(DateTime64(6, 'UTC')),
    version       UInt64,
    removed       UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(version, removed)
ORDER BY (course_id, assessment_id)
