-- Every accepted event, once, in partitions of one UTC day.

-- Corrections of the original specification, which PostgreSQL refuses as written:
-- * event_date is a plain column that the writer fills, because a generated column cannot be a partition key;
-- * event_hour names its time zone, because a generated column over timestamptz is immutable only with one;
-- * the primary key contains the partition key, as a unique constraint over partitions must.
-- Columns that an event says nothing about are null, never ''. log_position is where the event log first carried
-- the event: it decides, after a crash too, whether an event read from the log is the one that was stored.
CREATE TABLE student_activity_events (
    event_id uuid NOT NULL,
    student_id uuid NOT NULL,
    course_id text,
    lesson_id text,
    video_id text,
    assessment_id text,
    event_type text NOT NULL,
    event_timestamp timestamptz NOT NULL,
    session_id uuid,
    event_data jsonb NOT NULL,
    device_type text,
    browser text,
    os text,
    -- A full address never gets this far, and could not get further.
    ip_address cidr CHECK (masklen(ip_address) <= CASE family(ip_address) WHEN 4 THEN 24 ELSE 48 END),
    country_code text,
    event_date date NOT NULL,
    event_hour smallint GENERATED ALWAYS AS (extract(hour FROM event_timestamp AT TIME ZONE 'UTC')) STORED,
    log_position bigint NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, event_date)
) PARTITION BY RANGE (event_date);

-- For one student's export and erasure.
CREATE INDEX student_activity_events_by_student ON student_activity_events (student_id, event_timestamp);

-- Where a batch lands before duplicates are told apart. Unlogged: a crash empties it, and the batch is read again.
CREATE UNLOGGED TABLE staging_events (
    event_id uuid NOT NULL,
    student_id uuid NOT NULL,
    course_id text,
    lesson_id text,
    video_id text,
    assessment_id text,
    event_type text NOT NULL,
    event_timestamp timestamptz NOT NULL,
    session_id uuid,
    event_data jsonb NOT NULL,
    device_type text,
    browser text,
    os text,
    ip_address cidr,
    country_code text,
    event_date date NOT NULL,
    log_position bigint NOT NULL,
    received_at timestamptz NOT NULL
) WITH (autovacuum_enabled = false);

-- How far each consumer of the event log has come, and how fresh what it has made is.
CREATE TABLE pipeline_positions (
    name text PRIMARY KEY,
    position bigint NOT NULL,
    latest_event_at timestamptz,
    applied_at timestamptz NOT NULL
);
