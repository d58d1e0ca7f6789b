-- What PostgreSQL knows for predictions.

-- name: dates_of_courses
-- The first and the last day of courses, and their titles: runs of one course have one.
SELECT course_id, title, starts_on, ends_on FROM courses WHERE course_id = ANY (%(courses)s) ORDER BY course_id

-- name: roster_groups
-- Everybody with what may divide people into groups: organisation, team and time zone, null where nothing is known.
SELECT
    people.student_id,
    people.organisation_id,
    (SELECT min(team_id) FROM team_people WHERE team_people.student_id = people.student_id),
    people.time_zone
FROM people
WHERE NOT is_staff AND NOT is_test
ORDER BY people.student_id

-- name: note_model
-- A model that was trained, with its card.
INSERT INTO risk_models (model, trained_at, data_until, shown, why, card)
VALUES (%(model)s, %(trained_at)s, %(data_until)s, %(shown)s, %(why)s, %(card)s)

-- name: note_trained
-- Whose data a model was trained with.
INSERT INTO risk_model_students (model, student_id) SELECT %(model)s, unnest(%(students)s::uuid[])

-- name: crown
-- Makes a model the one that predicts.
INSERT INTO risk_champion (model, since, account) VALUES (%(model)s, %(at)s, %(account)s)
ON CONFLICT (one) DO UPDATE SET model = excluded.model, since = excluded.since, account = excluded.account

-- name: uncrown
-- No model predicts: the rule is shown alone.
DELETE FROM risk_champion

-- name: champion
-- The model that predicts now.
SELECT model, trained_at, data_until, shown, why, card, since FROM risk_champion JOIN risk_models USING (model)

-- name: all_models
-- Every model that was trained, the newest first.
SELECT m.model, trained_at, data_until, shown, why, card, c.model IS NOT NULL AS champion, since
FROM risk_models AS m LEFT JOIN risk_champion AS c USING (model)
ORDER BY trained_at DESC, model DESC

-- name: shown_before
-- The newest model that passed its gate before another one was trained.
SELECT model FROM risk_models
WHERE shown AND trained_at < (SELECT trained_at FROM risk_models WHERE model = %(model)s)
ORDER BY trained_at DESC LIMIT 1

-- name: put_prediction
-- What a model says of a learner, unless it looks at the same numbers as last time.
INSERT INTO risk_predictions (course_id, student_id, predicted_at, model, features_hash, probability, reasons)
SELECT %(course)s, %(student)s, %(at)s, %(model)s, %(hash)s, %(probability)s, %(reasons)s
WHERE NOT EXISTS (
    SELECT FROM (
        SELECT model, features_hash FROM risk_predictions
        WHERE course_id = %(course)s AND student_id = %(student)s
        ORDER BY predicted_at DESC LIMIT 1
    ) AS latest
    WHERE latest.model = %(model)s AND latest.features_hash = %(hash)s
)
ON CONFLICT (course_id, student_id, predicted_at) DO NOTHING

-- name: put_outcomes
-- What became of learners, for the predictions made before that was known.
UPDATE risk_predictions AS p SET outcome = told.outcome, outcome_on = told.known_on
FROM unnest(%(students)s::uuid[], %(outcomes)s::boolean[], %(days)s::date[]) AS told (student_id, outcome, known_on)
WHERE p.course_id = %(course)s AND p.student_id = told.student_id AND p.outcome IS NULL
    AND p.predicted_at < told.known_on

-- name: forget_predictions
-- Takes students out of everything that models said and were made of.
WITH
    said AS (DELETE FROM risk_predictions WHERE student_id = ANY (%(students)s) RETURNING 1),
    judged AS (DELETE FROM risk_verdicts WHERE student_id = ANY (%(students)s) RETURNING 1)
SELECT (SELECT count(*) FROM said) + (SELECT count(*) FROM judged)

-- name: put_verdict
-- What somebody says of the newest prediction about a learner.
INSERT INTO risk_verdicts (course_id, student_id, at, verdict, because, probability, model, account)
SELECT %(course)s, %(student)s, %(at)s, %(verdict)s, %(because)s, latest.probability, coalesce(latest.model, ''), %(account)s
FROM (SELECT 1) AS always
LEFT JOIN (
    SELECT probability, model FROM risk_predictions
    WHERE course_id = %(course)s AND student_id = %(student)s
    ORDER BY predicted_at DESC LIMIT 1
) AS latest ON true

-- name: count_verdicts
-- How teachers judged the predictions of each model.
SELECT model, verdict, count(*) AS times FROM risk_verdicts GROUP BY model, verdict ORDER BY model, verdict

-- name: read_upkeep
-- What the jobs of insight did last.
SELECT asked_at, asked_by, trained_at, told, trouble FROM risk_upkeep

-- name: ask_training
-- Somebody wants a training as soon as possible.
UPDATE risk_upkeep SET asked_at = %(at)s, asked_by = %(account)s

-- name: note_training
-- A training has ended.
UPDATE risk_upkeep SET trained_at = %(at)s, told = %(told)s

-- name: note_trouble
-- Why learners are not scored.
UPDATE risk_upkeep SET trouble = %(trouble)s WHERE trouble != %(trouble)s

-- name: put_drift
-- How far today is from what a model was trained on.
INSERT INTO risk_drift (model, measured_at, rows_seen, features, outcome)
VALUES (%(model)s, %(measured_at)s, %(rows_seen)s, %(features)s, %(outcome)s)
ON CONFLICT (model, measured_at) DO NOTHING

-- name: newest_drift
-- What was last measured of a model.
SELECT model, measured_at, rows_seen, features, outcome FROM risk_drift
WHERE model = %(model)s ORDER BY measured_at DESC LIMIT 1

-- name: outcomes_of_model
-- Learners whom a model spoke of, and the share of the lost, in courses where nine of ten ends are known: those who leave are
-- known at once, and would say of a course that goes on that everybody is lost.
SELECT sum(known), sum(lost)::float8 / nullif(sum(known), 0)
FROM (
    SELECT course_id, count(outcome) AS known, count(*) FILTER (WHERE outcome) AS lost
    FROM (SELECT DISTINCT course_id, student_id, outcome FROM risk_predictions WHERE model = %(model)s) AS learners
    GROUP BY course_id
    HAVING count(outcome) >= 0.9 * count(*)
) AS courses

-- name: prune_predictions
-- Lets go of what models said long ago, and of what teachers said of that. Who is still in a course is scored again.
WITH
    said AS (DELETE FROM risk_predictions WHERE predicted_at < %(before)s RETURNING 1),
    judged AS (DELETE FROM risk_verdicts WHERE at < %(before)s RETURNING 1)
SELECT (SELECT count(*) FROM said) + (SELECT count(*) FROM judged)
