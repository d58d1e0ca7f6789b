-- Goals that students set for themselves: minutes a week, or a course finished by a day.
CREATE TABLE goals (
    student_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('weekly_minutes', 'finish_course')),
    course_id text NOT NULL DEFAULT '',                   -- empty: over all courses
    minutes integer,
    finish_on date,                                       -- the last day on which it is met
    set_at timestamptz NOT NULL,
    PRIMARY KEY (student_id, kind, course_id),
    CHECK ((kind = 'weekly_minutes') = (minutes IS NOT NULL)),
    CHECK ((kind = 'finish_course') = (finish_on IS NOT NULL AND course_id <> ''))
);

-- Nobody but the student is shown a goal: no teacher, manager, administrator or key, and no access grant opens it.
ALTER TABLE goals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY service ON goals TO coursepulse_service USING (true);
CREATE POLICY viewer ON goals FOR SELECT TO coursepulse_app USING (
    (SELECT viewer_role()) = 'student' AND student_id = (SELECT viewer_student())
);
GRANT SELECT ON goals TO coursepulse_app;
