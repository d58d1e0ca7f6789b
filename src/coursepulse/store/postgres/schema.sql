-- The whole PostgreSQL schema of a new installation.

-- Later changes are numbered files in migrations/, from 0006 on, applied after this one.
--
--   1. Roles
--   2. Campus: people, courses and what ties them together
--   3. Consents
--   4. Raw events, in partitions of one day
--   5. Profiles
--   6. Accounts, sessions and keys
--   7. Access to student records: break-glass and the audit trail
--   8. Privacy requests, records to keep and retention
--   9. Row-level security of these
--  10. Alerts, what people did with them, and thresholds of courses
--  11. Mails and webhooks, and how people want them
--  12. Leaderboards: the names that students chose
--  13. Organisations: training, certificates, target profiles, seats and budgets
--  14. Operation: runs of jobs
--  15. Grants
--
-- Everything but `people` knows a student only as `student_id`, a pseudonym. Times are timestamptz; days are UTC days.


-- 1. Roles ------------------------------------------------------------------------------------------------------------

-- Neither owns anything. coursepulse_service writes: the ingest worker, the roster, the jobs. coursepulse_app reads, and
-- sees a row about a student only if the viewer named in the transaction has a right to it. It is a second lock behind
-- the application's own check.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['coursepulse_app', 'coursepulse_service'] LOOP
        IF to_regrole(role) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- roles belong to the cluster: another of its databases was faster
            END;
        END IF;
        IF NOT pg_has_role(current_user, role, 'SET') THEN
            EXECUTE format('GRANT %I TO %I', role, current_user);
        END IF;
    END LOOP;
END
$$;


-- 2. Campus -----------------------------------------------------------------------------------------------------------

CREATE TABLE organisations (
    organisation_id text PRIMARY KEY,
    name text NOT NULL DEFAULT ''
);

-- The only table that knows the platform's own ids and names.
CREATE TABLE people (
    student_id uuid PRIMARY KEY,                          -- learners and teachers alike
    external_id text NOT NULL UNIQUE,                     -- the platform's id
    name text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    time_zone text NOT NULL DEFAULT 'UTC',                -- IANA name
    is_staff boolean NOT NULL DEFAULT false,              -- left out of every metric
    is_test boolean NOT NULL DEFAULT false,               -- left out of every metric
    organisation_id text REFERENCES organisations
);

CREATE TABLE courses (
    course_id text PRIMARY KEY,
    title text NOT NULL DEFAULT '',
    starts_on date,
    ends_on date
);

CREATE TABLE lessons (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    lesson_id text NOT NULL,
    title text NOT NULL DEFAULT '',
    place integer NOT NULL,                               -- rank in the course, from 1
    skills text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (course_id, lesson_id)
);

CREATE TABLE videos (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    video_id text NOT NULL,
    lesson_id text NOT NULL DEFAULT '',
    title text NOT NULL DEFAULT '',
    duration_s double precision CHECK (duration_s > 0),   -- seconds; null while the platform has not said
    PRIMARY KEY (course_id, video_id)
);

CREATE TABLE assessments (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    assessment_id text NOT NULL,
    title text NOT NULL DEFAULT '',
    kind text NOT NULL CHECK (kind IN ('quiz', 'assignment')),
    pass_mark real NOT NULL DEFAULT 60,                   -- per cent of the maximum score
    due_at timestamptz,
    skills text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (course_id, assessment_id)
);

CREATE TABLE teams (
    team_id text PRIMARY KEY,
    organisation_id text NOT NULL REFERENCES organisations,
    name text NOT NULL DEFAULT ''
);

-- Managers and members. Somebody may manage one team and be a member of another, or of the same.
CREATE TABLE team_people (
    team_id text NOT NULL REFERENCES teams ON DELETE CASCADE,
    student_id uuid NOT NULL,
    manages boolean NOT NULL,
    PRIMARY KEY (student_id, manages, team_id)
);

CREATE INDEX team_people_by_team ON team_people (team_id);

-- Who is in a course by the roster. A row decides; without one, the events do.
CREATE TABLE enrolments (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    student_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'ended')),
    starts_on date,
    ends_on date,                                         -- the last day belongs to the enrolment
    source text NOT NULL DEFAULT '',                      -- the system that the row comes from
    delivery uuid,                                        -- the delivery that named the row last: one may be whole
    -- Where no first day is said, the student is in the course from this day at the latest.
    told_on date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    ended_on date,                                        -- when an end was told; null while the enrolment holds
    revision bigint NOT NULL DEFAULT 1,                   -- number of the change, from enrolment_revision
    PRIMARY KEY (course_id, student_id)
);

CREATE INDEX enrolments_by_student ON enrolments (student_id);
CREATE INDEX enrolments_by_revision ON enrolments (revision);

