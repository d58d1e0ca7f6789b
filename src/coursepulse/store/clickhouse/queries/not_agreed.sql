-- Students who have not agreed to analytics.

-- name: consent_marked
-- Students who do not agree to analytics, and the newest version.
SELECT groupArray(student_id), (SELECT max(version) FROM not_agreed) FROM not_agreed FINAL

-- name: consent_seen
-- Every student with an event or on the roster.
SELECT DISTINCT student_id FROM active_days
UNION DISTINCT
SELECT student_id FROM roster_enrolments

-- name: consent_days
-- The UTC days on which some students had events.
SELECT DISTINCT day FROM student_days WHERE student_id IN {students:Array(UUID)}

-- name: consent_mark
-- Students who do not agree to analytics (removed = 0), or agree again (removed = 1).
INSERT INTO not_agreed SELECT arrayJoin({students:Array(UUID)}), {version:UInt64}, {removed:UInt8}
