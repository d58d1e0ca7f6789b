-- The whole ClickHouse schema of a new installation.

-- Later changes are numbered files in migrations/, applied after this one. Every statement can be repeated: ClickHouse
-- has no transactions over DDL, so a start that was cut off applies the file again from its beginning.
--
--   1. Raw events, and what is read from them row by row
--   2. Campus: copies of what PostgreSQL knows
--   3. Rollups of days
--   4. Rollups of learners
--   5. Work tables, in memory
--   6. Views: who is left out
--   7. Views: catalog
--   8. Views: learners, with parameters
--   9. Views: the days of a student as the numbers of the specification
--
-- Of rows with one key the highest version counts: read a ReplacingMergeTree with FINAL. `version` is that of the batch, the
-- batch of the pipeline that wrote the row. An empty course_id is outside any course, a session_id of zeros is no
-- session. Times end in _at and are microseconds of UTC; what ends in _on, and `day`, are UTC days.


-- 1. Raw events -------------------------------------------------------------------------------------------------------

-- One row per event, kept for the raw retention. The raw payload, the network address and the time of receipt stay
-- in PostgreSQL: no metric reads them.
--
-- Hour first: a batch reads the hours that the changed sessions span, so its cost follows the session, not the day.
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

-- The video events under the column names that analysts know. Quote `current_time` when selecting it.
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

-- Answers to single questions, one row each. "First" is by (at, UUIDToNum(event_id)).
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

-- Enrolments and their ends, one row each, in the order of their course.
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

-- The largest duration that any event says of a video, for videos without one in the catalog. Read with max(duration).
CREATE TABLE IF NOT EXISTS video_durations
(
    course_id LowCardinality(String),
    video_id  String,
    duration  SimpleAggregateFunction(max, Float64) COMMENT 'seconds'
)
ENGINE = AggregatingMergeTree
ORDER BY (course_id, video_id);


-- 2. Campus -----------------------------------------------------------------------------------------------------------

-- What the metrics must know about people and courses. Rows are copied whole with a growing version, and `removed` = 1
-- takes a row away.

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
ORDER BY (course_id, assessment_id);

-- Where the roster has a row about somebody in a course, that row decides, and no event does. Rows are replaced, and
-- removed by an erasure alone.
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

