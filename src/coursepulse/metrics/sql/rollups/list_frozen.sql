-- The days whose rows are never written again.
SELECT day FROM frozen_days
