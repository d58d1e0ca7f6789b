-- Students who do not agree to analytics, and the newest version.
SELECT groupArray(student_id), (SELECT max(version) FROM not_agreed) FROM not_agreed FINAL
