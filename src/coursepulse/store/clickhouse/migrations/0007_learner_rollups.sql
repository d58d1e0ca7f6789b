-- The rollups of learners: one row each, with what happened on which day, so that any past day can be asked about.

-- They are made from the rollups of days and of videos (metrics/learners.py), a moment after these. Read with FINAL.

-- One row per (course, student): all their days in it. Arrays in the order of time.
CREATE TABLE IF NOT EXISTS learner_courses
(
    course_id     LowCardinality(String),
    student_id    UUID,
    version       UInt64 COMMENT 'the cycle after which the row was made',
    learned_at    Nullable(DateTime64(6, 'UTC')) COMMENT 'first event of the first day with a learning event',
    days          Array(Tuple(day Date, micros Int64, visits UInt32, learned Bool, last_learning_at DateTime64(6, 'UTC')))
                      COMMENT 'days with events; 1970 in the place of a moment that there is not',
    lessons       Array(Tuple(lesson_id String, started_on Date, completed_on Date))
                      COMMENT 'completed_on: 2149-06-06 when it is not',
    enrolments    Array(Tuple(at DateTime64(6, 'UTC'), event_type String)) COMMENT 'what the table enrolments says',
    tries         Array(Tuple(work String, assessment_id String, attempt UInt16, at DateTime64(6, 'UTC'), handed_in Bool))
                      COMMENT 'work: quiz or assignment; each event of an attempt that the days keep',
    results       Array(Tuple(work String, assessment_id String, attempt UInt16, at DateTime64(6, 'UTC'), tie FixedString(16),
                              score Nullable(Float64), passed Nullable(Bool), until DateTime64(6, 'UTC')))
                      COMMENT 'until: when a later result of the same attempt took its place'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (course_id, student_id)
SETTINGS index_granularity = 1024;

-- One row per (course, video, student): what was covered at the end of each day on which the video was played.
CREATE TABLE IF NOT EXISTS learner_watch
(
    course_id  LowCardinality(String),
    video_id   String,
    student_id UUID,
    version    UInt64 COMMENT 'the cycle after which the row was made',
    duration   Nullable(Float64) COMMENT 'seconds; null when nobody knows',
    steps      Array(Tuple(day Date, covered Float64, repeated Float64))
                   COMMENT 'seconds covered, and covered at least twice, so far'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (course_id, video_id, student_id);

-- The rows of `video_watch` in the order that serves a student.
CREATE TABLE IF NOT EXISTS student_watch AS video_watch
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (student_id, course_id, video_id, session_id, day)
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW IF NOT EXISTS student_watch_from_fresh TO student_watch AS
SELECT
    course_id, video.video_id AS video_id, student_id, session_id, day, version, video.duration AS duration,
    video.paired AS paired, video.reported AS reported, video.reported_micros AS reported_micros,
    video.reported_at AS reported_at, video.reported_by AS reported_by
FROM fresh_parts
ARRAY JOIN videos AS video;

INSERT INTO student_watch SELECT * FROM video_watch;

-- The learners of one turn; losing them loses nothing.
CREATE TABLE IF NOT EXISTS touched_learners
(
    course_id  LowCardinality(String),
    student_id UUID
)
ENGINE = Memory;

-- The lengths that `learner_watch` was made with: a video that has another one now must be made again.
CREATE TABLE IF NOT EXISTS sized_videos
(
    course_id LowCardinality(String),
    video_id  String,
    duration  Float64 COMMENT 'seconds; 0 when nobody knows',
    version   UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (course_id, video_id);

-- The videos of one turn whose length has changed.
CREATE TABLE IF NOT EXISTS resized_videos
(
    course_id LowCardinality(String),
    video_id  String,
    duration  Float64
)
ENGINE = Memory;

-- The lessons of each course in order, as `lesson_lists` says, ready to be read.
CREATE TABLE IF NOT EXISTS course_orders
(
    course_id LowCardinality(String),
    lessons   Array(String),
    version   UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY course_id
