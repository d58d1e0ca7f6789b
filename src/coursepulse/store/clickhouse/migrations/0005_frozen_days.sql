-- Days whose raw events retention has dropped. Nothing recomputes their rows: history must not turn into zeros.
CREATE TABLE IF NOT EXISTS frozen_days
(
    day Date
)
ENGINE = ReplacingMergeTree
ORDER BY day