-- Students who have not agreed to analytics, or no longer do: left out of every number about behaviour. Only those, so that the
-- set stays small.
CREATE TABLE IF NOT EXISTS not_agreed
(
    student_id UUID,
    version    UInt64,
    removed    UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(version, removed)
ORDER BY student_id;


-- 3. Rollups of days --------------------------------------------------------------------------------------------------

-- Rows that a batch replaces whole, recomputed from the raw events of their key. Arrays are sorted.

-- One row per (student, session_id, course, UTC day): what tests/reference/parts.py calls a Part, field by field.
-- Fine granules in compact parts: it is read whole rows at a time, for a few hundred students that come back.
CREATE TABLE IF NOT EXISTS session_parts
(
    day                  Date,
    student_id           UUID,
    session_id           UUID COMMENT 'all zero: no session',
    course_id            LowCardinality(String) COMMENT 'empty: outside any course',
    version              UInt64 COMMENT 'position of the batch that wrote the row',
    first_at             DateTime64(6, 'UTC'),
    last_at              DateTime64(6, 'UTC'),
    last_learning_at     Nullable(DateTime64(6, 'UTC')),
    events               UInt32,
    learning_events      UInt32,
    clicks               UInt64,
    quarter_hours        Array(UInt8) COMMENT 'of the UTC day, 0..95, with a learning event',
    visits               UInt32 COMMENT 'begun this day',
    visit_micros         Int64,
    time_video           Int64 COMMENT 'microseconds',
    time_quiz            Int64 COMMENT 'microseconds',
    time_reading         Int64 COMMENT 'microseconds',
    lessons_started      Array(String),
    lessons_completed    Array(String),
    videos_watched       Array(String) COMMENT 'with a played or reported segment; the segments are in video_watch',
    quiz_attempts        Array(Tuple(assessment_id String, attempt UInt16, first_at DateTime64(6, 'UTC'))),
    quiz_results         Array(Tuple(assessment_id String, attempt UInt16, at DateTime64(6, 'UTC'), event_id UUID,
                                     score Nullable(Float64), passed Nullable(Bool))),
    submissions          Array(Tuple(assessment_id String, attempt UInt16, first_at DateTime64(6, 'UTC'))),
    grades               Array(Tuple(assessment_id String, attempt UInt16, at DateTime64(6, 'UTC'), event_id UUID,
                                     score Nullable(Float64), passed Nullable(Bool))),
    forum_posts          UInt32,
    forum_replies        UInt32,
    forum_views          UInt32,
    live_joins           UInt32,
    interactive_attempts UInt32
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (day, student_id, session_id, course_id)
SETTINGS index_granularity = 256, min_bytes_for_wide_part = 1000000000;

-- One row per (course, student, UTC day): what tests/reference/course_day.py calls a CourseDay.
-- This order serves a course; `student_days` holds the same rows in the order that serves a student.
CREATE TABLE IF NOT EXISTS student_course_days
(
    course_id            LowCardinality(String) COMMENT 'empty: outside any course',
    student_id           UUID,
    day                  Date,
    version              UInt64 COMMENT 'position of the batch that wrote the row',
    first_at             DateTime64(6, 'UTC'),
    last_at              DateTime64(6, 'UTC'),
    last_learning_at     Nullable(DateTime64(6, 'UTC')),
    events               UInt32,
    learning_events      UInt32,
    clicks               UInt64,
    quarter_hours        Array(UInt8) COMMENT 'of the UTC day, 0..95, with a learning event',
    visits               UInt32,
    visit_micros         Int64,
    time_video           Int64 COMMENT 'microseconds',
    time_quiz            Int64 COMMENT 'microseconds',
    time_reading         Int64 COMMENT 'microseconds',
    lessons_started      Array(String),
    lessons_completed    Array(String),
    videos_watched       Array(String) COMMENT 'with a played or reported segment this day',
    quiz_attempts        Array(Tuple(assessment_id String, attempt UInt16, first_at DateTime64(6, 'UTC'))),
    quiz_results         Array(Tuple(assessment_id String, attempt UInt16, at DateTime64(6, 'UTC'), event_id UUID,
                                     score Nullable(Float64), passed Nullable(Bool))),
    submissions          Array(Tuple(assessment_id String, attempt UInt16, first_at DateTime64(6, 'UTC'))),
    grades               Array(Tuple(assessment_id String, attempt UInt16, at DateTime64(6, 'UTC'), event_id UUID,
                                     score Nullable(Float64), passed Nullable(Bool))),
    forum_posts          UInt32,
    forum_replies        UInt32,
    forum_views          UInt32,
    live_joins           UInt32,
    interactive_attempts UInt32
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (course_id, student_id, day);

-- The same rows for the pages of one student: 18 times faster there than the order by course. A page reads some dozen
-- rows of one student, and with granules of 8,192 rows had to read that many of each part: 20 ms of a page's 50.
CREATE TABLE IF NOT EXISTS student_days AS student_course_days
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (student_id, day, course_id)
SETTINGS index_granularity = 256, min_bytes_for_wide_part = 1000000000;

-- Who learned where on which day: the narrow copy, in the order of the days, that platform-wide counts read.
CREATE TABLE IF NOT EXISTS active_days
(
    day             Date,
    student_id      UUID,
    course_id       LowCardinality(String),
    version         UInt64,
    events          UInt32,
    learning_events UInt32,
    visits          UInt32,
    time_on_task    Int64 COMMENT 'microseconds'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (day, student_id, course_id);

-- One small row per day for the whole platform; staff and test accounts are left out.
CREATE TABLE IF NOT EXISTS platform_days
(
    day              Date,
    version          UInt64,
    active_students  UInt32 COMMENT 'with a learning event',
    active_courses   UInt32 COMMENT 'with a learning event of a student',
    events           UInt64,
    learning_events  UInt64,
    visits           UInt64,
    time_on_task     Int64 COMMENT 'microseconds'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY day;

-- What one session_id played of one video on one day, in the order of the videos. Of these,
-- per (student, session_id, video) the report with the largest (reported_micros, reported_at, UUIDToNum(reported_by))
-- wins over all days; a session_id with a report is believed, and its paired segments are not used.
CREATE TABLE IF NOT EXISTS video_watch
(
    course_id       LowCardinality(String),
    video_id        String,
    student_id      UUID,
    session_id      UUID,
    day             Date,
    version         UInt64,
    duration        Nullable(Float64) COMMENT 'seconds, largest that these events say',
    paired          Array(Tuple(start_s Float64, end_s Float64)),
    reported        Array(Tuple(start_s Float64, end_s Float64)),
    reported_micros Int64,
    reported_at     Nullable(DateTime64(6, 'UTC')),
    reported_by     Nullable(UUID)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (course_id, video_id, student_id, session_id, day);

-- The same rows in the order that serves a student.
CREATE TABLE IF NOT EXISTS student_watch AS video_watch
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (student_id, course_id, video_id, session_id, day)
SETTINGS index_granularity = 1024;

-- Days whose raw events retention has dropped. Nothing recomputes their rows: history must not turn into zeros.
CREATE TABLE IF NOT EXISTS frozen_days
(
    day Date
)
ENGINE = ReplacingMergeTree
ORDER BY day;


-- 4. Rollups of learners ----------------------------------------------------------------------------------------------

-- One row each, with what happened on which day, so that any past day can be asked about. They are made from the rollups
-- of days and of videos (aggregates/learners.py), a moment after these.

-- One row per (course, student): all their days in it. Arrays in the order of time. Few rows at a time when parts are
-- written anew: 65,000 at once ran out of 1 GB.
CREATE TABLE IF NOT EXISTS learner_courses
(
    course_id     LowCardinality(String),
    student_id    UUID,
    version       UInt64 COMMENT 'position of the batch after which the row was made',
    learned_at    Nullable(DateTime64(6, 'UTC'))
                      COMMENT 'first event of the first day with a learning event; null where the roster decides: there learning enrols nobody',
    days          Array(Tuple(day Date, micros Int64, visits UInt32, learned Bool, last_learning_at DateTime64(6, 'UTC')))
                      COMMENT 'days with events, and those on which the roster begins and ends an enrolment; 1970 in the place of a moment that there is not',
    lessons       Array(Tuple(lesson_id String, started_on Date, completed_on Date))
                      COMMENT 'completed_on: 2149-06-06 when it is not',
    enrolments    Array(Tuple(at DateTime64(6, 'UTC'), event_type String))
                      COMMENT 'what the table enrolments says; where the roster decides, its first day in the course and out of it in the place of events',
    tries         Array(Tuple(work String, assessment_id String, attempt UInt16, at DateTime64(6, 'UTC'), handed_in Bool))
                      COMMENT 'work: quiz or assignment; each event of an attempt that the days keep',
    results       Array(Tuple(work String, assessment_id String, attempt UInt16, at DateTime64(6, 'UTC'), tie FixedString(16),
                              score Nullable(Float64), passed Nullable(Bool), until DateTime64(6, 'UTC')))
                      COMMENT 'until: when a later result of the same attempt took its place',

    -- What a learner had reached at the end of each day, ready to be looked up: any past day, and the present, is one
    -- step. These columns follow from the arrays above, so the database computes them when a row is written.
    -- A lambda copies what it uses from outside for each element, so none here uses a long array; blocks are small, too.
    -- Why: docs/decisions/0008-steps-of-learners.md. `tupleElement` in full: a mutation takes `e.at` for a column.

    -- The moment of the first enrolment, and of the platform's word that the course is completed.
    enrolled_at Nullable(DateTime64(6, 'UTC'))
        MATERIALIZED nullIf(arrayFirst(e -> tupleElement(e, 'event_type') = 'course_enroll', enrolments).at, toDateTime64(0, 6, 'UTC')),
    declared_at Nullable(DateTime64(6, 'UTC'))
        MATERIALIZED nullIf(arrayFirst(e -> tupleElement(e, 'event_type') = 'course_complete', enrolments).at, toDateTime64(0, 6, 'UTC')),

    -- Of assignments every try counts: one that was not handed in is a grade.
    handed_in Array(Tuple(assessment_id String, day Date))
        MATERIALIZED arrayFilter(
            (hand, nth) -> nth = 1,
            arraySort(arrayMap(t -> (tupleElement(t, 'assessment_id'), toDate(tupleElement(t, 'at'))),
                               arrayFilter(t -> tupleElement(t, 'handed_in') OR tupleElement(t, 'work') = 'assignment', tries))),
            arrayEnumerateUniq(arraySort(tupleElement(
                arrayFilter(t -> tupleElement(t, 'handed_in') OR tupleElement(t, 'work') = 'assignment', tries), 'assessment_id'))))
        COMMENT 'each assessment with the day on which something was first handed in or graded',

    -- Of all results so far the last of each attempt, then the best of each assessment.
    bests Array(Tuple(day Date, scores Array(Float64)))
        MATERIALIZED arrayMap(
            (on, ranked) -> (on, arrayMap(
                r -> assumeNotNull(tupleElement(r, 'score')),
                arraySort(
                    r -> (tupleElement(r, 'at'), tupleElement(r, 'tie')),
                    arrayFilter((r, nth) -> nth = 1 AND tupleElement(r, 'score') IS NOT NULL,
                                ranked, arrayEnumerateUniq(tupleElement(ranked, 'assessment_id')))))),
            arraySort(arrayDistinct(arrayMap(r -> toDate(tupleElement(r, 'at')), results))),
            arrayMap(
                ending -> arraySort(r -> (-ifNull(tupleElement(r, 'score'), -1), tupleElement(r, 'at'), tupleElement(r, 'tie')),
                                    arrayFilter(r -> tupleElement(r, 'at') < ending AND tupleElement(r, 'until') >= ending, results)),
                arrayMap(on -> toDateTime64(on + 1, 6, 'UTC'), arraySort(arrayDistinct(arrayMap(r -> toDate(tupleElement(r, 'at')), results))))))
        COMMENT 'the best score of each assessment at the end of each day with results, in the order in which they were reached',

    -- `rhythm` is usual_gap of tests/reference/risk_facts.py, `falling` is _falls of definitions/risk.py.
    -- Kahan: the mean must not depend on the order of its terms, as little as the one of definitions/stats.py does.
    steps Array(Tuple(day Date, micros Int64, visits UInt32, days_active UInt32, last_learning_at DateTime64(6, 'UTC'), gone Bool,
                    rhythm Float64, score_pct Nullable(Float64), falling Bool))
        MATERIALIZED arrayMap(
            (d, micros, visits, active, latest, mark) -> (
                tupleElement(d, 'day'), micros, toUInt32(visits), toUInt32(active), latest,
                arrayLast(e -> tupleElement(e, 'event_type') IN ('course_enroll', 'course_unenroll')
                              AND tupleElement(e, 'at') < toDateTime64(tupleElement(d, 'day') + 1, 6, 'UTC'),
                          enrolments).event_type = 'course_unenroll',
                if(active < 2, 7, least(7, greatest(1, arrayReduce('quantileExactInclusive(0.5)', arraySlice(
                    arrayPopFront(arrayDifference(arrayMap(past -> toUInt16(tupleElement(past, 'day')),
                                                           arrayFilter(past -> tupleElement(past, 'learned'), days)))),
                    1, active - 1))))),
                if(mark.1 = toDate(0), NULL, mark.2),
                mark.3),
            days,
            arrayCumSum(tupleElement(days, 'micros')),
            arrayCumSum(tupleElement(days, 'visits')),
            arrayCumSum(tupleElement(days, 'learned')),
            arrayFill(at -> at > toDateTime64(0, 6, 'UTC'), tupleElement(days, 'last_learning_at')),
            arrayMap(
                d -> arrayLast(mark -> mark.1 <= tupleElement(d, 'day'), arrayMap(
                    (on, scores) -> (
                        on,
                        if(empty(scores), NULL, arrayReduce('sumKahan', scores) / length(scores)),
                        length(scores) > 2
                            AND arrayReduce('sumKahan', arraySlice(scores, -2)) / 2
                                <= arrayReduce('sumKahan', arraySlice(scores, 1, length(scores) - 2)) / (length(scores) - 2) - 15),
                    tupleElement(bests, 'day'),
                    tupleElement(bests, 'scores'))),
                days))
        COMMENT 'sums and states at the end of each day with events; 1970 before any learning; rhythm: usual days between active days',

    -- Tries and results in one array of (assessment, when, work, attempt, handed in, score, passed, until), cut where
    -- the assessment changes. A try has no `until`: 1970. A regrade, attempt 0, is no attempt itself.
    assessments Array(Tuple(assessment_id String, day Date, until Date, work String, attempts UInt32, begun UInt32,
                    handed_in_at DateTime64(6, 'UTC'), resulted Bool, best Nullable(Float64), passed Nullable(Bool),
                    undeclared_best Nullable(Float64)))
        MATERIALIZED arrayFlatten(arrayMap(
            pair -> arrayMap(
                (on, next, tried, valid) -> (
                    tried[1].1, on, next,
                    arrayMax(tried.3),
                    length(arrayDistinct(arrayFilter(attempt -> attempt != 0, tried.4))),
                    length(arrayDistinct(arrayMap(t -> (t.4, t.3), arrayFilter(t -> (t.3 = 'quiz') != t.5, tried)))),
                    arrayMin(arrayMap(t -> t.2, arrayFilter(t -> t.5, tried))),
                    notEmpty(valid),
                    arrayReduce('max', valid.6),
                    arrayReduce('max', valid.7),
                    arrayReduce('max', arrayMap(r -> if(r.7 IS NULL, r.6, NULL), valid))),
                pair.2,
                arrayPushBack(arrayPopFront(pair.2), toDate(65535)),
                arrayMap(on -> arrayFilter(t -> t.8 = toDateTime64(0, 6, 'UTC') AND toDate(t.2) <= on, pair.1), pair.2),
                arrayMap(ending -> arrayFilter(r -> r.2 < ending AND r.8 >= ending, pair.1),
                         arrayMap(on -> toDateTime64(on + 1, 6, 'UTC'), pair.2))),
            arrayMap(own -> (own, arraySort(arrayDistinct(arrayMap(t -> toDate(t.2), own)))), arrayFilter(own -> notEmpty(own), arraySplit(
                (t, before) -> t.1 != before,
                arraySort(t -> (t.1, t.2), arrayConcat(
                    arrayMap(t -> (tupleElement(t, 'assessment_id'), tupleElement(t, 'at'), tupleElement(t, 'work'), tupleElement(t, 'attempt'),
                                   tupleElement(t, 'handed_in'), CAST(NULL, 'Nullable(Float64)'), CAST(NULL, 'Nullable(Bool)'),
                                   toDateTime64(0, 6, 'UTC')), tries),
                    arrayMap(r -> (tupleElement(r, 'assessment_id'), tupleElement(r, 'at'), tupleElement(r, 'work'), tupleElement(r, 'attempt'),
                                   false, tupleElement(r, 'score'), tupleElement(r, 'passed'), tupleElement(r, 'until')), results))),
                arrayPopBack(arrayPushFront(arraySort(arrayConcat(
                    tupleElement(tries, 'assessment_id'), tupleElement(results, 'assessment_id'))), '')))))))
        COMMENT 'what had come of each assessment from the end of `day` until that of the day before `until`; begun: attempts at a quiz, hand-ins of an assignment',

    watched Array(Tuple(day Date, pct Nullable(Float64)))
        COMMENT 'mean watched % over the videos of which something was covered, at the end of each day that changed it',
    edition UInt8 DEFAULT 1
        COMMENT 'rows of an older edition lack columns that came later; they are made again after a start',
    listed UInt64 DEFAULT 0
        COMMENT 'version of the row of the roster that decided; 0: there was none, and events decided'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (course_id, student_id)
SETTINGS index_granularity = 1024, merge_max_block_size = 128;

-- One row per (course, video, student): what was covered at the end of each day on which the video was played.
CREATE TABLE IF NOT EXISTS learner_watch
(
    course_id  LowCardinality(String),
    video_id   String,
    student_id UUID,
    version    UInt64 COMMENT 'position of the batch after which the row was made',
    duration   Nullable(Float64) COMMENT 'seconds; null when nobody knows',
    steps      Array(Tuple(day Date, covered Float64, repeated Float64))
                   COMMENT 'seconds covered, and covered at least twice, so far'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (course_id, video_id, student_id);

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

-- The lessons of each course in order, as `lesson_lists` says, ready to be read.
CREATE TABLE IF NOT EXISTS course_orders
(
    course_id LowCardinality(String),
    lessons   Array(String),
    version   UInt64,
    cataloged Bool DEFAULT false
                  COMMENT 'the list is the catalog\'s; otherwise it holds the lessons that events have named so far'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY course_id;


-- 5. Work tables ------------------------------------------------------------------------------------------------------

-- In memory, and safe to lose. Each is emptied before its next use.

-- All hours in which the changed sessions have events that the batch must read.
CREATE TABLE IF NOT EXISTS session_hours
(
    student_id UUID,
    session_id UUID,
    hour       DateTime('UTC')
)
ENGINE = Memory;

-- The days of students whose parts a batch looks for.
CREATE TABLE IF NOT EXISTS wanted_days
(
    student_id UUID,
    day        Date
)
ENGINE = Memory;

-- The learners of one turn.
CREATE TABLE IF NOT EXISTS touched_learners
(
    course_id  LowCardinality(String),
    student_id UUID
)
ENGINE = Memory;

-- The rows of `learner_watch` of one turn.
CREATE TABLE IF NOT EXISTS touched_watch AS learner_watch
ENGINE = Memory
SETTINGS compress = 1;

-- The videos of one turn whose length has changed.
CREATE TABLE IF NOT EXISTS resized_videos
(
    course_id LowCardinality(String),
    video_id  String,
    duration  Float64
)
ENGINE = Memory;

-- The student being erased: mutations refer to this table, because their own text stays on disk.
CREATE TABLE IF NOT EXISTS erasing
(
    student_id  UUID,
    replacement UUID,
    salt        String
)
ENGINE = Memory;


-- 6. Views: who is left out -------------------------------------------------------------------------------------------

-- Accounts that are not learners: left out even of what rests on contract, such as enrolments and grades.
CREATE VIEW IF NOT EXISTS no_learners AS
SELECT student_id FROM students FINAL WHERE is_staff OR is_test;

-- Everybody left out of numbers about behaviour: the one place where consent is applied to the rollups.
CREATE VIEW IF NOT EXISTS left_out AS
SELECT student_id FROM students FINAL WHERE is_staff OR is_test
UNION DISTINCT
SELECT student_id FROM not_agreed FINAL;


-- 7. Views: catalog ---------------------------------------------------------------------------------------------------

-- The duration of each video: the catalog's, or the largest that any event says.
CREATE VIEW IF NOT EXISTS video_lengths AS
SELECT course_id, video_id, if(max(catalog) > 0, max(catalog), max(said)) AS duration
FROM
(
    SELECT course_id, video_id, duration AS catalog, 0. AS said FROM course_videos FINAL
    UNION ALL
    SELECT course_id, video_id, 0. AS catalog, v.duration AS said FROM video_durations AS v
)
GROUP BY course_id, video_id
HAVING duration > 0;

-- The lessons of each course: the catalog's in its order, or those that events have named, by id. Places from 1.
CREATE VIEW IF NOT EXISTS lesson_lists AS
SELECT
    course_id,
    countIf(known) > 0 AS cataloged,
    if(cataloged, arraySort(groupArrayIf((place, lesson_id), known)), arraySort(groupUniqArray((0, lesson_id)))).2 AS lessons
FROM
(
    SELECT course_id, lesson_id, toInt64(place) AS place, true AS known FROM course_lessons FINAL
    UNION ALL
    SELECT DISTINCT course_id, lesson_id, toInt64(0) AS place, false AS known FROM lessons_seen
)
GROUP BY course_id;

-- The same without the order, and how many there are.
CREATE VIEW IF NOT EXISTS course_sizes AS
SELECT
    course_id,
    countIf(catalog) > 0 AS cataloged,
    if(cataloged, groupArrayIf(lesson_id, catalog), groupUniqArray(lesson_id)) AS lessons,
    length(lessons) AS total_lessons
FROM
(
    SELECT course_id, lesson_id, true AS catalog FROM course_lessons FINAL
    UNION ALL
    SELECT DISTINCT course_id, lesson_id, false AS catalog FROM lessons_seen
)
GROUP BY course_id;


-- 8. Views: learners --------------------------------------------------------------------------------------------------

-- They take {courses:Array(String)}, {students:Array(UUID)} (none for everybody), and {end:Date}, the UTC day after the
-- last that counts. Courses come first in every key here, so that each reads only the courses it is asked about.
-- Two levels where a step is looked up: an expression with a name is planned again wherever the name stands, a column is
-- not. Planning a view costs about twice what it costs to plan its text, so the busiest queries have their own.

-- Everybody who ever enrolled or learned in a course, or completed it by the platform's word, without staff and test
-- accounts. Without any enrolment a learner is in the course from the first learning event on; a completion alone puts
-- nobody into it. {start:Date}: first day of the period; everything else is to date.
CREATE VIEW IF NOT EXISTS learners AS
SELECT
    course_id, student_id, enrolled_at, joined_at,
    last.gone OR joined_at IS NULL AS gone,
    declared_at,
    declared_at IS NOT NULL AS declared_complete,
    last.micros / 1e6 AS time_to_date,
    (last.micros - before.micros) / 1e6 AS time_spent,
    last.visits - before.visits AS sessions,
    last.days_active - before.days_active AS days_active,
    nullIf(last.last_learning_at, toDateTime64(0, 6, 'UTC')) AS last_activity_at,
    last.rhythm AS rhythm,
    last.score_pct AS score_pct,
    last.falling AS falling,
    watched_pct,
    handed_in,
    scores,
    nullIf(arrayMax(done.completed_on), toDate(0)) AS last_lesson_on,
    total_lessons,
    lessons_completed,
    if(cataloged AND total_lessons > 0, 100 * lessons_completed / total_lessons, NULL) AS completion_pct
FROM
(
    SELECT
        course_id, student_id,
        if(known.enrolled_at < {end:Date}, known.enrolled_at, NULL) AS enrolled_at,
        if(known.enrolled_at < {end:Date}, known.enrolled_at, known.learned_at) AS joined_at,
        if(known.declared_at < {end:Date}, known.declared_at, NULL) AS declared_at,
        arrayLast(step -> step.day < {end:Date}, steps) AS last,
        arrayLast(step -> step.day < {start:Date}, steps) AS before,
        arrayLast(best -> best.day < {end:Date}, bests).scores AS scores,
        arrayLast(step -> step.day < {end:Date}, known.watched).pct AS watched_pct,
        arrayFilter(hand -> hand.day < {end:Date}, known.handed_in).assessment_id AS handed_in,
        arrayFilter(lesson -> lesson.completed_on < {end:Date}, known.lessons) AS done,
        length(lists.lessons) AS total_lessons,
        lists.cataloged AS cataloged,
        toUInt64(length(arrayIntersect(done.lesson_id, lists.lessons))) AS lessons_completed
    FROM learner_courses AS known FINAL
    LEFT JOIN course_orders AS lists FINAL USING (course_id)
    WHERE course_id IN {courses:Array(String)}
        AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND (known.enrolled_at < {end:Date} OR known.learned_at < {end:Date} OR known.declared_at < {end:Date})
        AND student_id NOT IN (SELECT student_id FROM left_out)
);

-- Everybody who ever enrolled or learned in a course, whether or not they agreed to analytics: that rests on contract.
CREATE VIEW IF NOT EXISTS members AS
SELECT course_id, student_id, arrayLast(step -> step.day < {end:Date}, steps).gone AS gone
FROM learner_courses FINAL
WHERE course_id IN {courses:Array(String)}
    AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
    AND student_id NOT IN (SELECT student_id FROM no_learners);

-- Coverage of each video by each learner: seconds covered at all and at least twice, watched % and completeness.
CREATE VIEW IF NOT EXISTS learner_videos AS
SELECT
    course_id, video_id, student_id, duration, covered, repeated,
    if(duration IS NULL, NULL, least(100., 100 * covered / duration)) AS watched_pct,
    coalesce(covered >= 0.9 * duration, false) AS complete
FROM
(
    SELECT
        course_id, video_id, student_id, duration,
        arrayLast(step -> step.day < {end:Date}, steps) AS last,
        last.covered AS covered,
        last.repeated AS repeated
    FROM learner_watch FINAL
    WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
)
WHERE covered > 0;

-- What each learner really played of each video: believed segments, clipped to the duration (null when unknown).
-- Of a report that later ones of other sessions tell again counts only what was played again in those: tests/reference/video.py.
CREATE VIEW IF NOT EXISTS learner_segments AS
WITH
    nullIf(any(length), 0) AS known,
    ((pieces, longest) -> arrayFilter(
        s -> s.2 > s.1,
        arrayMap(s -> (greatest(0., s.1), if(longest IS NULL, s.2, least(s.2, assumeNotNull(longest)))), pieces))) AS clip,
    arrayMap(r -> (clip(r.1, known), r.2, r.3), groupArrayIf((report, told, paired_all), notEmpty(report))) AS believed,
    arrayMap(
        r -> arrayFilter(
            other -> arrayReduce('intervalLengthSum', arrayConcat(other.1, r.1).1, arrayConcat(other.1, r.1).2)
                - arrayReduce('intervalLengthSum', other.1.1, other.1.2) < 0.001,
            arrayFilter(other -> other.2 > r.2, believed)),
        believed) AS again,
    arrayMap(
        (r, later) -> if(empty(later), r.1, arrayFilter(
            s -> s.2 > s.1,
            arrayFlatten(arrayMap(s -> arrayMap(p -> (greatest(s.1, p.1), least(s.2, p.2)), arrayFlatten(later.3)), r.1)))),
        believed, again) AS own
SELECT
    course_id,
    video_id,
    student_id,
    known AS duration,
    arrayConcat(arrayFlatten(own), clip(groupArrayArrayIf(paired_all, empty(report)), known)) AS segments
FROM
(
    SELECT
        course_id, video_id, student_id,
        argMaxIf(
            (reported, (assumeNotNull(reported_at), UUIDToNum(assumeNotNull(reported_by)))),
            (reported_micros, assumeNotNull(reported_at), UUIDToNum(assumeNotNull(reported_by))),
            notEmpty(reported)) AS best,
        best.1 AS report,
        best.2 AS told,
        groupArrayArray(paired) AS paired_all
    FROM video_watch FINAL
    WHERE course_id IN {courses:Array(String)}
        AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND day < {end:Date}
    GROUP BY course_id, video_id, student_id, session_id
) AS sessions
LEFT JOIN
(
    SELECT course_id, video_id, duration AS length FROM video_lengths WHERE course_id IN {courses:Array(String)}
) AS lengths USING (course_id, video_id)
GROUP BY course_id, video_id, student_id
HAVING notEmpty(segments);


-- 9. Views: the days of a student -------------------------------------------------------------------------------------

-- docs/reference/definitions.md says what each number means.

-- The days of each student by the student's own calendar, as day numbers since 1970-01-01.
-- `today`: the local day when the UTC day ends. `active`: the local days on which the UTC day's learning happened.
CREATE VIEW IF NOT EXISTS local_days AS
WITH
    (moment -> toInt32(intDiv(moment + offsets[arrayLastIndex(start -> start <= moment, since)], 86400))) AS local_day
SELECT
    student_id,
    day,
    local_day(86400 * (toInt64(day) + 1) - 1) AS today,
    arrayDistinct(arrayMap(quarter -> local_day(86400 * toInt64(day) + 900 * quarter), quarters)) AS active
FROM
(
    SELECT student_id, day, groupUniqArrayArray(quarter_hours) AS quarters
    FROM student_days FINAL
    GROUP BY student_id, day
) AS days
LEFT JOIN (SELECT student_id, time_zone FROM students FINAL) AS people USING (student_id)
LEFT JOIN
(
    SELECT time_zone, arrayMap(start -> toInt64(toUnixTimestamp(start)), starts) AS since, offsets
    FROM time_zones FINAL
) AS zones USING (time_zone);

-- The streak of each student at the end of each UTC day with an event, over all courses.
-- `latest` is the last local day with learning so far; the run that ends there counts if it reaches yesterday.
CREATE VIEW IF NOT EXISTS student_streaks AS
WITH indexOf(dates, latest) AS place
SELECT
    student_id,
    day,
    if(latest >= today - 1,
       arrayCount((date, i) -> i <= place AND date - i = latest - place, dates, arrayEnumerate(dates)), 0) AS streak_days
FROM
(
    SELECT
        student_id, day, today,
        max(arrayMax(arrayPushBack(active, -1))) OVER (PARTITION BY student_id ORDER BY day) AS latest,
        arraySort(groupUniqArrayArray(active) OVER (PARTITION BY student_id)) AS dates
    FROM local_days
);

-- Watched per cent of each video of known length at the end of each UTC day on which it was played, for
-- `student_course_metrics`. A session_id that reports late can take seconds away that its pairs had counted, so a later
-- day may show less, down to null for nothing.
CREATE VIEW IF NOT EXISTS video_coverage_days AS
SELECT
    course_id, student_id, video_id,
    step.day AS day,
    step.covered AS covered,
    if(covered > 0, least(100., 100 * covered / duration), NULL) AS watched_pct
FROM learner_watch FINAL
ARRAY JOIN steps AS step
WHERE duration IS NOT NULL;

-- One row per student, course and UTC day with an event: time, sessions and videos_watched of that day, everything else
-- as of its end. Seconds, per cent, counts; null where there is nothing to average.
-- Without an agreement a student has rows only for days with a completed lesson, a result, a hand-in or a grade, which
-- rest on contract, and everything about behaviour in them is null.
CREATE VIEW IF NOT EXISTS student_course_metrics AS
WITH
    -- of all results so far those since the last regrade of their assessment, which is attempt 0 and the first of its day
    arrayFilter(
        g -> g.2 = 0,
        arrayMap((r, i) -> (r.assessment_id, r.attempt, i), results_so_far, arrayEnumerate(results_so_far))) AS regrades,
    arrayFilter(
        (r, i) -> i >= arrayLast(g -> g.1 = r.assessment_id, regrades).3,
        results_so_far, arrayEnumerate(results_so_far)) AS standing,
    -- of these what came of each attempt: one without a score takes none back; then the best of each assessment
    arrayMap(r -> (r.assessment_id, r.attempt), standing) AS tries,
    arrayMap(
        key -> arrayMap(r -> (r.score, r.passed), arrayFilter((r, other) -> other = key, standing, tries)),
        arrayDistinct(tries)) AS told,
    arrayMap(
        (key, each) -> (
            key.1,
            arrayLast(score -> score IS NOT NULL, each.1),
            arrayLast(passed -> passed IS NOT NULL,
                      arraySlice(each.2, greatest(arrayLastIndex(score -> score IS NOT NULL, each.1), 1)))),
        arrayDistinct(tries), told) AS results,
    arrayFilter(r -> r.2 IS NOT NULL, results) AS scored,
    arrayMap(
        id -> arrayMax(arrayMap(r -> assumeNotNull(r.2), arrayFilter(r -> r.1 = id, scored))),
        arrayDistinct(scored.1)) AS best_scores,
    arrayFilter(
        r -> coalesce(r.3, r.2 >= if(has(marked, r.1), marks[indexOf(marked, r.1)], 60), false),
        results) AS passes
SELECT
    student_id,
    course_id,
    day AS date,
    if(cataloged AND total_lessons > 0, 100 * length(arrayIntersect(completed_so_far, lessons)) / total_lessons, NULL) AS completion_pct,
    length(completed_so_far) AS lessons_completed,
    if(agrees, length(started_so_far), NULL) AS lessons_started,
    total_lessons,
    if(agrees, (time_video + time_quiz + time_reading) / 1e6, NULL) AS time_spent_total,
    if(agrees, time_video / 1e6, NULL) AS time_spent_video,
    if(agrees, time_reading / 1e6, NULL) AS time_spent_reading,
    if(agrees, time_quiz / 1e6, NULL) AS time_spent_quiz,
    if(agrees, visits, NULL) AS sessions_count,
    if(agrees AND visits > 0, visit_micros / 1e6 / visits, NULL) AS avg_session_duration,
    if(agrees, length(watched_today), NULL) AS videos_watched,
    if(agrees AND covered_videos > 0, covered_pct / covered_videos, NULL) AS video_watch_pct_avg,
    length(arrayDistinct(attempts_so_far)) AS quizzes_attempted,
    length(arrayDistinct(passes.1)) AS quizzes_passed,
    if(empty(best_scores), NULL, arrayAvg(best_scores)) AS quiz_avg_score,
    length(arrayDistinct(submissions_so_far)) AS assignments_submitted,
    if(agrees, active_so_far, NULL) AS last_activity_at,
    if(agrees, streak, NULL) AS streak_days
FROM
(
    SELECT
        student_id, course_id, day, time_video, time_quiz, time_reading, visits, visit_micros,
        videos_watched AS watched_today, lessons, total_lessons, cataloged, streak_days AS streak, marked, marks,
        student_id NOT IN (SELECT student_id FROM not_agreed FINAL) AS agrees,
        notEmpty(days.lessons_completed) OR notEmpty(quiz_results) OR notEmpty(submissions) OR notEmpty(grades) AS kept,
        groupUniqArrayArray(days.lessons_completed) OVER so_far AS completed_so_far,
        groupUniqArrayArray(days.lessons_started) OVER so_far AS started_so_far,
        groupArrayArray(arrayMap(a -> (a.assessment_id, a.attempt), quiz_attempts)) OVER so_far AS attempts_so_far,
        groupArrayArray(quiz_results) OVER so_far AS results_so_far,
        groupArrayArray(arrayMap(a -> (a.assessment_id, a.attempt), submissions)) OVER so_far AS submissions_so_far,
        max(last_learning_at) OVER so_far AS active_so_far,
        sum(more_videos) OVER so_far AS covered_videos,
        sum(more_pct) OVER so_far AS covered_pct
    FROM (SELECT * FROM student_course_days FINAL WHERE course_id != '') AS days
    LEFT JOIN course_sizes AS sizes USING (course_id)
    LEFT JOIN
    (
        SELECT course_id, groupArray(assessment_id) AS marked, groupArray(pass_mark) AS marks
        FROM course_assessments FINAL
        GROUP BY course_id
    ) AS assessments USING (course_id)
    LEFT JOIN student_streaks AS streaks USING (student_id, day)
    LEFT JOIN
    (
        -- what each day added to the covered per cent of all videos, and how many videos it added
        SELECT
            course_id, student_id, day,
            sum(ifNull(watched_pct, 0) - ifNull(before, 0)) AS more_pct,
            sum((watched_pct IS NOT NULL) - (before IS NOT NULL)) AS more_videos
        FROM
        (
            SELECT
                course_id, student_id, day, watched_pct,
                lagInFrame(watched_pct, 1, NULL) OVER (PARTITION BY course_id, student_id, video_id ORDER BY day
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before
            FROM video_coverage_days
        )
        GROUP BY course_id, student_id, day
    ) AS coverage USING (course_id, student_id, day)
    WINDOW so_far AS (PARTITION BY student_id, course_id ORDER BY day)
)
WHERE agrees OR kept;
