-- A tenth of the usual samples: of a day partition only single students and ranges of the log are asked for.
SET LOCAL default_statistics_target = 10
