-- The enrolments of the roster.

-- name: roster_newest
-- The newest change of the roster in the table, and how many rows came with it.
SELECT max(version), countIf(version = (SELECT max(version) FROM roster_enrolments)) FROM roster_enrolments FINAL