-- One row. A writer of enrolments takes the next number first and keeps the row locked until the end: numbers come in
-- order, and a reader that has seen one has missed none below it.
CREATE TABLE enrolment_revision (revision bigint NOT NULL);
INSERT INTO enrolment_revision VALUES (1);

CREATE TABLE teaching (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    teacher_id uuid NOT NULL,
    starts_on date,
    ends_on date,
    listed boolean NOT NULL DEFAULT false,                -- stands in the course's own list, and goes when that changes
    source text NOT NULL DEFAULT '',                      -- as in enrolments
    delivery uuid,                                        -- as in enrolments
    PRIMARY KEY (teacher_id, course_id)
);

CREATE INDEX teaching_by_course ON teaching (course_id);

-- Who is in which course now, as far as the profiles know: what ties an instructor to a student without an enrolment.
CREATE TABLE course_members (
    student_id uuid NOT NULL,
    course_id text NOT NULL,
    PRIMARY KEY (student_id, course_id)
);

-- One row. Counts the changes of people and courses: a process that publishes them sees what another has changed.
CREATE TABLE catalog_version (version bigint NOT NULL);
INSERT INTO catalog_version VALUES (0);


-- 3. Consents ---------------------------------------------------------------------------------------------------------

-- History, never updated: the newest row of a student and purpose is what holds (GDPR art. 7(1): be able to
-- demonstrate that consent was given).
CREATE TABLE consents (
    seq bigserial PRIMARY KEY,
    student_id uuid NOT NULL,
    purpose text NOT NULL,
    granted boolean NOT NULL,
    text_version text NOT NULL DEFAULT '',                -- the wording that was agreed to
    source text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL
);

CREATE INDEX consents_by_student ON consents (student_id, purpose, seq DESC);


-- 4. Raw events -------------------------------------------------------------------------------------------------------

-- Every accepted event, once. Columns that an event says nothing about are null, never ''.
-- Corrections of the original specification, which PostgreSQL refuses as written (docs/decisions/0001):
-- * event_date is a plain column that the writer fills, because a generated column cannot be a partition key;
-- * event_hour names its time zone, because a generated column over timestamptz is immutable only with one;
-- * the primary key contains the partition key, as a unique constraint over partitions must.
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
    -- Where the event log first carried the event. It decides, after a crash too, whether an event read from the log
    -- is the one that was stored.
    log_position bigint NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, event_date)
) PARTITION BY RANGE (event_date);

-- For one student's export and erasure.
CREATE INDEX student_activity_events_by_student ON student_activity_events (student_id, event_timestamp);

-- Finds the events behind a position of the log without an index that every insert would have to feed.
CREATE INDEX student_activity_events_by_position ON student_activity_events USING brin (log_position)
WITH (autosummarize = on);

-- How far each consumer of the event log has come, and how fresh what it has made is.
CREATE TABLE pipeline_positions (
    name text PRIMARY KEY,
    position bigint NOT NULL,
    latest_event_at timestamptz,
    applied_at timestamptz NOT NULL
);

