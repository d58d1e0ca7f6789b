-- Two roles that own nothing, and what each may see: the second lock behind the application's own check.

-- coursepulse_service takes in and keeps up: the pipeline, the roster, the jobs. coursepulse_app answers questions, and
-- sees a row about a student only as far as the viewer named in the transaction has to do with that student.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['coursepulse_app', 'coursepulse_service'] LOOP
        IF to_regrole(role) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- roles belong to the cluster: another database of it was faster
            END;
        END IF;
        IF NOT pg_has_role(current_user, role, 'SET') THEN
            EXECUTE format('GRANT %I TO %I', role, current_user);
        END IF;
    END LOOP;
END
$$;

-- Who is in which course now, as far as the profiles know: what ties an instructor to a student.
CREATE TABLE course_members (
    student_id uuid NOT NULL,
    course_id text NOT NULL,
    PRIMARY KEY (student_id, course_id)
);

-- The viewer, as the transaction says; nobody, when it says nothing.
CREATE FUNCTION viewer_role() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('coursepulse.viewer_role', true), '')
$$;

CREATE FUNCTION viewer_student() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('coursepulse.viewer_student', true), '')::uuid
$$;

CREATE FUNCTION viewer_courses() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('coursepulse.viewer_courses', true), ''), '{}')::text[]
$$;

CREATE FUNCTION viewer_opened() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('coursepulse.viewer_opened', true), ''), '{}')::uuid[]
$$;

CREATE FUNCTION viewer_scopes() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('coursepulse.viewer_scopes', true), ''), '{}')::text[]
$$;

-- What the service may do in this database. Called after every migration, so that new tables are its own too, except
-- for partitions, which nobody reaches but through their parent, and the audit trail, which nobody changes.
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
    GRANT TRUNCATE ON staging_events TO coursepulse_service;
    GRANT SELECT, INSERT ON audit_trail TO coursepulse_service;
    GRANT SELECT ON schema_migrations TO coursepulse_service;
END
$$;

REVOKE EXECUTE ON FUNCTION grant_service() FROM PUBLIC;

-- What makes, reads and drops partitions does so as the owner.
ALTER FUNCTION create_day_partitions(date[]) SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION expired_days(date) SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION drop_day_partitions(date[]) SECURITY DEFINER SET search_path = public, pg_temp;
REVOKE EXECUTE ON FUNCTION create_day_partitions(date[]), expired_days(date), drop_day_partitions(date[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION create_day_partitions(date[]), expired_days(date), drop_day_partitions(date[])
    TO coursepulse_service;
GRANT EXECUTE ON FUNCTION prune_audit_trail(bigint) TO coursepulse_service;

-- Metrics read names, titles and positions. A migration that adds a table for them to read grants it here.
GRANT SELECT ON courses, lessons, videos, assessments, pipeline_positions TO coursepulse_app;
GRANT SELECT ON people, student_analytics_profiles, student_profiles, student_activity_events, consents, course_members
    TO coursepulse_app;

-- A view answers with the rights of its owner, unless told otherwise.
ALTER VIEW student_profiles SET (security_invoker = true);

-- Forced: an owner who is no superuser sees nothing either.
ALTER TABLE people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE student_analytics_profiles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE student_activity_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE consents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE course_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY service ON people TO coursepulse_service USING (true);
CREATE POLICY service ON student_analytics_profiles TO coursepulse_service USING (true);
CREATE POLICY service ON student_activity_events TO coursepulse_service USING (true);
CREATE POLICY service ON consents TO coursepulse_service USING (true);
CREATE POLICY service ON course_members TO coursepulse_service USING (true);

-- The sub-selects make PostgreSQL read each setting once per statement, not once per row.
CREATE POLICY viewer ON course_members FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'instructor' THEN course_id = ANY ((SELECT viewer_courses())::text[])
        ELSE false
    END
);

-- Names stand beside numbers on lists, so an administrator may see any; a record itself only with a reason.
CREATE POLICY viewer ON people FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'instructor' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
            OR EXISTS (SELECT FROM course_members AS member WHERE member.student_id = people.student_id)
        WHEN 'admin' THEN true
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

-- An instructor sees what a student did in the instructor's own courses, while the student is in them.
CREATE POLICY viewer ON student_activity_events FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'student' THEN student_id = (SELECT viewer_student())
        WHEN 'instructor' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
            OR EXISTS (
                SELECT FROM course_members AS member
                WHERE member.student_id = student_activity_events.student_id
                  AND member.course_id = student_activity_events.course_id
            )
        WHEN 'admin' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);

CREATE POLICY viewer ON consents FOR SELECT TO coursepulse_app USING (
    (SELECT viewer_role()) = 'student' AND student_id = (SELECT viewer_student())
);
