-- Who learns and teaches, and what there is to learn: kept current by the roster endpoints.

-- The only table that knows the platform's own ids and names. Everything else speaks of student_id, a pseudonym.
CREATE TABLE people (
    student_id uuid PRIMARY KEY,
    external_id text NOT NULL UNIQUE,
    name text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    time_zone text NOT NULL DEFAULT 'UTC',
    is_staff boolean NOT NULL DEFAULT false,
    is_test boolean NOT NULL DEFAULT false
);

CREATE TABLE courses (
    course_id text PRIMARY KEY,
    title text NOT NULL DEFAULT '',
    starts_on date,
    ends_on date
);

-- `place` is the lesson's rank in the course, from 1.
CREATE TABLE lessons (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    lesson_id text NOT NULL,
    title text NOT NULL DEFAULT '',
    place integer NOT NULL,
    PRIMARY KEY (course_id, lesson_id)
);

-- `duration_s` in seconds; null while the platform has not said.
CREATE TABLE videos (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    video_id text NOT NULL,
    lesson_id text NOT NULL DEFAULT '',
    title text NOT NULL DEFAULT '',
    duration_s double precision CHECK (duration_s > 0),
    PRIMARY KEY (course_id, video_id)
);

-- `pass_mark` in per cent of the maximum score.
CREATE TABLE assessments (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    assessment_id text NOT NULL,
    title text NOT NULL DEFAULT '',
    kind text NOT NULL CHECK (kind IN ('quiz', 'assignment')),
    pass_mark real NOT NULL DEFAULT 60,
    due_at timestamptz,
    PRIMARY KEY (course_id, assessment_id)
);

CREATE TABLE teaching (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    instructor_external_id text NOT NULL,
    PRIMARY KEY (course_id, instructor_external_id)
);

CREATE INDEX teaching_by_instructor ON teaching (instructor_external_id);

-- History, never updated: the newest row of a student and purpose is what holds (GDPR art. 7(1): be able to
-- demonstrate that consent was given). `text_version` names the wording that was agreed to.
CREATE TABLE consents (
    seq bigserial PRIMARY KEY,
    student_id uuid NOT NULL,
    purpose text NOT NULL,
    granted boolean NOT NULL,
    text_version text NOT NULL DEFAULT '',
    source text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL
);

CREATE INDEX consents_by_student ON consents (student_id, purpose, seq DESC);