-- The partition of 2026-11-22 is student_activity_events_20261122.
CREATE FUNCTION day_partition(day date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'student_activity_events_' || to_char(day, 'YYYYMMDD')
$$;

-- Makes the missing partitions of `days`; returns how many. Like the two below, it acts as the owner.
-- A table is made beside and then attached, because CREATE … PARTITION OF would lock out every reader (ACCESS
-- EXCLUSIVE on the parent) where ATTACH does not (SHARE UPDATE EXCLUSIVE). Taking that lock first makes two writers
-- that miss the same day wait for each other. An advisory lock would not do: only locking a relation makes this
-- backend notice what others have done to the catalog meanwhile.
-- The service may add rows to a partition itself, because a COPY through the parent is refused where rows are guarded.
CREATE FUNCTION create_day_partitions(days date[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    day date;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(days) AS d WHERE to_regclass(day_partition(d)) IS NULL) THEN
        RETURN 0;
    END IF;
    LOCK TABLE student_activity_events IN SHARE UPDATE EXCLUSIVE MODE;
    FOREACH day IN ARRAY days LOOP
        CONTINUE WHEN to_regclass(day_partition(day)) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE %I (LIKE student_activity_events INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)',
            day_partition(day)
        );
        EXECUTE format(
            'ALTER TABLE student_activity_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            day_partition(day), day, day + 1
        );
        EXECUTE format('GRANT INSERT ON %I TO coursepulse_service', day_partition(day));
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

-- The days before `day` of which nothing was received since: an import of old events is kept as long as new ones are.
CREATE FUNCTION expired_days(day date) RETURNS SETOF date
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    partition text;
    latest timestamptz;
BEGIN
    FOR partition IN
        SELECT inhrelid::regclass::text
        FROM pg_inherits
        WHERE inhparent = 'student_activity_events'::regclass AND inhrelid::regclass::text < day_partition(day)
        ORDER BY 1
    LOOP
        EXECUTE format('SELECT max(received_at) FROM %I', partition) INTO latest;
        IF latest IS NULL OR latest < day::timestamp AT TIME ZONE 'UTC' THEN
            RETURN NEXT to_date(right(partition, 8), 'YYYYMMDD');
        END IF;
    END LOOP;
END
$$;

-- Drops the partitions of `days`; returns how many there were.
CREATE FUNCTION drop_day_partitions(days date[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    day date;
    dropped integer := 0;
BEGIN
    FOREACH day IN ARRAY days LOOP
        CONTINUE WHEN to_regclass(day_partition(day)) IS NULL;
        EXECUTE format('DROP TABLE %I', day_partition(day));
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;

REVOKE EXECUTE ON FUNCTION create_day_partitions(date[]), expired_days(date), drop_day_partitions(date[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION create_day_partitions(date[]), expired_days(date), drop_day_partitions(date[])
    TO coursepulse_service;


-- 5. Profiles ---------------------------------------------------------------------------------------------------------

-- One row per student, refreshed after each batch, for lists and for other systems.
CREATE TABLE student_analytics_profiles (
    student_id uuid PRIMARY KEY,
    first_enrollment_at timestamptz,
    total_enrollments integer NOT NULL DEFAULT 0,
    active_enrollments integer NOT NULL DEFAULT 0,
    completed_courses integer NOT NULL DEFAULT 0,
    dropped_courses integer NOT NULL DEFAULT 0,
    total_time_spent_hours double precision NOT NULL DEFAULT 0,
    avg_daily_minutes double precision NOT NULL DEFAULT 0, -- per active day
    preferred_hour smallint,                              -- 0 to 23, in the student's own time zone
    preferred_day smallint,                               -- 1 (Monday) to 7, in the student's own time zone
    avg_course_completion_days double precision,
    learning_consistency_score double precision,          -- 0 to 1
    overall_avg_score double precision,                   -- per cent
    quiz_accuracy double precision,                       -- per cent
    at_risk_score double precision,                       -- 0 to 100
    last_activity_at timestamptz,
    updated_at timestamptz NOT NULL,
    -- The batch that the row knows of: one that is older than its student's days is made again after a start.
    version bigint NOT NULL DEFAULT 0
);

-- The specification generates days_since_active from NOW(), which no generated column may call: it is a column here.
-- A view answers with the rights of its owner, unless told otherwise. `version` is ours alone.
CREATE VIEW student_profiles WITH (security_invoker = true) AS
SELECT
    student_id, first_enrollment_at, total_enrollments, active_enrollments, completed_courses, dropped_courses,
    total_time_spent_hours, avg_daily_minutes, preferred_hour, preferred_day, avg_course_completion_days,
    learning_consistency_score, overall_avg_score, quiz_accuracy, at_risk_score, last_activity_at, updated_at,
    (now() AT TIME ZONE 'UTC')::date - (last_activity_at AT TIME ZONE 'UTC')::date AS days_since_active
FROM student_analytics_profiles;


-- 6. Accounts, sessions and keys --------------------------------------------------------------------------------------

CREATE TABLE accounts (
    account_id uuid PRIMARY KEY,
    login_name text NOT NULL CHECK (login_name = lower(login_name) AND login_name <> ''),
    password_hash text,                                   -- null for people who sign in with an identity provider
    issuer text,                                          -- the provider, and its name for them
    provider_subject text,
    role text NOT NULL CHECK (role IN ('student', 'instructor', 'manager', 'admin', 'auditor')),
    student_id uuid,                                      -- the person they are, as learner or as teacher
    organisation_id text NOT NULL DEFAULT '',
    disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    last_sign_in_at timestamptz,
    -- Whether the identity provider itself said which student this is: nobody here can say it.
    confirmed boolean NOT NULL DEFAULT false,
    CONSTRAINT accounts_by_login UNIQUE (login_name),
    CONSTRAINT accounts_by_provider UNIQUE (issuer, provider_subject)
);

-- One row per browser that is signed in, or per embedded page, which has no account, only the student it shows.
CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,                         -- of the token only a hash: reading it impersonates nobody
    account_id uuid REFERENCES accounts ON DELETE CASCADE,
    student_id uuid,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CHECK ((account_id IS NULL) <> (student_id IS NULL))
);

CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE sign_in_failures (
    whom bytea PRIMARY KEY,                               -- keyed hash of a login name or of a network address
    failures integer NOT NULL,
    latest_at timestamptz NOT NULL
);

-- Keys of programs. A revoked key stays, so that the trail can say whose it was.
CREATE TABLE api_keys (
    key_id bigserial PRIMARY KEY,
    name text NOT NULL,
    digest bytea NOT NULL UNIQUE,                         -- SHA-256 of 256 random bits: nothing to guess, no slow hash
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);

CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name) WHERE revoked_at IS NULL;


-- 7. Access to student records ----------------------------------------------------------------------------------------

-- Access grants: records opened with a typed reason for an hour, and whether an administrator has acknowledged them.
-- Also what opens records permanently: an account tied to a student, and a key that reads.
CREATE TABLE break_glass (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL,
    role text NOT NULL,
    student_id uuid,                                      -- null for a key
    reason text NOT NULL CHECK (char_length(reason) >= 10),
    request_id text NOT NULL DEFAULT '',
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > opened_at),
    acknowledged_at timestamptz,
    acknowledged_by text NOT NULL DEFAULT '',
    kind text NOT NULL DEFAULT 'record' CHECK (kind IN ('record', 'account', 'key')),
    about text NOT NULL DEFAULT '',                       -- the account or the key
    CHECK ((student_id IS NULL) = (kind = 'key'))
);

-- Read on each request.
CREATE INDEX break_glass_by_account ON break_glass (account, expires_at);

-- The audit trail: append-only for everyone, and pruned only through one function.
CREATE TABLE audit_trail (
    number bigint PRIMARY KEY,                            -- counts without gaps
    at timestamptz NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    tag text NOT NULL,
    subject text NOT NULL,                                -- a student's pseudonym, a course, an account, or empty
    purpose text NOT NULL,
    request_id text NOT NULL,
    address text NOT NULL,
    detail text NOT NULL,
    -- Covers the entry and the hash of the number before (audit/chain.py), under a key that this database never sees.
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE INDEX audit_trail_by_subject ON audit_trail (subject, number DESC);
CREATE INDEX audit_trail_by_actor ON audit_trail (actor, number DESC);
-- Entries come in the order of their time, about: a few bytes per megabyte of rows find any period.
CREATE INDEX audit_trail_by_time ON audit_trail USING brin (at);
CREATE INDEX audit_trail_pruned ON audit_trail (number) WHERE tag = 'audit:trail:pruned';

-- Grants stop the application; this stops mistakes of the owner. The chain detects a way around both.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('coursepulse.audit_pruning', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The audit trail is append-only: no %.', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_trail_stays BEFORE UPDATE OR DELETE ON audit_trail
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_trail_is_not_emptied BEFORE TRUNCATE ON audit_trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Deletes the entries up to `through`; returns how many. The entry that stands for them must be in the trail already,
-- and none may be younger than a year, whatever the caller believes the time to be.
CREATE FUNCTION prune_audit_trail(through bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_trail AS note
        JOIN audit_trail AS last ON last.number = through
        WHERE note.tag = 'audit:trail:pruned' AND note.number > through
          AND note.detail = 'through ' || through || ' ' || encode(last.hash, 'hex')
    ) THEN
        RAISE EXCEPTION 'Nothing in the audit trail stands for entries up to %.', through
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT FROM audit_trail WHERE number <= through AND at > now() - interval '1 year') THEN
        RAISE EXCEPTION 'Entries of the audit trail stay for a year at least.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('coursepulse.audit_pruning', 'on', true);
    DELETE FROM audit_trail WHERE number <= through;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('coursepulse.audit_pruning', '', true);
    RETURN gone;
END
$$;

REVOKE EXECUTE ON FUNCTION prune_audit_trail(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_audit_trail(bigint) TO coursepulse_service;


-- 8. Privacy requests, records to keep and retention ------------------------------------------------------------------

-- Students who were erased: a consent given before the erasure no longer holds.
CREATE TABLE erased_students (
    tombstone bytea PRIMARY KEY,                          -- a keyed hash that leads to nobody
    erased_at timestamptz NOT NULL
);

-- Data about the student is kept only while the request is being worked on; afterwards those columns are null.
CREATE TABLE privacy_requests (
    request_id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('erasure', 'export')),
    mode text NOT NULL DEFAULT '',
    keep_records boolean NOT NULL DEFAULT false,          -- whether academic_records stay
    state text NOT NULL CHECK (state IN ('open', 'sweeping', 'done')),
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    done_at timestamptz,
    student_id uuid,                                      -- null when done, as the next four and `name`
    replacement uuid,
    external_id text,
    email text,
    salt text,
    days date[] NOT NULL DEFAULT '{}',                    -- with events of the student: partitions to rewrite
    receipt jsonb NOT NULL DEFAULT '[]',
    trouble text NOT NULL DEFAULT '',
    name text                                             -- to be found in text that nobody could read
);

CREATE INDEX privacy_requests_by_student ON privacy_requests (student_id) WHERE student_id IS NOT NULL;

-- What a student achieved, one row per event, kept for seven years whatever becomes of the raw events. An id that comes
-- back on another day is another event (docs/decisions/0001), and another achievement.
CREATE TABLE academic_records (
    event_id uuid NOT NULL,
    student_id uuid NOT NULL,
    course_id text NOT NULL,
    assessment_id text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    score double precision,
    PRIMARY KEY (event_id, at)
);

CREATE INDEX academic_records_by_student ON academic_records (student_id, at);

-- One row per run of retention that removed something.
CREATE TABLE retention_runs (
    run_id bigserial PRIMARY KEY,
    at timestamptz NOT NULL,
    what text NOT NULL,
    removed bigint NOT NULL,
    oldest_left timestamptz                               -- the oldest that stayed
);


-- 9. Row-level security -----------------------------------------------------------------------------------------------

-- The viewer, as the transaction says; nobody, when it says nothing.
CREATE FUNCTION viewer_role() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('coursepulse.viewer_role', true), '')
$$;

CREATE FUNCTION viewer_student() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('coursepulse.viewer_student', true), '')::uuid
$$;

-- The courses that the viewer teaches today.
CREATE FUNCTION viewer_courses() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('coursepulse.viewer_courses', true), ''), '{}')::text[]
$$;

