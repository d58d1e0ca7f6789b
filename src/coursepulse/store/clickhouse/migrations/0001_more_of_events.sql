-- What payments, threads, live classes, exercises and answers say, so that metrics can read it.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS answer_id String CODEC(ZSTD(1)) COMMENT 'the choice of an answer',
    ADD COLUMN IF NOT EXISTS thread_id String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS live_session_id String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS interactive_id String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS amount Decimal(19, 4) CODEC(ZSTD(1)) COMMENT 'of a payment or a refund, in its currency',
    ADD COLUMN IF NOT EXISTS currency LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'ISO 4217';

ALTER TABLE quiz_answers ADD COLUMN IF NOT EXISTS answer_id String;

ALTER TABLE quiz_answers_from_events MODIFY QUERY
SELECT course_id, assessment_id, question_id, student_id, attempt, at, event_id, correct, answer_id
FROM events
WHERE event_type = 'quiz_answer';
