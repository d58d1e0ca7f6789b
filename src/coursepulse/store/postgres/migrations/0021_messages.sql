-- When somebody drafted a message to a student about a course, to see afterwards whether it helped.
CREATE TABLE student_messages (
    student_id uuid NOT NULL,
    course_id text NOT NULL,
    at timestamptz NOT NULL,
    account text NOT NULL,                                -- who wrote
    PRIMARY KEY (course_id, student_id, at)
);

CREATE INDEX student_messages_by_student ON student_messages (student_id);

ALTER TABLE student_messages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY service ON student_messages TO coursepulse_service USING (true);
-- As with alerts about learners: those who teach the course, and the student finds it in the export.
CREATE POLICY viewer ON student_messages FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'instructor' THEN shares_course(student_id, course_id)
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);
GRANT SELECT ON student_messages TO coursepulse_app;
