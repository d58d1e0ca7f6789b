-- What the jobs of insight did last, and how the world has changed since the model that predicts was trained.

-- One row: who asked for a training and when, what came of the last one, and why nobody is scored at present.
CREATE TABLE risk_upkeep (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    asked_at timestamptz,
    asked_by text NOT NULL DEFAULT '',
    trained_at timestamptz,                               -- when the last training ended, whatever came of it
    told text NOT NULL DEFAULT '',                        -- what came of it
    trouble text NOT NULL DEFAULT ''                      -- empty while learners are scored
);
INSERT INTO risk_upkeep DEFAULT VALUES;

-- Population stability indices of a model: of each feature, and of the share of the lost (null while too few ends are
-- known).
CREATE TABLE risk_drift (
    model text NOT NULL REFERENCES risk_models ON DELETE CASCADE,
    measured_at timestamptz NOT NULL,
    rows_seen integer NOT NULL,
    features jsonb NOT NULL,
    outcome double precision,
    PRIMARY KEY (model, measured_at)
);