-- The teams that the viewer manages.
CREATE FUNCTION viewer_teams() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('coursepulse.viewer_teams', true), ''), '{}')::text[]
$$;

-- The students whose records the viewer has opened with a reason.
CREATE FUNCTION viewer_opened() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('coursepulse.viewer_opened', true), ''), '{}')::uuid[]
$$;

-- What the viewer's key may do.
CREATE FUNCTION viewer_scopes() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('coursepulse.viewer_scopes', true), ''), '{}')::text[]
$$;

-- Who is in one of the viewer's courses today: by the roster's row where there is one, else by the events.
-- With the viewer's own rights: what the policies below hide, this cannot find.
CREATE FUNCTION shares_course(student uuid, course text DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM enrolments AS e
        WHERE e.student_id = student AND (course IS NULL OR e.course_id = course) AND e.status = 'active'
          AND coalesce(e.starts_on <= current_date, true) AND coalesce(e.ends_on >= current_date, true)
    ) OR EXISTS (
        SELECT FROM course_members AS m
        WHERE m.student_id = student AND (course IS NULL OR m.course_id = course)
          AND NOT EXISTS (SELECT FROM enrolments AS e WHERE e.student_id = student AND e.course_id = m.course_id)
    )
$$;

CREATE FUNCTION shares_with_manager(student uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT granted FROM consents AS c
        WHERE c.student_id = student AND c.purpose = 'employer_sharing'
        ORDER BY recorded_at DESC, seq DESC
        LIMIT 1
    ), false)
