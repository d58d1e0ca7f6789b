-- Requests of students about their data, what the law makes us keep of them, and what retention has removed.

-- Students who were erased, by a keyed hash that leads to nobody: a consent given before the erasure holds no more.
CREATE TABLE erased_students (
    tombstone bytea PRIMARY KEY,
    erased_at timestamptz NOT NULL
);

-- Who the student is (student_id to salt) is known only while the request is being worked on; then it is null.
-- `days`: UTC days on which the student had events, whose partitions are to be rewritten.
CREATE TABLE privacy_requests (
    request_id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('erasure', 'export')),
    mode text NOT NULL DEFAULT '',
    keep_records boolean NOT NULL DEFAULT false,
    state text NOT NULL CHECK (state IN ('open', 'sweeping', 'done')),
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    done_at timestamptz,
    student_id uuid,
    replacement uuid,
    external_id text,
    email text,
    salt text,
    days date[] NOT NULL DEFAULT '{}',
    receipt jsonb NOT NULL DEFAULT '[]',
    trouble text NOT NULL DEFAULT ''
);

CREATE INDEX privacy_requests_by_student ON privacy_requests (student_id) WHERE student_id IS NOT NULL;

-- What a student achieved, kept for seven years whatever becomes of the raw events. One row per event.
CREATE TABLE academic_records (
    event_id uuid PRIMARY KEY,
    student_id uuid NOT NULL,
    course_id text NOT NULL,
    assessment_id text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    score double precision
);

CREATE INDEX academic_records_by_student ON academic_records (student_id, at);

-- Finds the events behind a position of the log without an index that every insert would have to feed.
CREATE INDEX student_activity_events_by_position ON student_activity_events USING brin (log_position)
WITH (autosummarize = on);

-- Each row: something was older than its retention and went. `oldest_left` is the oldest that stayed.
CREATE TABLE retention_runs (
    run_id bigserial PRIMARY KEY,
    at timestamptz NOT NULL,
    what text NOT NULL,
    removed bigint NOT NULL,
    oldest_left timestamptz
);
