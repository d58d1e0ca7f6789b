-- Models of risk with their cards, what they predicted of whom, and what teachers said of it.

-- One row per model that was trained. Its card says what it was made of, how good it is, and why it is shown or not.
CREATE TABLE risk_models (
    model text PRIMARY KEY,                               -- its version in the registry
    trained_at timestamptz NOT NULL,
    data_until date NOT NULL,                             -- the last day of the data
    shown boolean NOT NULL,                               -- whether it passed its gate
    why text NOT NULL DEFAULT '',                         -- why it is not shown
    card jsonb NOT NULL
);

-- Which model predicts now, if any; who put it there by hand, and when.
CREATE TABLE risk_champion (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    model text NOT NULL REFERENCES risk_models,
    since timestamptz NOT NULL,
    account text NOT NULL DEFAULT ''                      -- empty: the weekly job
);

-- Whose data a model was trained with. The data themselves are read anew for each training, and kept nowhere.
CREATE TABLE risk_model_students (
    model text NOT NULL REFERENCES risk_models ON DELETE CASCADE,
    student_id uuid NOT NULL,
    PRIMARY KEY (student_id, model)
);

-- What a model said of a learner, each time that what it looks at had changed.
CREATE TABLE risk_predictions (
    course_id text NOT NULL,
    student_id uuid NOT NULL,
    predicted_at timestamptz NOT NULL,
    model text NOT NULL REFERENCES risk_models ON DELETE CASCADE,
    features_hash bytea NOT NULL,                         -- of the numbers that it looked at
    probability real NOT NULL CHECK (probability BETWEEN 0 AND 1),
    reasons jsonb NOT NULL DEFAULT '{}',                  -- features with their values and exact contributions
    outcome boolean,                                      -- whether it came true; null until that is known
    outcome_on date,
    PRIMARY KEY (course_id, student_id, predicted_at)
);

CREATE INDEX risk_predictions_by_student ON risk_predictions (student_id);
CREATE INDEX risk_predictions_pending ON risk_predictions (course_id) WHERE outcome IS NULL;

-- What somebody who teaches a course said of a prediction.
CREATE TABLE risk_verdicts (
    course_id text NOT NULL,
    student_id uuid NOT NULL,
    at timestamptz NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('confirmed', 'dismissed', 'wrong')),
    because text NOT NULL DEFAULT '' CHECK (char_length(because) <= 500),
    probability real,                                     -- what was shown then; null where the rule was
    model text NOT NULL DEFAULT '',
    account text NOT NULL,
    PRIMARY KEY (course_id, student_id, at)
);

CREATE INDEX risk_verdicts_by_student ON risk_verdicts (student_id);

ALTER TABLE risk_model_students ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE risk_predictions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE risk_verdicts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY service ON risk_model_students TO coursepulse_service USING (true);
CREATE POLICY service ON risk_predictions TO coursepulse_service USING (true);
CREATE POLICY service ON risk_verdicts TO coursepulse_service USING (true);

-- As with alerts: predictions are about students, not for them. Nobody sees one about themselves, and no manager sees any.
CREATE POLICY viewer ON risk_predictions FOR SELECT TO coursepulse_app USING (
    student_id IS DISTINCT FROM coalesce((SELECT viewer_student()), '00000000-0000-0000-0000-000000000000')
    AND CASE (SELECT viewer_role())
        WHEN 'instructor' THEN student_id = ANY ((SELECT viewer_opened())::uuid[]) OR shares_course(student_id, course_id)
        WHEN 'admin' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);
CREATE POLICY viewer ON risk_verdicts FOR SELECT TO coursepulse_app USING (
    student_id IS DISTINCT FROM coalesce((SELECT viewer_student()), '00000000-0000-0000-0000-000000000000')
    AND CASE (SELECT viewer_role())
        WHEN 'instructor' THEN student_id = ANY ((SELECT viewer_opened())::uuid[]) OR shares_course(student_id, course_id)
        WHEN 'admin' THEN student_id = ANY ((SELECT viewer_opened())::uuid[])
        WHEN 'service' THEN 'read' = ANY ((SELECT viewer_scopes())::text[])
        ELSE false
    END
);
GRANT SELECT ON risk_models, risk_champion, risk_predictions, risk_verdicts TO coursepulse_app;
