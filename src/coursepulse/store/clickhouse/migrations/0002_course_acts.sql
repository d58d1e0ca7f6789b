-- What learners do in discussions, live classes, exercises and players, in the order of the courses.
CREATE TABLE IF NOT EXISTS course_acts
(
    course_id   LowCardinality(String),
    event_type  LowCardinality(String) COMMENT 'of a discussion, a live class, an exercise, or a player without its heartbeat',
    item_id     String COMMENT 'the thread, live class, exercise or video',
    student_id  UUID,
    at          DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    event_id    UUID,
    correct     Nullable(Bool),
    attempt     UInt16,
    position    Nullable(Float64) CODEC(ZSTD(1)) COMMENT 'seconds of the video; for a seek, where it left',
    position_to Nullable(Float64) CODEC(ZSTD(1)) COMMENT 'seconds of the video where a seek landed',
    rate        Nullable(Float64) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (course_id, event_type, item_id, student_id, at, event_id);

CREATE MATERIALIZED VIEW IF NOT EXISTS course_acts_from_events TO course_acts AS
SELECT
    course_id, event_type,
    multiIf(startsWith(event_type, 'forum_'), thread_id,
            startsWith(event_type, 'live_'), live_session_id,
            startsWith(event_type, 'video_'), video_id, interactive_id) AS item_id,
    student_id, at, event_id, correct, attempt, position, position_to, rate
FROM events
WHERE event_type IN ('forum_post', 'forum_reply', 'forum_view', 'live_session_join', 'live_session_leave', 'interactive_attempt',
                     'video_play', 'video_pause', 'video_seek', 'video_rate_change', 'video_complete')
    AND course_id != '';
