-- The raw events, and what is read from them row by row.

-- One row per event, kept for the raw retention. The raw payload, the network address and the time of receipt stay
-- in PostgreSQL: no metric reads them.
--
-- Hour first: a cycle reads the hours that the touched sessions span, so its cost follows the session, not the day.
-- An event that comes again has the same key and is replaced; read with FINAL or LIMIT 1 BY event_id, at.
-- ClickHouse compares UUIDs by their second half first. Where order decides (ties of `at`), use UUIDToNum(event_id).
CREATE TABLE IF NOT EXISTS events
(
    event_id       UUID CODEC(ZSTD(1)),
    event_type     LowCardinality(String) CODEC(ZSTD(1)),
    at             DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    student_id     UUID CODEC(ZSTD(1)),
    session_id     UUID CODEC(ZSTD(1)) COMMENT 'all zero: no session',
    course_id      LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'empty: outside any course',
    lesson_id      String CODEC(ZSTD(1)),
    video_id       String CODEC(ZSTD(1)),
    assessment_id  String CODEC(ZSTD(1)),
    device_type    LowCardinality(String) CODEC(ZSTD(1)),
    os             LowCardinality(String) CODEC(ZSTD(1)),
    browser        LowCardinality(String) CODEC(ZSTD(1)),
    country        LowCardinality(String) CODEC(ZSTD(1)),
    position       Nullable(Float64) CODEC(ZSTD(1)) COMMENT 'seconds of the video; for a seek, where it left',
    position_to    Nullable(Float64) CODEC(ZSTD(1)) COMMENT 'seconds of the video where a seek landed',
    duration       Nullable(Float64) CODEC(ZSTD(1)) COMMENT 'seconds of the video, as the player says',
    rate           Nullable(Float64) CODEC(ZSTD(1)),
    segments       Array(Tuple(start_s Float64, end_s Float64)) CODEC(ZSTD(1)) COMMENT 'played so far, as the player says',
    score          Nullable(Float64) CODEC(ZSTD(1)) COMMENT 'per cent of the maximum',
    passed         Nullable(Bool) CODEC(ZSTD(1)),
    attempt        UInt16 CODEC(ZSTD(1)),
    question_id    String CODEC(ZSTD(1)),
    correct        Nullable(Bool) CODEC(ZSTD(1)),
    clicks         UInt32 CODEC(ZSTD(1)),
    quality        LowCardinality(String) CODEC(ZSTD(1)),
    buffer         Nullable(Float64) CODEC(ZSTD(1)) COMMENT 'seconds of video that the player holds in advance'
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(at)
ORDER BY (toStartOfHour(at), student_id, at, event_id);

-- The video events under the column names that analysts know. `current_time` is quoted by whoever selects it.
CREATE VIEW IF NOT EXISTS student_video_events AS
SELECT
    event_id, student_id, course_id, lesson_id, video_id, event_type,
    at AS event_timestamp,
    session_id,
    if(event_type = 'video_seek', position_to, position) AS "current_time",
    duration AS video_duration,
    rate AS playback_rate,
    quality AS video_quality,
    buffer AS buffer_health
FROM events FINAL
WHERE startsWith(event_type, 'video_');

-- Answers to single questions, one row each. "First" is by (at, UUIDToNum(event_id)). Read with FINAL.
CREATE TABLE IF NOT EXISTS quiz_answers
(
    course_id      LowCardinality(String),
    assessment_id  String,
    question_id    String,
    student_id     UUID,
    attempt        UInt16,
    at             DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    event_id       UUID,
    correct        Nullable(Bool)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (course_id, assessment_id, question_id, student_id, attempt, at, event_id);

CREATE MATERIALIZED VIEW IF NOT EXISTS quiz_answers_from_events TO quiz_answers AS
SELECT course_id, assessment_id, question_id, student_id, attempt, at, event_id, correct
FROM events
WHERE event_type = 'quiz_answer';

-- Enrolments and their ends, one row each, in the order of their course. Read with FINAL.
CREATE TABLE IF NOT EXISTS enrolments
(
    course_id      LowCardinality(String),
    student_id     UUID,
    at             DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    event_id       UUID,
    event_type     LowCardinality(String) COMMENT 'course_enroll, course_unenroll, course_complete or certificate_issued'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(at)
ORDER BY (course_id, student_id, at, event_id);

CREATE MATERIALIZED VIEW IF NOT EXISTS enrolments_from_events TO enrolments AS
SELECT course_id, student_id, at, event_id, event_type
FROM events
WHERE event_type IN ('course_enroll', 'course_unenroll', 'course_complete', 'certificate_issued');

-- Lessons that any event has named: they stand in for the catalog of a course until that is known. Read with DISTINCT.
CREATE TABLE IF NOT EXISTS lessons_seen
(
    course_id LowCardinality(String),
    lesson_id String
)
ENGINE = ReplacingMergeTree
ORDER BY (course_id, lesson_id);

CREATE MATERIALIZED VIEW IF NOT EXISTS lessons_seen_from_events TO lessons_seen AS
SELECT DISTINCT course_id, lesson_id
FROM events
WHERE event_type IN ('lesson_start', 'lesson_complete') AND lesson_id != '';

-- The largest duration that any event says of a video, for videos without one in the catalog. Read with max(duration).
CREATE TABLE IF NOT EXISTS video_durations
(
    course_id LowCardinality(String),
    video_id  String,
    duration  SimpleAggregateFunction(max, Float64) COMMENT 'seconds'
)
ENGINE = AggregatingMergeTree
ORDER BY (course_id, video_id);

CREATE MATERIALIZED VIEW IF NOT EXISTS video_durations_from_events TO video_durations AS
SELECT course_id, video_id, max(e.duration) AS duration
FROM events AS e
WHERE startsWith(event_type, 'video_') AND video_id != '' AND e.duration IS NOT NULL
GROUP BY course_id, video_id
