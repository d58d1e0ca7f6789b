-- What Superset reads: answers of the metrics, with small groups hidden and no row about a student.

-- The role that Superset signs in with is a member of this one, which may read these tables and nothing else.
DO $$
BEGIN
    IF to_regrole('coursepulse_superset') IS NULL THEN
        CREATE ROLE coursepulse_superset NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- roles belong to the cluster: another of its databases was faster
END
$$;

CREATE SCHEMA superset;

CREATE TABLE superset.platform_totals (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    active_learners bigint,
    active_courses bigint,
    enrolments bigint,
    lessons_completed bigint,
    courses_completed bigint,
    time_spent double precision,
    events bigint,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL
);

CREATE TABLE superset.platform_days (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    day date NOT NULL,
    active_learners bigint,
    active_courses bigint,
    events bigint,
    sessions bigint,
    time_spent double precision,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, day)
);

CREATE TABLE superset.active_users (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    day date NOT NULL,
    daily bigint,
    weekly bigint,
    monthly bigint,
    stickiness_pct double precision,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, day)
);

CREATE TABLE superset.courses (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    course_key text NOT NULL,
    course_id text NOT NULL,
    course text NOT NULL,
    learners_enrolled bigint,
    active_learners bigint,
    time_spent double precision,
    completion_pct double precision,
    score_pct double precision,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, course_id)
);

CREATE TABLE superset.retention (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    step text NOT NULL,
    cohort text NOT NULL,
    period bigint NOT NULL,
    learners bigint,
    returned bigint,
    returned_pct double precision,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, step, cohort, period)
);

CREATE TABLE superset.retention_registered (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    intake text NOT NULL,
    day bigint NOT NULL,
    enrolled bigint,
    registered bigint,
    registered_pct double precision,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, intake, day)
);

CREATE TABLE superset.course_totals (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    course_key text NOT NULL,
    course_id text NOT NULL,
    course text NOT NULL,
    learners_enrolled bigint,
    learners_agreed bigint,
    active_learners bigint,
    time_spent double precision,
    completion_pct double precision,
    score_pct double precision,
    watched_pct double precision,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, course_id)
);

CREATE TABLE superset.course_days (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    course_key text NOT NULL,
    course_id text NOT NULL,
    course text NOT NULL,
    day date NOT NULL,
    active_learners bigint,
    time_spent double precision,
    time_video double precision,
    time_quiz double precision,
    time_reading double precision,
    lessons_completed bigint,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, course_id, day)
);

CREATE TABLE superset.course_lessons (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    course_key text NOT NULL,
    course_id text NOT NULL,
    course text NOT NULL,
    place bigint,
    lesson_id text NOT NULL,
    title text,
    started bigint,
    completed bigint,
    stopped bigint,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, course_id, lesson_id)
);

CREATE TABLE superset.course_videos (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    course_key text NOT NULL,
    course_id text NOT NULL,
    course text NOT NULL,
    video_id text NOT NULL,
    title text,
    viewers bigint,
    watched_pct double precision,
    completed bigint,
    rewatch_pct double precision,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, course_id, video_id)
);

CREATE TABLE superset.course_assessments (
    shown_to text NOT NULL CHECK (shown_to IN ('platform', 'teachers')),
    course_key text NOT NULL,
    course_id text NOT NULL,
    course text NOT NULL,
    assessment_id text NOT NULL,
    title text,
    kind text,
    learners bigint,
    attempts bigint,
    score_pct double precision,
    passed bigint,
    passed_pct double precision,
    first_day date NOT NULL,
    last_day date NOT NULL,
    hidden boolean NOT NULL,
    PRIMARY KEY (shown_to, course_id, assessment_id)
);

GRANT USAGE ON SCHEMA superset TO coursepulse_service, coursepulse_superset;
GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA superset TO coursepulse_service;
GRANT SELECT ON ALL TABLES IN SCHEMA superset TO coursepulse_superset;
