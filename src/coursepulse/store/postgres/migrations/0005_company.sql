-- What an organisation has its people learn: training with due dates, certificates, target profiles, seats and budgets.

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
