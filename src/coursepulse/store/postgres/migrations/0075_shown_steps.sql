-- Which next steps students were shown, to see afterwards whether they took them and whether that helped.

-- Each advice about each thing once, when the student first saw it.
CREATE TABLE shown_steps (
    student_id uuid NOT NULL,
    course_id text NOT NULL,
    advice text NOT NULL,                                 -- the reason for it, as definitions/steps.py has them
    kind text NOT NULL,                                   -- lesson, video, quiz, assignment or course
    item_id text NOT NULL,
    shown_at timestamptz NOT NULL,
    PRIMARY KEY (course_id, student_id, advice, kind, item_id)
);

CREATE INDEX shown_steps_by_student ON shown_steps (student_id);

-- No viewer reads single rows: the service adds them up.
ALTER TABLE shown_steps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY service ON shown_steps TO coursepulse_service USING (true);
