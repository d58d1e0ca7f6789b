-- Organisations, teams, enrolments and dated teaching: what ties people to each other today.

CREATE TABLE organisations (
    organisation_id text PRIMARY KEY,
    name text NOT NULL DEFAULT ''
);

ALTER TABLE people ADD COLUMN organisation_id text REFERENCES organisations;

CREATE TABLE teams (
    team_id text PRIMARY KEY,
    organisation_id text NOT NULL REFERENCES organisations,
    name text NOT NULL DEFAULT ''
);

-- Managers and members, by pseudonym. Somebody may manage one team and be a member of another, or of the same.
CREATE TABLE team_people (
    team_id text NOT NULL REFERENCES teams ON DELETE CASCADE,
    student_id uuid NOT NULL,
    manages boolean NOT NULL,
    PRIMARY KEY (student_id, manages, team_id)
);

CREATE INDEX team_people_by_team ON team_people (team_id);

-- The last day belongs to the enrolment. A row decides who is in a course; without one, the events do.
CREATE TABLE enrolments (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    student_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'ended')),
    starts_on date,
    ends_on date,
    PRIMARY KEY (course_id, student_id)
);

CREATE INDEX enrolments_by_student ON enrolments (student_id);

-- Who teaches, by pseudonym too. The rows of people on the roster move over; a platform that named a teacher who is
-- not on it names that teacher again with its next roster: the pseudonym cannot be made here, without the secret.
CREATE TABLE dated_teaching (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    teacher_id uuid NOT NULL,
    starts_on date,
    ends_on date,
    -- Stands in the course's own list of instructors, and goes when that list changes.
    listed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (teacher_id, course_id)
);

INSERT INTO dated_teaching (course_id, teacher_id, listed)
SELECT course_id, student_id, true
FROM teaching
JOIN people ON external_id = instructor_external_id;

DROP TABLE teaching;
ALTER TABLE dated_teaching RENAME TO teaching;
ALTER INDEX dated_teaching_pkey RENAME TO teaching_pkey;
CREATE INDEX teaching_by_course ON teaching (course_id);

ALTER TABLE lessons ADD COLUMN skills text[] NOT NULL DEFAULT '{}';
ALTER TABLE assessments ADD COLUMN skills text[] NOT NULL DEFAULT '{}';