$$;

-- Forced: an owner who is no superuser sees nothing either.
ALTER TABLE people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE enrolments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE course_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE team_people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE consents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE student_activity_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE student_analytics_profiles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- The service sees every row.
CREATE POLICY service ON people TO coursepulse_service USING (true);
CREATE POLICY service ON enrolments TO coursepulse_service USING (true);
CREATE POLICY service ON course_members TO coursepulse_service USING (true);
CREATE POLICY service ON team_people TO coursepulse_service USING (true);
CREATE POLICY service ON consents TO coursepulse_service USING (true);
CREATE POLICY service ON student_activity_events TO coursepulse_service USING (true);
CREATE POLICY service ON student_analytics_profiles TO coursepulse_service USING (true);

-- What a viewer sees. The sub-selects make PostgreSQL read each setting once per statement, not once per row.

-- Names stand beside numbers on lists, so an administrator may see any; a record itself only with a reason.
CREATE POLICY viewer ON people FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'instructor' THEN student_id = ANY ((SELECT viewer_opened())::uuid[]) OR shares_course(student_id)
        WHEN 'manager' THEN shares_with_manager(student_id)
        WHEN 'admin' THEN true
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);

CREATE POLICY viewer ON enrolments FOR SELECT TO coursepulse_app USING (
    (SELECT viewer_role()) = 'instructor' AND course_id = ANY ((SELECT viewer_courses())::text[])
);

CREATE POLICY viewer ON course_members FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'instructor' THEN course_id = ANY ((SELECT viewer_courses())::text[])
        ELSE false
    END
);

CREATE POLICY viewer ON team_people FOR SELECT TO coursepulse_app USING (
    (SELECT viewer_role()) = 'manager' AND NOT manages AND team_id = ANY ((SELECT viewer_teams())::text[])
);

-- A manager reads of a member's consents only the one that the manager's own view hangs on.
CREATE POLICY viewer ON consents FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'manager' THEN purpose = 'employer_sharing'
            AND EXISTS (SELECT FROM team_people AS member WHERE member.student_id = consents.student_id)
        ELSE false
    END
);

-- An instructor sees what a student did in the instructor's own courses, while the student is in them.
CREATE POLICY viewer ON student_activity_events FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'instructor' THEN student_id = ANY ((SELECT viewer_opened())::uuid[]) OR shares_course(student_id, course_id)
        WHEN 'admin' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);

CREATE POLICY viewer ON student_analytics_profiles FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'instructor' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'admin' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);


-- 10. Alerts ----------------------------------------------------------------------------------------------------------

-- Alerts, what people did with them, and thresholds of courses.

