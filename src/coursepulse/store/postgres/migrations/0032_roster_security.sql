-- Row-level security knows the roster: its enrolments decide who is in a course, and managers see members who agreed.

GRANT SELECT ON enrolments, team_people TO coursepulse_app;

ALTER TABLE enrolments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE team_people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY service ON enrolments TO coursepulse_service USING (true);
CREATE POLICY service ON team_people TO coursepulse_service USING (true);

CREATE FUNCTION viewer_teams() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('coursepulse.viewer_teams', true), ''), '{}')::text[]
$$;

CREATE POLICY viewer ON enrolments FOR SELECT TO coursepulse_app USING (
    (SELECT viewer_role()) = 'instructor' AND course_id = ANY ((SELECT viewer_courses())::text[])
);

CREATE POLICY viewer ON team_people FOR SELECT TO coursepulse_app USING (
    (SELECT viewer_role()) = 'manager' AND NOT manages AND team_id = ANY ((SELECT viewer_teams())::text[])
);

-- A manager reads of a member's consents only the one that the manager's own view hangs on.
DROP POLICY viewer ON consents;
CREATE POLICY viewer ON consents FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'manager' THEN purpose = 'employer_sharing'
            AND EXISTS (SELECT FROM team_people AS member WHERE member.student_id = consents.student_id)
        ELSE false
    END
);

-- Who is in one of the viewer's courses today: by the roster's row where there is one, else by the events.
-- With the viewer's own rights: what the policies above hide, this cannot find.
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

DROP POLICY viewer ON people;
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

DROP POLICY viewer ON student_activity_events;
CREATE POLICY viewer ON student_activity_events FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'instructor' THEN student_id = ANY ((SELECT viewer_opened())::uuid[]) OR shares_course(student_id, course_id)
        WHEN 'admin' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);
