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
