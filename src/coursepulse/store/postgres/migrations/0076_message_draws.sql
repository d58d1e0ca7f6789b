-- Who of a list was drawn to be written to at once, and who to wait: so that the two can be compared fairly.

-- A draw: with its seed, the arms of those on the list come out again.
CREATE TABLE message_draws (
    draw_id uuid PRIMARY KEY,
    course_id text NOT NULL,
    seed bigint NOT NULL,
    at timestamptz NOT NULL,
    account text NOT NULL                                 -- who wrote
);

CREATE INDEX message_draws_by_course ON message_draws (course_id, at);

CREATE TABLE message_arms (
    draw_id uuid NOT NULL REFERENCES message_draws ON DELETE CASCADE,
    student_id uuid NOT NULL,
    at_once boolean NOT NULL,                             -- false: to be written to after the wait
    PRIMARY KEY (draw_id, student_id)
);

CREATE INDEX message_arms_by_student ON message_arms (student_id);

ALTER TABLE message_arms ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY service ON message_arms TO coursepulse_service USING (true);
-- As with messages: those who teach the course see who waits, and the student finds it in the export. An administrator
-- sees it of those whose record is open.
CREATE POLICY viewer ON message_arms FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'instructor' THEN shares_course(student_id, (SELECT course_id FROM message_draws AS d WHERE d.draw_id = message_arms.draw_id))
        WHEN 'admin' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);
GRANT SELECT ON message_draws, message_arms TO coursepulse_app;

-- Whether somebody who waits has been written to is seen by those who see that they wait.
DROP POLICY viewer ON student_messages;
CREATE POLICY viewer ON student_messages FOR SELECT TO coursepulse_app USING (
    CASE (SELECT viewer_role())
        WHEN 'instructor' THEN shares_course(student_id, course_id)
        WHEN 'admin' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);
