-- When a lesson of a course was made anew, to see whether more go on since.
CREATE TABLE course_changes (
    course_id text NOT NULL REFERENCES courses ON DELETE CASCADE,
    changed_on date NOT NULL,
    lesson_id text NOT NULL,
    title text NOT NULL DEFAULT '',                       -- what changed
    PRIMARY KEY (course_id, changed_on, lesson_id)
);

GRANT SELECT ON course_changes TO coursepulse_app;
