-- Ids that stand for people who were anonymised: what leaves the installation row by row leaves them out.
CREATE TABLE IF NOT EXISTS anonymised
(
    replacement UUID COMMENT 'random; nothing leads from it to a person'
)
ENGINE = ReplacingMergeTree
ORDER BY replacement;

CREATE VIEW IF NOT EXISTS not_exported AS
SELECT student_id FROM left_out
UNION DISTINCT
SELECT replacement AS student_id FROM anonymised;
