-- Where courses cut their risk matrix, each row from its moment on: numbers of the past keep the limits of their time.
CREATE TABLE risk_limits (
    course_id text NOT NULL,
    since timestamptz NOT NULL,
    struggling integer NOT NULL,                          -- points
    low_score double precision NOT NULL,                  -- per cent, like the next
    high_score double precision NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (course_id, since)
);