CREATE TABLE alerts (
    alert_id uuid PRIMARY KEY,                            -- from facts alone: the same occurrence is raised once
    rule text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'urgent')),
    about text NOT NULL CHECK (about IN ('learner', 'course', 'platform')),
    audience text[] NOT NULL,                             -- who is told: instructors, managers, admins
    course_id text NOT NULL DEFAULT '',
    student_id uuid,
    item text NOT NULL DEFAULT '',                        -- the lesson, question, video or assessment
    raised_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    cleared_at timestamptz,
    evidence text[] NOT NULL DEFAULT '{}',                -- ids of events
    details jsonb NOT NULL DEFAULT '{}',                  -- numbers and names for the text; says nothing about others
    -- Late events have shown that it should never have been raised. Kept for a while to tell those who have seen it.
    withdrawn_at timestamptz,
    number bigint NOT NULL,                               -- of the latest change, from alert_number
    acknowledged_at timestamptz,
    acknowledged_by text NOT NULL DEFAULT '',
    snoozed_until timestamptz,
    snoozed_by text NOT NULL DEFAULT '',
    CHECK ((about = 'learner') = (student_id IS NOT NULL)),
    CHECK ((about = 'platform') = (course_id = ''))
);

CREATE INDEX alerts_by_student ON alerts (student_id);
CREATE INDEX alerts_by_course ON alerts (course_id, raised_at DESC);
CREATE INDEX alerts_by_rule ON alerts (rule, cleared_at);
CREATE INDEX alerts_by_number ON alerts (number);

-- One row. A writer takes the next number first and keeps the row locked until the end, as with enrolments.
CREATE TABLE alert_number (number bigint NOT NULL);
INSERT INTO alert_number VALUES (0);

-- Only what a course has set itself; the rules say what holds elsewhere.
CREATE TABLE alert_thresholds (
    course_id text NOT NULL,
    rule text NOT NULL,
    name text NOT NULL,
    value double precision NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (course_id, rule, name)
);

ALTER TABLE alerts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY service ON alerts TO coursepulse_service USING (true);

-- Alerts are about students, not for them: nobody sees one about themselves, in whatever role.
CREATE POLICY viewer ON alerts FOR SELECT TO coursepulse_app USING (
    withdrawn_at IS NULL
    AND student_id IS DISTINCT FROM coalesce((SELECT viewer_student()), '00000000-0000-0000-0000-000000000000')
    AND CASE (SELECT viewer_role())
        WHEN 'instructor' THEN CASE about
            WHEN 'learner' THEN student_id = ANY ((SELECT viewer_opened())::uuid[]) OR shares_course(student_id, course_id)
            WHEN 'course' THEN course_id = ANY ((SELECT viewer_courses())::text[])
            ELSE false
        END
        -- What a student lets an employer see has been named to the student, and the rules keep to it.
        WHEN 'manager' THEN about = 'learner' AND 'managers' = ANY (audience) AND shares_with_manager(student_id)
        WHEN 'admin' THEN about <> 'learner' OR student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);

GRANT SELECT ON alerts, alert_thresholds TO coursepulse_app;


-- 11. Mails and webhooks ----------------------------------------------------------------------------------------------

-- What an account has chosen; without a row, the settings of the server hold.
CREATE TABLE mail_choices (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    pace text NOT NULL CHECK (pace IN ('off', 'daily', 'hourly', 'at_once')),
    hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23), -- local hour of the daily digest
    quiet_from smallint CHECK (quiet_from BETWEEN 0 AND 23),
    quiet_until smallint CHECK (quiet_until BETWEEN 0 AND 23),
    time_zone text NOT NULL DEFAULT '',                   -- IANA name; empty: that of the person on the roster
    language text NOT NULL DEFAULT '',
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CHECK (quiet_from <> quiet_until)
);

-- One row. How far the changes of alerts have been put into the outbox.
CREATE TABLE alert_outbox_position (number bigint NOT NULL);
INSERT INTO alert_outbox_position VALUES (0);

-- One mail to one account. What it says is decided when it is sent, under the rights of that moment.
CREATE TABLE mails (
    mail_id uuid PRIMARY KEY,                             -- from the account and due_at: part of the Message-ID
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    try_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'empty', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    claimed_until timestamptz,                            -- a process is at it; if it dies, another one may be then
    maybe_sent boolean NOT NULL DEFAULT false,            -- an attempt may have succeeded unnoticed
    trouble text NOT NULL DEFAULT '',                     -- why it could not be sent
    done_at timestamptz
);

CREATE INDEX mails_waiting ON mails (try_at) WHERE state = 'waiting';
CREATE INDEX mails_by_account ON mails (account_id, due_at);
CREATE INDEX mails_by_end ON mails (done_at);

