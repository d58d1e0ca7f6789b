-- The names that students chose for leaderboards.
CREATE TABLE leaderboard_names (
    student_id uuid PRIMARY KEY,
    shown_as text NOT NULL,                               -- empty: an instructor removed it, and none has been chosen since
    folded text UNIQUE,                                   -- what makes two names the same; null while there is none
    chosen_at timestamptz NOT NULL,
    removed_at timestamptz,                               -- when an instructor last removed a name
    refused text[] NOT NULL DEFAULT '{}'                  -- removed names, folded: the student cannot choose them again
);

-- Metrics read names as the service, after the check of rights; under the roles of viewers a student sees only their own.
ALTER TABLE leaderboard_names ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY service ON leaderboard_names TO coursepulse_service USING (true);
CREATE POLICY viewer ON leaderboard_names FOR SELECT TO coursepulse_app USING (
    (SELECT viewer_role()) = 'student' AND student_id = (SELECT viewer_student())
);
GRANT SELECT ON leaderboard_names TO coursepulse_app;
