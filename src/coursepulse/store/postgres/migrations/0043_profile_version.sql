-- Which cycle of the pipeline a profile knows of: one that is older than its student's days is made again after a start.

ALTER TABLE student_analytics_profiles ADD COLUMN version bigint NOT NULL DEFAULT 0;