-- An alert goes into one mail of an account, and never into a second one.
CREATE TABLE mail_alerts (
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    account_id uuid NOT NULL,
    mail_id uuid NOT NULL REFERENCES mails ON DELETE CASCADE,
    PRIMARY KEY (alert_id, account_id)
);

CREATE INDEX mail_alerts_by_mail ON mail_alerts (mail_id);

-- Where alerts are sent.
CREATE TABLE webhooks (
    webhook_id uuid PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('plain', 'slack', 'teams')),
    url text NOT NULL,
    course_id text REFERENCES courses ON DELETE CASCADE,  -- null: every course and the platform
    owner_id uuid REFERENCES accounts ON DELETE CASCADE,  -- whose rights it has; null: those of the installation
    salt bytea NOT NULL,                                  -- of its secret, which is derived and kept nowhere
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);

-- One alert to one webhook. The body is made when it is sent.
CREATE TABLE webhook_messages (
    message_id uuid PRIMARY KEY,                          -- the same at every attempt, for receivers to recognise
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    turn integer NOT NULL,                                -- an alert may open again after it has cleared
    happened text NOT NULL CHECK (happened IN ('raised', 'cleared')),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    try_at timestamptz NOT NULL,
    claimed_until timestamptz,
    trouble text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    done_at timestamptz,
    UNIQUE (alert_id, webhook_id, turn)
);

CREATE INDEX webhook_messages_by_webhook ON webhook_messages (webhook_id);
CREATE INDEX webhook_messages_waiting ON webhook_messages (try_at) WHERE state = 'waiting';
CREATE INDEX webhook_messages_dead ON webhook_messages (created_at) WHERE state = 'dead';
CREATE INDEX webhook_messages_by_end ON webhook_messages (done_at);


-- 12. Leaderboards ----------------------------------------------------------------------------------------------------

-- The names that students chose for leaderboards.
CREATE TABLE leaderboard_names (
    student_id uuid PRIMARY KEY,
    shown_as text NOT NULL,                               -- empty: an instructor removed it, and none has been chosen since
    folded text UNIQUE,                                   -- what makes two names the same; null while there is none
    chosen_at timestamptz NOT NULL,
    removed_at timestamptz,                               -- when an instructor last removed a name
    refused text[] NOT NULL DEFAULT '{}'                  -- removed names, folded: the student cannot choose them again
);

-- Metrics read names as the service, after the check of rights; under the roles of viewers a student sees only their own.
ALTER TABLE leaderboard_names ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY service ON leaderboard_names TO coursepulse_service USING (true);
CREATE POLICY viewer ON leaderboard_names FOR SELECT TO coursepulse_app USING (
    (SELECT viewer_role()) = 'student' AND student_id = (SELECT viewer_student())
);
GRANT SELECT ON leaderboard_names TO coursepulse_app;


-- 13. Organisations ---------------------------------------------------------------------------------------------------

-- Training that every member of a team has to take.
CREATE TABLE team_trainings (
    team_id text NOT NULL REFERENCES teams ON DELETE CASCADE,
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    mandatory boolean NOT NULL,
    assigned_on date,
    due_on date,                                          -- the last day on which it is done in time
    counts_from date,                                     -- what was completed before does not count: a refresher
    status text NOT NULL CHECK (status IN ('active', 'withdrawn')),
    PRIMARY KEY (team_id, course_id)
);

-- The same for one person. Where a team has the same training, this row holds: another due date, or an exemption.
CREATE TABLE person_trainings (
    organisation_id text NOT NULL REFERENCES organisations,
    student_id uuid NOT NULL,
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    mandatory boolean NOT NULL,
    assigned_on date,
    due_on date,
    counts_from date,
    status text NOT NULL CHECK (status IN ('active', 'withdrawn')),
    PRIMARY KEY (student_id, organisation_id, course_id)
);

-- The latest certificate of each kind. An organisation sees only those that name it.
CREATE TABLE certificates (
    organisation_id text NOT NULL REFERENCES organisations,
    student_id uuid NOT NULL,
    certificate_id text NOT NULL,                         -- the kind: first-aid, forklift
    title text NOT NULL DEFAULT '',
    course_id text REFERENCES courses ON DELETE SET NULL, -- what to take to renew it
    issued_on date NOT NULL,
    expires_on date,                                      -- the last day on which it is valid; null: for good
    status text NOT NULL CHECK (status IN ('valid', 'revoked')),
    PRIMARY KEY (student_id, organisation_id, certificate_id)
);

-- What a job role needs.
CREATE TABLE target_profiles (
    profile_id text PRIMARY KEY,
    organisation_id text NOT NULL REFERENCES organisations,
    name text NOT NULL DEFAULT ''
);

CREATE TABLE target_needs (
    profile_id text NOT NULL REFERENCES target_profiles ON DELETE CASCADE,
    skill text NOT NULL DEFAULT '',                       -- one of the skills of lessons and assessments
    course_id text NOT NULL DEFAULT '',                   -- or a whole course
    level real NOT NULL,                                  -- per cent: of the best results, or of the lessons
    PRIMARY KEY (profile_id, skill, course_id),
    CHECK ((skill = '') <> (course_id = ''))
);

CREATE TABLE target_people (
    profile_id text NOT NULL REFERENCES target_profiles ON DELETE CASCADE,
    student_id uuid NOT NULL,
    PRIMARY KEY (student_id, profile_id)
);

-- Seats that were bought, and what the licence system counts of them.
CREATE TABLE seat_pools (
    pool_id text PRIMARY KEY,
    organisation_id text NOT NULL REFERENCES organisations,
    team_id text REFERENCES teams ON DELETE CASCADE,      -- null: for the whole organisation
    course_id text REFERENCES courses ON DELETE SET NULL, -- null: a licence for many courses
    name text NOT NULL DEFAULT '',
    bought integer NOT NULL,
    assigned integer NOT NULL,
    activated integer NOT NULL,
    used integer NOT NULL,
    starts_on date,
    ends_on date
);

CREATE TABLE budgets (
    budget_id text PRIMARY KEY,
    organisation_id text NOT NULL REFERENCES organisations,
    team_id text REFERENCES teams ON DELETE CASCADE,      -- null: for the whole organisation
    name text NOT NULL DEFAULT '',
    currency text NOT NULL,                               -- ISO 4217
    amount numeric(14, 2) NOT NULL,
    spent numeric(14, 2) NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL
);

-- One row. Counts the changes of the tables above: an answer of before a change is not given again.
CREATE TABLE company_revision (revision bigint NOT NULL);
INSERT INTO company_revision VALUES (0);

CREATE INDEX person_trainings_by_organisation ON person_trainings (organisation_id);
CREATE INDEX certificates_by_organisation ON certificates (organisation_id);
CREATE INDEX target_people_by_profile ON target_people (profile_id);
CREATE INDEX seat_pools_by_organisation ON seat_pools (organisation_id);
CREATE INDEX budgets_by_organisation ON budgets (organisation_id);

-- Whether the viewer may see a row about one person that their organisation has written: the person, a manager of
-- theirs with whom they share their record, and those who have opened the record.
CREATE FUNCTION sees_employee(student uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE viewer_role()
        WHEN 'student' THEN student = viewer_student()
        WHEN 'manager' THEN shares_with_manager(student)
            AND EXISTS (SELECT FROM team_people AS member WHERE member.student_id = student)
        WHEN 'instructor' THEN student = ANY (viewer_opened())
        WHEN 'admin' THEN student = ANY (viewer_opened())
        WHEN 'service' THEN 'read' = ANY (viewer_scopes())
        ELSE false
    END
$$;

ALTER TABLE person_trainings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE certificates ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE target_people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY service ON person_trainings TO coursepulse_service USING (true);
CREATE POLICY service ON certificates TO coursepulse_service USING (true);
CREATE POLICY service ON target_people TO coursepulse_service USING (true);

CREATE POLICY viewer ON person_trainings FOR SELECT TO coursepulse_app USING (sees_employee(student_id));
CREATE POLICY viewer ON certificates FOR SELECT TO coursepulse_app USING (sees_employee(student_id));
CREATE POLICY viewer ON target_people FOR SELECT TO coursepulse_app USING (sees_employee(student_id));

GRANT SELECT ON person_trainings, certificates, target_people, target_profiles, target_needs TO coursepulse_app;


-- 14. Operation -------------------------------------------------------------------------------------------------------

-- What the slow jobs did and when, for administrators.
CREATE TABLE job_runs (
    job text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'failed', 'crashed')),
    sentence text NOT NULL
);
CREATE INDEX job_runs_by_time ON job_runs (started_at DESC);


-- 15. Grants ----------------------------------------------------------------------------------------------------------

-- Metrics read names, titles and positions. A migration that adds a table for them to read grants it itself, and guards
-- it with a policy if it has a student_id.
GRANT SELECT ON courses, lessons, videos, assessments, pipeline_positions TO coursepulse_app;
GRANT SELECT ON people, enrolments, course_members, team_people, consents, student_activity_events,
    student_analytics_profiles, student_profiles TO coursepulse_app;

-- What the service may do in this database. Called after every migration, so that new tables are its own too, except
-- for partitions, which it only adds rows to, and the audit trail, which nobody changes.
CREATE FUNCTION grant_service() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    GRANT USAGE ON SCHEMA public TO coursepulse_app, coursepulse_service;
    FOR name IN
        SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
          AND relname NOT IN ('audit_trail', 'schema_migrations')
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO coursepulse_service', name);
    END LOOP;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO coursepulse_service;
    GRANT SELECT, INSERT ON audit_trail TO coursepulse_service;
    GRANT SELECT ON schema_migrations TO coursepulse_service;
END
$$;

REVOKE EXECUTE ON FUNCTION grant_service() FROM PUBLIC;
